/**
 * From a client's place to its decision, and to its choices in order. An order is where the order of the client's class
 * starts in `classes.orders`, or NONE where the place does not matter.
 */
import type { AnswerTable } from './answer-table.ts';
import { DECISION_MAP, NONE, ORDER_FENCE, ORDER_SITES } from './layout.ts';

/** The order of a place for a target. A place that is none counts as unknown. */
export function orderOf({ classes, places }: AnswerTable, target: number, place: number): number {
  const base = classes.base[target]!;
  return base === NONE ? NONE : classes.orderOf[base + (place < places.places.length ? place : 0)]!;
}

/** Where in `pool` the decision for the clients of an order starts. */
export function decisionAt({ classes, decisions }: AnswerTable, target: number, order: number): number {
  const row = decisions.rowOf[target]!;
  return row + decisions.pool[row + (order === NONE ? 0 : classes.orders[order + ORDER_FENCE]!)]!;
}

/** The choice at one step of an order, or NONE: nobody is left there, or the cluster came before at a nearer site. */
export function choiceAt({ classes, decisions }: AnswerTable, decision: number, order: number, step: number): number {
  const map = decision + decisions.pool[decision + DECISION_MAP]!;
  const choice = decisions.pool[map + classes.orders[order + ORDER_SITES + step]!]!;
  for (let before = 0; before < step; before++) {
    if (decisions.pool[map + classes.orders[order + ORDER_SITES + before]!] === choice) return NONE;
  }
  return choice;
}
