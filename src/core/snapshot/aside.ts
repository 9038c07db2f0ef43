/** Which group of a rollout a client is of. Nothing is allocated. */
import { scrambled } from '../steering/hash.ts';
import type { Answer, Question } from './answer.ts';
import type { AnswerTable } from './answer-table.ts';
import { keyOf } from './band.ts';
import { ASIDE_POINTS, DECISION_ASIDE, DECISION_ASIDE_POINTS } from './layout.ts';

const SIDES = 2 ** 32;
/** Mixes the key of a subnet anew: within a group its buckets are not those few that brought it there. */
const OTHER_KEY = 0x9e3779b9;

/**
 * Where in `pool` the decision for this client starts: this one, or the one aside. Sets the dice of the question among
 * those clients: a part of an even spread is stretched to an even spread.
 */
export function decisionFor(
  table: AnswerTable,
  target: number,
  decision: number,
  question: Question,
  answer: Answer,
): number {
  const { pool } = table.decisions;
  const points = pool[decision + DECISION_ASIDE_POINTS]!;
  const other = decision + pool[decision + DECISION_ASIDE]!;
  if (points < 0) {
    answer.sticky = true;
    return isAside(asideKey(table, target, question.subnet), -points) ? other : decision;
  }
  const edge = (SIDES * points) / ASIDE_POINTS;
  const point = question.dice >>> 0;
  if (point < edge) {
    question.groupDice = Math.floor((point * SIDES) / edge) | 0;
    return other;
  }
  question.groupDice = Math.floor(((point - edge) * SIDES) / (SIDES - edge)) | 0;
  return decision;
}

/** Whether so many points (0–100) hold the client of a key (32 bits, unsigned). As they grow, nobody leaves again. */
export function isAside(key: number, points: number): boolean {
  return key * ASIDE_POINTS < SIDES * points;
}

/** 32 bits, unsigned, of a client's subnet (32 bits) that say which group is the client's. */
export function asideKey(table: AnswerTable, target: number, subnet: number): number {
  return scrambled(keyOf(table, target, subnet) ^ OTHER_KEY) >>> 0;
}
