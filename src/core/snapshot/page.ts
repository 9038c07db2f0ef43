/**
 * Writing records into a message: never behind the limit, no allocation. Every writer says whether it fitted; what did
 * not fit is not counted, and the lookup takes the whole answer back.
 */
import type { Answer } from './answer.ts';
import type { NamesPart } from './answer-table.ts';
import {
  LINK_NEEDED,
  LINK_OFFSET,
  LINK_RECORD,
  LINK_SET,
  LINK_WORDS,
  OWNER_OCTETS,
  RECORD_HEAD,
  SET_AT,
  SET_LINK_COUNT,
  SET_LINKS,
  SET_RECORDS,
  SET_SIZE,
  SET_WORDS,
  SOA_SERIAL_FROM_END,
} from './layout.ts';

/** The message under work. `answer.end` is where the next octet goes. */
export type Page = {
  message: Uint8Array;
  /** The same memory. */
  view: DataView;
  /** Offset behind the last octet that may be written. */
  limit: number;
  /** The serial of any SOA. */
  serial: number;
  answer: Answer;
  /** Where the name being answered stands in the message, uncompressed: the question's, then each CNAME's target. */
  nameAt: number;
  nameLength: number;
};

/** CLASS IN, where it stands above the upper half of the TTL. */
const CLASS_IN = 1 << 16;
/** Marks a compression pointer to an offset (RFC 1035 §4.1.4). */
const POINTER = 0xc000;
/** Greatest offset in octets that can be pointed to: a pointer has 14 bits. */
const MAX_POINTER = 0x3fff;

/** Writes one static RRset with this owner, or nothing. */
export function writeSet(names: NamesPart, set: number, ownerAt: number, page: Page): boolean {
  const base = set * SET_WORDS;
  return writeRecords(names, names.sets[base + SET_AT]!, names.sets[base + SET_SIZE]!, ownerAt, page);
}

/** Writes records that stand one behind the other in `octets`, each behind a pointer to its owner. */
export function writeRecords({ octets }: NamesPart, from: number, size: number, ownerAt: number, page: Page): boolean {
  const { message, limit, answer } = page;
  const start = answer.end;
  let end = start;
  let at = from;
  while (at < from + size) {
    const length = RECORD_HEAD + ((octets[at + RECORD_HEAD - 2]! << 8) | octets[at + RECORD_HEAD - 1]!);
    if (end + OWNER_OCTETS + length > limit || ownerAt > MAX_POINTER) return false;
    message[end] = (POINTER | ownerAt) >>> 8;
    message[end + 1] = ownerAt & 0xff;
    end += OWNER_OCTETS;
    for (let i = 0; i < length; i++) message[end + i] = octets[at + i]!;
    end += length;
    at += length;
  }
  answer.end = end;
  return true;
}

/** Puts the serial into the SOA that was written last. */
export function writeSerial({ view, answer, serial }: Page): void {
  view.setInt32(answer.end - SOA_SERIAL_FROM_END, serial);
}

/** Begins an own record: owner, type, class IN, TTL and length; the rdata follows. Writes nothing if it cannot. */
export function writeHead(page: Page, type: number, ttl: number, length: number): boolean {
  const { view, answer, nameAt } = page;
  const at = answer.end;
  if (at + OWNER_OCTETS + RECORD_HEAD + length > page.limit || nameAt > MAX_POINTER) return false;
  view.setInt32(at, ((POINTER | nameAt) << 16) | type);
  view.setInt32(at + 4, CLASS_IN | (ttl >>> 16));
  view.setInt32(at + 8, (ttl << 16) | length);
  answer.end = at + OWNER_OCTETS + RECORD_HEAD;
  return true;
}

/**
 * Adds the addresses of the names in a set that was written at `setAt`. What is not needed is left out where it does not
 * fit (RFC 2181 §9); glue of a referral is needed (RFC 9471 §3.1).
 */
export function writeAdditional(names: NamesPart, set: number, setAt: number, page: Page): boolean {
  const base = set * SET_WORDS;
  const first = names.sets[base + SET_LINKS]!;
  const last = first + names.sets[base + SET_LINK_COUNT]!;
  for (let link = first; link < last; link++) {
    const at = link * LINK_WORDS;
    const added = names.links[at + LINK_SET]!;
    const owners = (names.links[at + LINK_RECORD]! + 1) * OWNER_OCTETS;
    const ownerAt = setAt + owners + names.links[at + LINK_OFFSET]!;
    if (writeSet(names, added, ownerAt, page)) page.answer.additionals += recordsOf(names, added);
    else if (names.links[at + LINK_NEEDED] === 1) return false;
  }
  return true;
}

/** How many records a set has. */
export function recordsOf(names: NamesPart, set: number): number {
  return names.sets[set * SET_WORDS + SET_RECORDS]!;
}
