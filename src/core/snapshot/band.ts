/**
 * The band of a client: the choices that are hardly farther than the nearest one that is left, and share its clients by
 * weight. Nothing is allocated.
 */
import { ALL_BUCKETS } from '../health/slow-start.ts';
import { scrambled } from '../steering/hash.ts';
import { lotOf } from '../steering/rendezvous.ts';
import type { AnswerTable, DecisionsPart } from './answer-table.ts';
import {
  CHOICE_WEIGHT,
  CHOICE_WORDS,
  DECISION_BUCKETS,
  DECISION_WORDS,
  NONE,
  ORDER_BANDS,
  ORDER_COUNT,
  TARGET_SALT,
  TARGET_WORDS,
} from './layout.ts';
import { choiceAt } from './order.ts';

const DICE_SIDES = 2 ** 32;

/** The rank behind the band in an order whose decision has a map; 0 where the nearest alone starts, or nobody is left. */
export function bandEnd(table: AnswerTable, decision: number, order: number): number {
  const { orders } = table.classes;
  const bands = orders[order + ORDER_BANDS]!;
  if (bands === 0) return 0;
  const count = orders[order + ORDER_COUNT]!;
  for (let rank = 0; rank < count; rank++) {
    if (choiceAt(table, decision, order, rank) !== NONE) return orders[order + bands + rank]!;
  }
  return 0;
}

/** Whether more than one choice starts in the band that ends there. */
export function isShared(table: AnswerTable, decision: number, order: number, end: number): boolean {
  let starts = 0;
  for (let rank = 0; rank < end && starts < 2; rank++) {
    if (choiceAt(table, decision, order, rank) !== NONE) starts += 1;
  }
  return starts > 1;
}

/** The rank that the dice picks in a band, in exact proportion to the weights of its choices. */
export function drawnInBand(table: AnswerTable, decision: number, order: number, end: number, dice: number): number {
  let left = Math.floor(((dice >>> 0) * weightOfBand(table, decision, order, end)) / DICE_SIDES);
  for (let rank = 0; rank < end; rank++) {
    const choice = choiceAt(table, decision, order, rank);
    if (choice === NONE) continue;
    left -= weightOf(table.decisions, decision, choice);
    if (left < 0) return rank;
  }
  return 0;
}

/** The rank in a band whose choice keeps the clients of a key, as `keeperOf` says. */
export function keptInBand(table: AnswerTable, decision: number, order: number, end: number, key: number): number {
  const { pool } = table.decisions;
  const hashes = decision + pool[decision + DECISION_BUCKETS]!;
  let kept = 0;
  let smallest = Number.POSITIVE_INFINITY;
  for (let rank = 0; rank < end; rank++) {
    const choice = choiceAt(table, decision, order, rank);
    if (choice === NONE) continue;
    const lot = lotOf(key, pool[hashes + choice]!, weightOf(table.decisions, decision, choice));
    if (lot >= smallest) continue;
    smallest = lot;
    kept = rank;
  }
  return kept;
}

/**
 * The rank that starts where there is no band: the first that is left, or who its clients are passed on to while it does
 * not take all of them, as `takenBy` says. In exact proportion to `passedOn` of the shares.
 */
export function admittedRank(table: AnswerTable, decision: number, order: number, dice: number): number {
  const count = table.classes.orders[order + ORDER_COUNT]!;
  let first = NONE;
  let point = dice >>> 0;
  let sides = DICE_SIDES;
  for (let rank = 0; rank < count; rank++) {
    const choice = choiceAt(table, decision, order, rank);
    if (choice === NONE) continue;
    const share = weightOf(table.decisions, decision, choice);
    if (share === ALL_BUCKETS) return rank;
    const taken = (sides * share) / ALL_BUCKETS;
    if (point < taken) return rank;
    if (first === NONE) first = rank;
    point -= taken;
    sides -= taken;
  }
  return first === NONE ? 0 : first;
}

/** What the lots for a subnet (32 bits) are drawn with. Each hostname mixes subnets its own way, as for buckets. */
export function keyOf({ targets }: AnswerTable, target: number, subnet: number): number {
  return scrambled(subnet ^ targets.targets[target * TARGET_WORDS + TARGET_SALT]!);
}

/** The weight of one choice of a decision. */
function weightOf({ pool }: DecisionsPart, decision: number, choice: number): number {
  const at = decision + DECISION_WORDS + choice * CHOICE_WORDS + CHOICE_WEIGHT;
  return choice === 0 ? pool[at]! : pool[at]! - pool[at - CHOICE_WORDS]!;
}

function weightOfBand(table: AnswerTable, decision: number, order: number, end: number): number {
  let total = 0;
  for (let rank = 0; rank < end; rank++) {
    const choice = choiceAt(table, decision, order, rank);
    if (choice !== NONE) total += weightOf(table.decisions, decision, choice);
  }
  return total;
}
