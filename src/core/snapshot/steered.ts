/** Addresses of a steered name: whom this client is sent to now, by distance, by its subnet or drawn by weight. */
import type { Answer, Question } from './answer.ts';
import type { AnswerTable, DecisionsPart } from './answer-table.ts';
import { decisionFor } from './aside.ts';
import { admittedRank, bandEnd, drawnInBand, isShared, keptInBand, keyOf } from './band.ts';
import { bucketOf, ownerOf } from './buckets.ts';
import {
  CHOICE_COUNT,
  CHOICE_FIRST,
  CHOICE_WEIGHT,
  CHOICE_WORDS,
  DECISION_ANSWERS,
  DECISION_ASIDE,
  DECISION_BUCKETS,
  DECISION_CHOICES,
  DECISION_MAP,
  DECISION_REASON,
  DECISION_SHARES,
  DECISION_TTL,
  DECISION_WORDS,
  ENDPOINT_ADDRESS,
  ENDPOINT_CLUSTER,
  ENDPOINT_FAMILY,
  ENDPOINT_WORDS,
  NONE,
  ORDER_COUNT,
  OWNER_OCTETS,
  RECORD_HEAD,
  SHARES_BY_SUBNET,
  SHARES_WHOLE,
  TARGET_WORDS,
} from './layout.ts';
import { choiceAt, decisionAt, orderOf } from './order.ts';
import { type Page, writeHead } from './page.ts';
import { RR_TYPE } from './rr-type.ts';

const DICE_SIDES = 2 ** 32;
const WORD_OCTETS = Int32Array.BYTES_PER_ELEMENT;

/**
 * Writes the addresses of the asked family, none where the decision has none. Choices are taken (in a ring from the one
 * that starts, where distances decide a ring of the band and then nearest first) until one family has enough, whichever
 * is asked: so A and AAAA name the same clusters.
 */
export function writeSteered(table: AnswerTable, target: number, question: Question, page: Page): boolean {
  const { pool } = table.decisions;
  page.answer.target = target;
  const order = orderOf(table, target, question.place);
  if (order !== NONE) page.answer.placed = true;
  const whole = decisionAt(table, target, order);
  question.groupDice = question.dice;
  const isWhole = pool[whole + DECISION_ASIDE] === 0;
  const decision = isWhole ? whole : decisionFor(table, target, whole, question, page.answer);
  const choices = pool[decision + DECISION_CHOICES]!;
  if (choices === 0) {
    page.answer.reason = pool[decision + DECISION_REASON]!;
    return true;
  }
  const first = decision + DECISION_WORDS;
  const ordered = pool[decision + DECISION_MAP] !== 0;
  const ring = ordered ? bandEnd(table, decision, order) : choices;
  const start = !ordered
    ? startOf(table, target, decision, question, page.answer)
    : ring > 0
      ? startInBand(table, target, decision, order, ring, question, page.answer)
      : pool[decision + DECISION_SHARES] === SHARES_WHOLE
        ? 0
        : startByShare(table, target, decision, order, question, page.answer);
  const steps = ordered ? table.classes.orders[order + ORDER_COUNT]! : choices;
  const wanted = pool[decision + DECISION_ANSWERS]!;
  const ttl = pool[decision + DECISION_TTL]!;
  const { targets, endpoints } = table.targets;
  const candidates = targets[target * TARGET_WORDS]!;
  const asked = question.type === RR_TYPE.A ? 4 : 6;
  const before = page.answer.answers;
  let found4 = 0;
  let found6 = 0;
  for (let step = 0; step < steps && found4 < wanted && found6 < wanted; step++) {
    const at = start === 0 ? step : ring > 0 ? ringRank(step, start, ring) : listRank(step, start);
    const taken = ordered ? choiceAt(table, decision, order, at) : at;
    if (taken === NONE) continue;
    const choice = first + taken * CHOICE_WORDS;
    const refs = decision + pool[choice + CHOICE_FIRST]!;
    const count = pool[choice + CHOICE_COUNT]!;
    for (let i = 0; i < count; i++) {
      const endpoint = candidates + pool[refs + i]!;
      const family = endpoints[endpoint * ENDPOINT_WORDS + ENDPOINT_FAMILY]!;
      if (family === 4) found4 += 1;
      else if (family === 6) found6 += 1;
      if (family !== asked || page.answer.answers - before >= wanted) continue;
      if (!writeAddress(endpoints, endpoint, ttl, before, page)) return false;
    }
  }
  if (page.answer.answers > before) page.answer.reason = pool[decision + DECISION_REASON]!;
  return true;
}

/** A ring from the one that starts, then what is behind it. */
function ringRank(step: number, start: number, ring: number): number {
  return step < ring ? (start + step) % ring : step;
}

/** The one that starts, then the others from the first on. */
function listRank(step: number, start: number): number {
  if (step > start) return step;
  return step === 0 ? start : step - 1;
}

/** The choice that has the client's bucket, or where no subnet counts the one drawn. */
function startOf(table: AnswerTable, target: number, decision: number, question: Question, answer: Answer): number {
  const { pool } = table.decisions;
  if (pool[decision + DECISION_BUCKETS] === 0) return draw(table.decisions, decision, question.groupDice);
  answer.sticky = true;
  return ownerOf(pool, decision, bucketOf(table, target, question.subnet));
}

/** The rank in the client's order that starts in its band: the one that keeps its subnet, else the one drawn. */
function startInBand(
  table: AnswerTable,
  target: number,
  decision: number,
  order: number,
  ring: number,
  question: Question,
  answer: Answer,
): number {
  if (!isShared(table, decision, order, ring)) return 0;
  const isSticky = table.decisions.pool[decision + DECISION_BUCKETS] !== 0;
  if (!isSticky) return drawnInBand(table, decision, order, ring, question.groupDice);
  answer.sticky = true;
  return keptInBand(table, decision, order, ring, keyOf(table, target, question.subnet));
}

/** The rank in the client's order that starts where the nearest does not take all: by its subnet or by the dice. */
function startByShare(
  table: AnswerTable,
  target: number,
  decision: number,
  order: number,
  question: Question,
  answer: Answer,
): number {
  const isSticky = table.decisions.pool[decision + DECISION_SHARES] === SHARES_BY_SUBNET;
  if (!isSticky) return admittedRank(table, decision, order, question.groupDice);
  answer.sticky = true;
  return admittedRank(table, decision, order, keyOf(table, target, question.subnet));
}

/** The choice that the dice picks, in exact proportion to the weights; the first where all are 0. */
function draw({ pool }: DecisionsPart, decision: number, dice: number): number {
  const choices = pool[decision + DECISION_CHOICES]!;
  const first = decision + DECISION_WORDS;
  const total = pool[first + (choices - 1) * CHOICE_WORDS + CHOICE_WEIGHT]!;
  const point = Math.floor(((dice >>> 0) * total) / DICE_SIDES);
  for (let choice = 0; choice < choices; choice++) {
    if (pool[first + choice * CHOICE_WORDS + CHOICE_WEIGHT]! > point) return choice;
  }
  return 0;
}

function writeAddress(endpoints: Int32Array, endpoint: number, ttl: number, before: number, page: Page): boolean {
  const base = endpoint * ENDPOINT_WORDS;
  const family = endpoints[base + ENDPOINT_FAMILY]!;
  const words = family === 4 ? 1 : 4;
  const { answer, view } = page;
  if (answer.answers > before && isWritten(endpoints, base, words, before, page)) return true;
  if (!writeHead(page, family === 4 ? RR_TYPE.A : RR_TYPE.AAAA, ttl, words * WORD_OCTETS)) return false;
  const at = answer.end;
  for (let i = 0; i < words; i++) view.setInt32(at + i * WORD_OCTETS, endpoints[base + ENDPOINT_ADDRESS + i]!);
  answer.end = at + words * WORD_OCTETS;
  answer.answers += 1;
  if (answer.cluster === NONE) answer.cluster = endpoints[base + ENDPOINT_CLUSTER]!;
  return true;
}

/** Clusters may share an address; an RRset holds it once (RFC 2181 §5). */
function isWritten(endpoints: Int32Array, base: number, words: number, before: number, page: Page): boolean {
  const { view, answer } = page;
  const length = words * WORD_OCTETS;
  const size = OWNER_OCTETS + RECORD_HEAD + length;
  for (let back = 1; back <= answer.answers - before; back++) {
    const at = answer.end - (back - 1) * size - length;
    let i = 0;
    while (i < words && view.getInt32(at + i * WORD_OCTETS) === endpoints[base + ENDPOINT_ADDRESS + i]) i += 1;
    if (i === words) return true;
  }
  return false;
}
