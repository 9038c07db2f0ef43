import { readName } from '../core/snapshot/lookup.ts';
import type { Exchange } from './exchange.ts';
import { HEADER_OCTETS, MAX_LABEL_OCTETS, MAX_NAME_OCTETS, OPCODE, read16, readWord, TYPE } from './wire.ts';

/** TYPE, CLASS, TTL and RDLENGTH behind an owner name (RFC 1035 §4.1.3). */
const RECORD_FIXED_OCTETS = 10;
/** A pointer or length octet starts with these two bits (RFC 1035 §4.1.4). */
const POINTER_BITS = 0xc0;
const DNSSEC_OK = 0x8000;
/** QTYPE and QCLASS behind a question's name (RFC 1035 §4.1.2). */
const FIXED_QUESTION_OCTETS = 4;
/** The word of a message where the question's name begins. */
const QUESTION_WORD = HEADER_OCTETS / Int32Array.BYTES_PER_ELEMENT;

/**
 * Reads the whole query once, front to back: question, then every record for its bounds, noting OPT and TSIG. Never
 * follows a pointer, never allocates. What is wrong sets `form` (or `edns.state`); what was read before it stays. The
 * caller made sure of a whole header and a reset exchange.
 */
export function readMessage(exchange: Exchange): void {
  const { query } = exchange;
  exchange.opcode = (query[2]! >> 3) & 0xf;
  exchange.questions = read16(query, 4);
  const answers = read16(query, 6);
  const authorities = read16(query, 8);
  const additionals = read16(query, 10);
  let at = HEADER_OCTETS;
  if (exchange.questions === 1) at = readQuestion(exchange);
  // RFC 9619: more than one is a format error. What follows cannot be found without reading them.
  else if (exchange.questions > 1) at = -1;
  if (at >= 0) at = skipRecords(exchange, at, answers + authorities);
  if (at >= 0) at = readAdditionals(exchange, at, additionals);
  if (at !== exchange.length || hasForeignSections(exchange, answers, authorities)) exchange.form = 'broken';
}

/** A standard query has no records but in the additional section; IXFR brings its SOA (RFC 1995 §3). */
function hasForeignSections(exchange: Exchange, answers: number, authorities: number): boolean {
  if (exchange.opcode !== OPCODE.query) return false;
  return answers > 0 || (authorities > 0 && exchange.question.type !== TYPE.ixfr);
}

/** Returns the offset behind the question, or -1 where it is malformed. A pointer has nothing to point at. */
function readQuestion(exchange: Exchange): number {
  const { query, length, question, asked } = exchange;
  // The name ends with the root, and type and class follow.
  const last = Math.min(length - FIXED_QUESTION_OCTETS, HEADER_OCTETS + MAX_NAME_OCTETS) - 1;
  let at = HEADER_OCTETS;
  for (;;) {
    if (at > last) return -1;
    const label = query[at]!;
    if (label === 0) break;
    if (label > MAX_LABEL_OCTETS) return -1;
    at += label + 1;
  }
  at += 1;
  readName(question, asked.words, QUESTION_WORD, at - HEADER_OCTETS);
  const typeAndClass = asked.view.getInt32(at);
  question.type = typeAndClass >>> 16;
  exchange.questionClass = typeAndClass & 0xffff;
  exchange.questionEnd = at + FIXED_QUESTION_OCTETS;
  return exchange.questionEnd;
}

/** Skips the answer and authority sections; OPT and TSIG belong to neither (RFC 6891 §6.1.1, RFC 8945 §5.1). */
function skipRecords(exchange: Exchange, start: number, count: number): number {
  let at = start;
  for (let i = 0; i < count; i++) {
    const owner = skipName(exchange, at);
    at = owner < 0 ? -1 : recordEnd(exchange, owner);
    if (at < 0) return -1;
    const type = read16(exchange.query, owner);
    if (type === TYPE.opt || type === TYPE.tsig) return -1;
  }
  return at;
}

function readAdditionals(exchange: Exchange, start: number, count: number): number {
  let at = start;
  for (let i = 0; i < count; i++) {
    const owner = skipName(exchange, at);
    if (owner < 0 || owner + RECORD_FIXED_OCTETS > exchange.length) return -1;
    const end = recordEnd(exchange, owner);
    const type = read16(exchange.query, owner);
    if (type === TYPE.opt) readOpt(exchange, at, owner, end);
    if (end < 0) return -1;
    if (type === TYPE.tsig) {
      // RFC 8945 §5.1: the last record of the message, or a format error.
      if (i !== count - 1) return -1;
      exchange.tsig.start = at;
      exchange.tsig.ownerEnd = owner;
      exchange.tsig.end = end;
    }
    at = end;
  }
  return at;
}

function readOpt(exchange: Exchange, start: number, owner: number, end: number): void {
  const { edns, query } = exchange;
  const second = edns.state !== 'absent';
  // RFC 6891 §6.1.1: one OPT at most; §6.1.2: its owner is the root.
  edns.state = second || owner !== start + 1 || end < 0 ? 'bad' : 'good';
  if (second) return;
  const flags = readWord(query, owner + 4);
  edns.udpSize = read16(query, owner + 2);
  edns.version = (flags >>> 16) & 0xff;
  edns.dnssecOk = (flags & DNSSEC_OK) !== 0;
  edns.start = owner + RECORD_FIXED_OCTETS;
  edns.end = end;
}

/** Offset behind a record whose owner name ends at `at`, or -1 where it is cut. */
function recordEnd(exchange: Exchange, at: number): number {
  if (at + RECORD_FIXED_OCTETS > exchange.length) return -1;
  const end = at + RECORD_FIXED_OCTETS + read16(exchange.query, at + 8);
  return end > exchange.length ? -1 : end;
}

/** Offset behind a name, or -1. A pointer ends the name and is not followed; it must point back behind the header. */
function skipName(exchange: Exchange, start: number): number {
  const { query, length } = exchange;
  let at = start;
  while (at < length) {
    const label = query[at]!;
    if (label >= POINTER_BITS) {
      const target = read16(query, at) & 0x3fff;
      return at + 2 > length || target >= start || target < HEADER_OCTETS ? -1 : at + 2;
    }
    if (label > MAX_LABEL_OCTETS || at + 1 - start > MAX_NAME_OCTETS) return -1;
    at += label + 1;
    if (label === 0) return at - start > MAX_NAME_OCTETS ? -1 : at;
  }
  return -1;
}
