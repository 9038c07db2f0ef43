/**
 * The answer to one question from the answer table: RFC 1034 §4.3.2 with RFC 4592 (wildcards), RFC 2308 (negative
 * answers), RFC 6604 (CNAME chains), RFC 8482 (ANY) and RFC 9471 (glue). Nothing is allocated and nothing throws.
 */
import { type Answer, clearAnswer, type Question } from './answer.ts';
import type { AnswerTable, NamesPart } from './answer-table.ts';
import {
  FLAG_APEX,
  FLAG_CUT,
  NODE_FLAGS,
  NODE_LENGTH,
  NODE_SET_COUNT,
  NODE_SETS,
  NODE_TARGET,
  NODE_WORDS,
  NODE_ZONE,
  NONE,
  OWNER_OCTETS,
  QUESTION_AT,
  RECORD_HEAD,
  SET_ALIAS,
  SET_TYPE,
  SET_WORDS,
  ZONE_APEX_LENGTH,
  ZONE_CUT,
  ZONE_PARENT,
  ZONE_SOA,
  ZONE_SOA_SIZE,
  ZONE_WORDS,
} from './layout.ts';
import { BELOW, EXACT, locate, meetingOf, nodeOf, OUTSIDE } from './locate.ts';
import type { MessageBuffer } from './message-buffer.ts';
import { type Page, recordsOf, writeAdditional, writeHead, writeRecords, writeSerial, writeSet } from './page.ts';
import { RR_TYPE } from './rr-type.ts';
import { writeSteered } from './steered.ts';

export {
  type Answer,
  clearAnswer,
  createAnswer,
  createQuestion,
  type Outcome,
  type Question,
  readName,
  setName,
} from './answer.ts';

/** CNAMEs in one answer at most; a longer chain ends there and the resolver asks on. */
const MAX_CNAME_HOPS = 8;

const NXDOMAIN = 3;
const REFUSED = 5;
/** TTL in seconds of the HINFO that answers ANY. */
const HINFO_TTL_S = 3600;
/** CPU "RFC8482", OS "" (RFC 8482 §4.2). */
const HINFO_RDATA = Uint8Array.from([7, 0x52, 0x46, 0x43, 0x38, 0x34, 0x38, 0x32, 0]);

const followed = new Int32Array(MAX_CNAME_HOPS);
/** The one page of this thread; opened again for each question. */
let kept: Page | undefined;

/**
 * Fills `answer` and writes its sections into `message` from `start`, at most up to `limit`. Header and question stand
 * there already, the question's name at offset 12.
 */
export function lookup(
  table: AnswerTable,
  question: Question,
  message: MessageBuffer,
  start: number,
  limit: number,
  answer: Answer,
): void {
  clearAnswer(answer, start);
  answer.outcome = 'refused';
  answer.rcode = REFUSED;
  const { names } = table;
  let spot = locate(names, question.name, question.nameLength, question.nameHash);
  if (spot === OUTSIDE) return;
  answer.rcode = 0;
  answer.authoritative = true;
  answer.zone = names.nodes[nodeOf(spot) * NODE_WORDS + NODE_ZONE]!;
  const page = open(message, Math.min(limit, message.octets.length), table.serial, question.nameLength, answer);
  let alias = aliasAt(names, spot, question.type);
  let fits = true;
  for (let hop = 0; fits && alias !== NONE && isNew(alias, hop); hop++) {
    followed[hop] = alias;
    fits = writeAlias(names, alias, page);
    spot = names.sets[alias * SET_WORDS + SET_ALIAS]!;
    alias = spot === OUTSIDE ? NONE : aliasAt(names, spot, question.type);
  }
  // Our part of the chain ends outside our zones, in a loop or at the limit: the resolver asks on from the last CNAME.
  answer.outcome = 'answer';
  if (fits && spot !== OUTSIDE && alias === NONE) fits = conclude(table, question, spot, page);
  if (!fits) truncate(answer, start);
}

/** What is said at the last name. */
function conclude(table: AnswerTable, question: Question, spot: number, page: Page): boolean {
  const { names } = table;
  const { type } = question;
  const node = nodeOf(spot);
  const flags = names.nodes[node * NODE_WORDS + NODE_FLAGS]!;
  const zone = names.nodes[node * NODE_WORDS + NODE_ZONE]!;
  if ((flags & FLAG_CUT) !== 0) {
    // DS is the one type that the parent answers at the cut (RFC 4035 §3.1.4.1).
    const isParents = type === RR_TYPE.DS && meetingOf(spot) === EXACT;
    return isParents ? answerStatic(names, node, type, zone, page) : refer(names, node, page);
  }
  if (meetingOf(spot) === BELOW) return deny(names, zone, NXDOMAIN, page);
  if (type === RR_TYPE.DS && (flags & FLAG_APEX) !== 0) return answerDs(names, node, zone, page);
  if (type === RR_TYPE.ANY) return answerAny(names, node, zone, page);
  const target = names.nodes[node * NODE_WORDS + NODE_TARGET]!;
  const isSteered = target !== NONE && (type === RR_TYPE.A || type === RR_TYPE.AAAA);
  if (!isSteered) return answerStatic(names, node, type, zone, page);
  const before = page.answer.answers;
  const fits = writeSteered(table, target, question, page);
  return fits && page.answer.answers === before ? deny(names, zone, 0, page) : fits;
}

function answerStatic(names: NamesPart, node: number, type: number, zone: number, page: Page): boolean {
  const set = findSet(names, node, type);
  if (set === NONE) return deny(names, zone, 0, page);
  const setAt = page.answer.end;
  if (!writeSet(names, set, page.nameAt, page)) return false;
  if (type === RR_TYPE.SOA) writeSerial(page);
  page.answer.answers += recordsOf(names, set);
  return writeAdditional(names, set, setAt, page);
}

/** DS at the apex of one of our zones: the parent zone's word, if we have the parent (RFC 4035 §3.1.4.1). */
function answerDs(names: NamesPart, node: number, zone: number, page: Page): boolean {
  const parent = names.zones[zone * ZONE_WORDS + ZONE_PARENT]!;
  if (parent === NONE) return deny(names, zone, 0, page);
  const cut = names.zones[zone * ZONE_WORDS + ZONE_CUT]!;
  return cut === NONE ? answerStatic(names, node, RR_TYPE.DS, parent, page) : refer(names, cut, page);
}

/** RFC 8482 §4.2: one synthesized HINFO for a name with data; an alias answers itself. */
function answerAny(names: NamesPart, node: number, zone: number, page: Page): boolean {
  if (findSet(names, node, RR_TYPE.CNAME) !== NONE) return answerStatic(names, node, RR_TYPE.CNAME, zone, page);
  const base = node * NODE_WORDS;
  const isEmpty = names.nodes[base + NODE_SET_COUNT] === 0 && names.nodes[base + NODE_TARGET] === NONE;
  if (isEmpty) return deny(names, zone, 0, page);
  if (!writeHead(page, RR_TYPE.HINFO, HINFO_TTL_S, HINFO_RDATA.length)) return false;
  const { message, answer } = page;
  for (let i = 0; i < HINFO_RDATA.length; i++) message[answer.end + i] = HINFO_RDATA[i]!;
  answer.end += HINFO_RDATA.length;
  answer.answers += 1;
  return true;
}

/** NXDOMAIN or NODATA (`rcode` 0) with the zone's SOA (RFC 2308 §2). */
function deny(names: NamesPart, zone: number, rcode: number, page: Page): boolean {
  const { answer } = page;
  answer.outcome = rcode === NXDOMAIN ? 'nxdomain' : 'nodata';
  answer.rcode = rcode;
  const base = zone * ZONE_WORDS;
  // The apex is a suffix of the name being answered, so its owner is a pointer into that.
  const ownerAt = page.nameAt + page.nameLength - names.zones[base + ZONE_APEX_LENGTH]!;
  if (!writeRecords(names, names.zones[base + ZONE_SOA]!, names.zones[base + ZONE_SOA_SIZE]!, ownerAt, page)) {
    return false;
  }
  writeSerial(page);
  answer.authorities += 1;
  return true;
}

/** NS of the cut without AA, with the glue (RFC 1034 §4.3.2 step 3b). After a CNAME of ours AA stays: it speaks of that. */
function refer(names: NamesPart, cut: number, page: Page): boolean {
  const { answer } = page;
  answer.outcome = 'referral';
  answer.authoritative = answer.answers > 0;
  const set = findSet(names, cut, RR_TYPE.NS);
  const ownerAt = page.nameAt + page.nameLength - names.nodes[cut * NODE_WORDS + NODE_LENGTH]!;
  const setAt = answer.end;
  if (!writeSet(names, set, ownerAt, page)) return false;
  answer.authorities += recordsOf(names, set);
  return writeAdditional(names, set, setAt, page);
}

/** The CNAME that stands for every other type at a name, or NONE; it has no other sets beside it. */
function aliasAt(names: NamesPart, spot: number, type: number): number {
  if (type === RR_TYPE.CNAME || type === RR_TYPE.ANY || meetingOf(spot) === BELOW) return NONE;
  const base = nodeOf(spot) * NODE_WORDS;
  if (names.nodes[base + NODE_SET_COUNT] !== 1) return NONE;
  const set = names.nodes[base + NODE_SETS]!;
  return names.sets[set * SET_WORDS + SET_TYPE] === RR_TYPE.CNAME ? set : NONE;
}

function isNew(alias: number, hop: number): boolean {
  if (hop === MAX_CNAME_HOPS) return false;
  for (let i = 0; i < hop; i++) if (followed[i] === alias) return false;
  return true;
}

/** Writes the CNAME and goes on to its target, whose name now stands in the message. */
function writeAlias(names: NamesPart, alias: number, page: Page): boolean {
  const { answer } = page;
  const at = answer.end;
  if (!writeSet(names, alias, page.nameAt, page)) return false;
  answer.answers += 1;
  page.nameAt = at + OWNER_OCTETS + RECORD_HEAD;
  page.nameLength = answer.end - page.nameAt;
  return true;
}

function findSet(names: NamesPart, node: number, type: number): number {
  const base = node * NODE_WORDS;
  const first = names.nodes[base + NODE_SETS]!;
  const last = first + names.nodes[base + NODE_SET_COUNT]!;
  for (let set = first; set < last; set++) if (names.sets[set * SET_WORDS + SET_TYPE] === type) return set;
  return NONE;
}

function open(
  { octets, view }: MessageBuffer,
  limit: number,
  serial: number,
  nameLength: number,
  answer: Answer,
): Page {
  kept ??= { message: octets, view, limit, serial, answer, nameAt: QUESTION_AT, nameLength };
  kept.message = octets;
  kept.view = view;
  kept.limit = limit;
  kept.serial = serial;
  kept.answer = answer;
  kept.nameAt = QUESTION_AT;
  kept.nameLength = nameLength;
  return kept;
}

/** RFC 2181 §9: what was written goes, TC stands, and the client comes again over TCP. */
function truncate(answer: Answer, start: number): void {
  answer.truncated = true;
  answer.answers = 0;
  answer.authorities = 0;
  answer.additionals = 0;
  answer.end = start;
}
