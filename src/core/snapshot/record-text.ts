/** The records of an answer as people read them. Reads messages that `lookup` wrote, and only those. */
import { parseAddress } from '../desired/address.ts';
import { nameFromWire } from '../desired/domain-name.ts';
import type { Answer } from './answer.ts';
import { RECORD_HEAD } from './layout.ts';
import { RR_TYPE, typeName } from './rr-type.ts';

/** One record of an answer; `data` in master-file form (RFC 1035 §5.1, RFC 3597 §5 for types without one here). */
export type AnsweredRecord = {
  readonly section: 'answer' | 'authority' | 'additional';
  readonly owner: string;
  readonly type: string;
  readonly ttl: number;
  readonly data: string;
};

/** All records that stand in `message` from `start`. */
export function readRecords(message: Uint8Array, start: number, answer: Answer): readonly AnsweredRecord[] {
  const records: AnsweredRecord[] = [];
  const view = new DataView(message.buffer, message.byteOffset, message.byteLength);
  let at = start;
  const read = (section: AnsweredRecord['section'], count: number): void => {
    for (let i = 0; i < count; i++) {
      const owner = readName(message, at);
      const type = view.getUint16(owner.end);
      const rdata = owner.end + RECORD_HEAD;
      const end = rdata + view.getUint16(rdata - 2);
      const data = dataText(view, message, type, rdata, end);
      records.push({ section, owner: owner.name, type: typeName(type), ttl: view.getUint32(owner.end + 4), data });
      at = end;
    }
  };
  read('answer', answer.answers);
  read('authority', answer.authorities);
  read('additional', answer.additionals);
  return records;
}

function dataText(view: DataView, message: Uint8Array, type: number, at: number, end: number): string {
  switch (type) {
    case RR_TYPE.A:
      return message.subarray(at, end).join('.');
    case RR_TYPE.AAAA:
      return addressText6(view, at);
    case RR_TYPE.NS:
    case RR_TYPE.CNAME:
      return absolute(message, at);
    case RR_TYPE.MX:
      return `${view.getUint16(at)} ${absolute(message, at + 2)}`;
    case RR_TYPE.SRV:
      return `${[0, 2, 4].map((field) => view.getUint16(at + field)).join(' ')} ${absolute(message, at + 6)}`;
    case RR_TYPE.SOA:
      return soaText(view, message, at);
    case RR_TYPE.TXT:
    case RR_TYPE.HINFO:
      return stringsText(message, at, end);
    case RR_TYPE.CAA: {
      const value = at + 2 + message[at + 1]!;
      return `${message[at]!} ${ascii(message, at + 2, value)} "${ascii(message, value, end)}"`;
    }
    case RR_TYPE.DS:
      return `${view.getUint16(at)} ${message[at + 2]!} ${message[at + 3]!} ${hex(message, at + 4, end)}`;
    default:
      return `\\# ${end - at} ${hex(message, at, end)}`;
  }
}

function addressText6(view: DataView, at: number): string {
  const text = Array.from({ length: 8 }, (_, group) => view.getUint16(at + group * 2).toString(16)).join(':');
  return parseAddress(text)?.text ?? text;
}

function soaText(view: DataView, message: Uint8Array, at: number): string {
  const mname = readName(message, at);
  const rname = readName(message, mname.end);
  const fields = [0, 4, 8, 12, 16].map((field) => view.getUint32(rname.end + field));
  return `${mname.name}. ${rname.name}. ${fields.join(' ')}`;
}

function stringsText(message: Uint8Array, at: number, end: number): string {
  const strings: string[] = [];
  for (let next = at; next < end; next += message[next]! + 1) {
    strings.push(`"${ascii(message, next + 1, next + 1 + message[next]!)}"`);
  }
  return strings.join(' ');
}

function absolute(message: Uint8Array, at: number): string {
  return `${readName(message, at).name}.`;
}

/** A name and the offset behind it. Pointers lead to earlier names that hold none themselves, or end in one. */
function readName(message: Uint8Array, start: number): { readonly name: string; readonly end: number } {
  const wire: number[] = [];
  let at = start;
  while (message[at]! > 0 && message[at]! < 0xc0) {
    const next = at + message[at]! + 1;
    wire.push(...message.subarray(at, next));
    at = next;
  }
  if (message[at] === 0) return { name: nameFromWire(Uint8Array.of(...wire, 0)), end: at + 1 };
  const rest = readName(message, ((message[at]! & 0x3f) << 8) | message[at + 1]!).name;
  const head = nameFromWire(Uint8Array.of(...wire, 0));
  return { name: [head, rest].filter((part) => part !== '').join('.'), end: at + 2 };
}

/** Printable ASCII, quotes and backslashes escaped; the rest as \DDD. */
function ascii(message: Uint8Array, from: number, to: number): string {
  let text = '';
  for (const octet of message.subarray(from, to)) {
    const letter = String.fromCharCode(octet);
    if (octet < 0x20 || octet > 0x7e) text += `\\${String(octet).padStart(3, '0')}`;
    else text += letter === '"' || letter === '\\' ? `\\${letter}` : letter;
  }
  return text;
}

function hex(message: Uint8Array, from: number, to: number): string {
  return Array.from(message.subarray(from, to), (octet) => octet.toString(16).padStart(2, '0')).join('');
}
