/** Addresses of a steered name: whom this client is sent to now, by distance or drawn by weight. */
import type { Question } from './answer.ts';
import type { AnswerTable, DecisionsPart } from './answer-table.ts';
import {
  ADDRESS_OCTETS,
  CHOICE_COUNT,
  CHOICE_FIRST,
  CHOICE_WEIGHT,
  CHOICE_WORDS,
  DECISION_ANSWERS,
  DECISION_CHOICES,
  DECISION_MAP,
  DECISION_TTL,
  DECISION_WORDS,
  ENDPOINT_CLUSTER,
  ENDPOINT_FAMILY,
  ENDPOINT_WORDS,
  NONE,
  ORDER_COUNT,
  OWNER_OCTETS,
  RECORD_HEAD,
  TARGET_WORDS,
} from './layout.ts';
import { choiceAt, decisionAt, orderOf } from './order.ts';
import { type Page, writeHead } from './page.ts';
import { RR_TYPE } from './rr-type.ts';

const DICE_SIDES = 2 ** 32;

/**
 * Writes the addresses of the asked family, none where the decision has none. Choices are taken (nearest first, or in a
 * ring from the one drawn) until one family has enough, whichever is asked: so A and AAAA name the same clusters.
 */
export function writeSteered(table: AnswerTable, target: number, question: Question, page: Page): boolean {
  const { pool } = table.decisions;
  const order = orderOf(table, target, question.place);
  if (order !== NONE) page.answer.placed = true;
  const decision = decisionAt(table, target, order);
  const choices = pool[decision + DECISION_CHOICES]!;
  if (choices === 0) return true;
  const first = decision + DECISION_WORDS;
  const ordered = pool[decision + DECISION_MAP] !== 0;
  const start = ordered ? 0 : draw(table.decisions, first, choices, question.dice);
  const steps = ordered ? table.classes.orders[order + ORDER_COUNT]! : choices;
  const wanted = pool[decision + DECISION_ANSWERS]!;
  const before = page.answer.answers;
  let found4 = 0;
  let found6 = 0;
  for (let step = 0; step < steps && found4 < wanted && found6 < wanted; step++) {
    const taken = ordered ? choiceAt(table, decision, order, step) : (start + step) % choices;
    if (taken === NONE) continue;
    const choice = first + taken * CHOICE_WORDS;
    const refs = decision + pool[choice + CHOICE_FIRST]!;
    const count = pool[choice + CHOICE_COUNT]!;
    for (let i = 0; i < count; i++) {
      const endpoint = table.names.targets[target * TARGET_WORDS]! + pool[refs + i]!;
      const family = table.names.endpoints[endpoint * ENDPOINT_WORDS + ENDPOINT_FAMILY]!;
      if (family === 4) found4 += 1;
      else if (family === 6) found6 += 1;
      const isAsked = family === (question.type === RR_TYPE.A ? 4 : 6);
      if (!isAsked || page.answer.answers - before >= wanted) continue;
      if (!writeAddress(table, endpoint, family, pool[decision + DECISION_TTL]!, before, page)) return false;
    }
  }
  return true;
}

/** The choice that the dice picks, in exact proportion to the weights; the first where all are 0. */
function draw({ pool }: DecisionsPart, first: number, choices: number, dice: number): number {
  const total = pool[first + (choices - 1) * CHOICE_WORDS + CHOICE_WEIGHT]!;
  const point = Math.floor((dice * total) / DICE_SIDES);
  for (let choice = 0; choice < choices; choice++) {
    if (pool[first + choice * CHOICE_WORDS + CHOICE_WEIGHT]! > point) return choice;
  }
  return 0;
}

function writeAddress(
  { names }: AnswerTable,
  endpoint: number,
  family: number,
  ttl: number,
  before: number,
  page: Page,
): boolean {
  const length = family === 4 ? 4 : 16;
  if (isWritten(names.addresses, endpoint, length, before, page)) return true;
  if (!writeHead(page, family === 4 ? RR_TYPE.A : RR_TYPE.AAAA, ttl, length)) return false;
  const { message, answer } = page;
  for (let i = 0; i < length; i++) message[answer.end + i] = names.addresses[endpoint * ADDRESS_OCTETS + i]!;
  answer.end += length;
  answer.answers += 1;
  if (answer.cluster === NONE) answer.cluster = names.endpoints[endpoint * ENDPOINT_WORDS + ENDPOINT_CLUSTER]!;
  return true;
}

/** Clusters may share an address; an RRset holds it once (RFC 2181 §5). */
function isWritten(addresses: Uint8Array, endpoint: number, length: number, before: number, page: Page): boolean {
  const { message, answer } = page;
  const size = OWNER_OCTETS + RECORD_HEAD + length;
  for (let back = 1; back <= answer.answers - before; back++) {
    const at = answer.end - (back - 1) * size - length;
    let i = 0;
    while (i < length && message[at + i] === addresses[endpoint * ADDRESS_OCTETS + i]) i += 1;
    if (i === length) return true;
  }
  return false;
}
