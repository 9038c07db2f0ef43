import { type Answer, type DecodedPacket, decode, encode, RECURSION_DESIRED } from 'dns-packet';
import { parseAddress } from '../core/desired/address.ts';
import type { Monitor, ProbeExpectation } from '../core/desired/model.ts';
import { type ProbeQuestion, parseQuestion } from '../core/desired/probe-question.ts';
import { messageOf } from '../core/error-message.ts';
import { ProbeError } from './failure.ts';
import { failed, type ProbeOutcome, SUCCESS } from './probe.ts';

/** Longest answer that is read, in octets: reading one takes time that grows with the square of its length. */
export const MAX_ANSWER_BYTES = 8192;

/** Octets of the header of a DNS message (RFC 1035 §4.1.1). */
const HEADER = 12;

/** What is asked, with the name that it is asked for ('' for the root). */
export type Asked = { readonly id: number; readonly name: string; readonly type: ProbeQuestion['type'] };

/** What a monitor asks. `id` from 0 to 65535. */
export function askedBy(monitor: Monitor, id: number): Asked {
  const question = parseQuestion(monitor.path);
  if (question === undefined) throw new ProbeError('internal', `not a question: ${monitor.path}`);
  const { subject, type } = question;
  return { id, name: subject.kind === 'hostname' ? monitor.host : subject.name, type };
}

/** The query, with RD set: who is no resolver does not mind. */
export function queryOf({ id, name, type }: Asked): Buffer {
  return encode({ type: 'query', id, flags: RECURSION_DESIRED, questions: [{ type, name: name || '.' }] });
}

/** Whether a message claims to be the answer to the query: what does not may come from anybody. */
export function answers(message: Buffer, { id }: Asked): boolean {
  return message.length >= HEADER && message.readUInt16BE(0) === id && (message[2]! & 0x80) !== 0;
}

/** Whether TC is set (RFC 1035 §4.1.1): all of it is to be had over TCP. */
export function isTruncated(message: Buffer): boolean {
  return (message[2]! & 0x02) !== 0;
}

/** Judges the answer to the query. NOERROR with an answer is a success where nothing else is expected. */
export function judgeAnswer(message: Buffer, asked: Asked, expect: ProbeExpectation): ProbeOutcome {
  const packet = parsed(message);
  const rcode = String(packet.rcode);
  if (!repeats(packet, asked)) return failed('protocol', 'the answer is to another question');
  if (expect.kind === 'rcode') return expect.codes.includes(rcode) ? SUCCESS : failed('status', rcode);
  if (rcode !== 'NOERROR') return failed('status', rcode);
  const found = packet.answers ?? [];
  if (found.length === 0) return failed('answer', 'NOERROR without an answer');
  if (expect.kind !== 'answer') return SUCCESS;
  const wanted = spelled(expect.text);
  const isThere = found.some((record) => spelled(dataText(record)) === wanted);
  return isThere ? SUCCESS : failed('answer', `none of the ${found.length} answers has the data`);
}

function parsed(message: Buffer): DecodedPacket & { readonly rcode?: unknown } {
  if (message.length > MAX_ANSWER_BYTES) throw new ProbeError('protocol', `answer over ${MAX_ANSWER_BYTES} octets`);
  try {
    return decode(message);
  } catch (error) {
    throw new ProbeError('protocol', messageOf(error));
  }
}

/** Errors may come without the question. */
function repeats({ questions = [], answers: found = [] }: DecodedPacket, { name, type }: Asked): boolean {
  const [question] = questions;
  if (question === undefined) return found.length === 0;
  return questions.length === 1 && question.type === type && spelled(question.name) === spelled(name || '.');
}

/** The data of a record as it stands in a zone file; of an SOA the two names; '' of types that are not asked for. */
function dataText(record: Answer): string {
  const { type } = record;
  if (type === 'A' || type === 'AAAA' || type === 'CNAME' || type === 'NS' || type === 'PTR') return record.data;
  if (type === 'MX') return `${record.data.preference ?? 0} ${record.data.exchange}`;
  if (type === 'SOA') return `${record.data.mname} ${record.data.rname}`;
  if (type === 'CAA') return `${record.data.flags ?? 0} ${record.data.tag} ${record.data.value}`;
  if (type === 'TXT') return textOf(record.data);
  if (type !== 'SRV') return '';
  const { priority = 0, weight = 0, port, target } = record.data;
  return `${priority} ${weight} ${port} ${target}`;
}

function textOf(data: unknown): string {
  if (Array.isArray(data)) return data.map(textOf).join('');
  return Buffer.isBuffer(data) || typeof data === 'string' ? data.toString() : '';
}

/** One spelling of names and addresses, so that they can be compared. */
function spelled(text: string): string {
  const lower = text.toLowerCase();
  return parseAddress(lower)?.text ?? (lower.endsWith('.') ? lower.slice(0, -1) : lower);
}
