/** A decision as the table holds it, and as it is read back to be compared with what steering decides. */
import type { Hostname } from '../desired/model.ts';
import { passedOn } from '../steering/admission.ts';
import type { Decision } from '../steering/decision.ts';
import type { AnswerTable } from './answer-table.ts';
import { bandEnd } from './band.ts';
import { readBuckets } from './buckets.ts';
import { lastAddressesOf } from './endpoints.ts';
import {
  CHOICE_COUNT,
  CHOICE_FIRST,
  CHOICE_WEIGHT,
  CHOICE_WORDS,
  DECISION_ANSWERS,
  DECISION_CHOICES,
  DECISION_MAP,
  DECISION_TTL,
  DECISION_WORDS,
  ENDPOINT_FAMILY,
  ENDPOINT_WORDS,
  ORDER_COUNT,
  TARGET_WORDS,
} from './layout.ts';
import { choiceAt, decisionAt } from './order.ts';

/** Candidates are indexes among the endpoints of the target. */
export type Said = {
  readonly ttl: number;
  readonly answers: number;
  readonly choices: readonly SaidChoice[];
  /** Bucket of client subnets → index of a choice; empty where none are used. */
  readonly buckets: readonly number[];
};

type SaidChoice = { readonly weight: number; readonly candidates: readonly number[] };

/** What the table says for a decision. Addresses of the last resort are one choice, and all of them are said. */
export function said({ ttl, answers, choices, buckets, addresses }: Decision, hostname: Hostname): Said {
  if (addresses.length === 0) {
    return { ttl, answers, choices: choices.map(({ weight, candidates }) => ({ weight, candidates })), buckets };
  }
  const candidates = addressIndexes(hostname, addresses);
  return { ttl, answers: Math.max(answers, addresses.length), choices: [{ weight: 1, candidates }], buckets: [] };
}

/** What the table says to the clients of one order (`order.ts`) of a target. */
export function readSaid(table: AnswerTable, target: number, order: number): Said {
  const { pool } = table.decisions;
  const decision = decisionAt(table, target, order);
  const choices = readChoices(pool, decision);
  const ttl = pool[decision + DECISION_TTL]!;
  const answers = pool[decision + DECISION_ANSWERS]!;
  if (pool[decision + DECISION_MAP] === 0) return { ttl, answers, choices, buckets: readBuckets(pool, decision) };
  const ranked = rankedChoices(table, decision, order, choices);
  const starts = ranked.filter(({ weight }) => weight > 0).length;
  const found: Record<number, number> = { 0: 0, 4: 0, 6: 0 };
  const isFull = ({ candidates }: SaidChoice, rank: number): boolean => {
    for (const candidate of candidates) found[familyOf(table, target, candidate)]! += 1;
    return rank + 1 >= starts && Math.max(found[4]!, found[6]!) >= answers;
  };
  const last = ranked.findIndex(isFull);
  return { ttl, answers, choices: last < 0 ? ranked : ranked.slice(0, last + 1), buckets: [] };
}

/** The choices of a decision with a map in the order of a client, with the weights by which they start. */
function rankedChoices(
  table: AnswerTable,
  decision: number,
  order: number,
  choices: readonly SaidChoice[],
): readonly SaidChoice[] {
  const end = bandEnd(table, decision, order);
  const ranked: SaidChoice[] = [];
  for (let rank = 0; rank < table.classes.orders[order + ORDER_COUNT]!; rank++) {
    const choice = choices[choiceAt(table, decision, order, rank)];
    if (choice !== undefined) ranked.push(end === 0 || rank < end ? choice : { ...choice, weight: 0 });
  }
  if (end > 0) return ranked;
  const starts = passedOn(ranked.map(({ weight }) => weight));
  return ranked.map((choice, rank) => ({ ...choice, weight: starts[rank]! }));
}

function readChoices(pool: Int32Array, decision: number): readonly SaidChoice[] {
  let weights = 0;
  return Array.from({ length: pool[decision + DECISION_CHOICES]! }, (_, index) => {
    const choice = decision + DECISION_WORDS + index * CHOICE_WORDS;
    const weight = pool[choice + CHOICE_WEIGHT]! - weights;
    weights += weight;
    const first = decision + pool[choice + CHOICE_FIRST]!;
    return { weight, candidates: Array.from(pool.subarray(first, first + pool[choice + CHOICE_COUNT]!)) };
  });
}

function familyOf({ targets: { targets, endpoints } }: AnswerTable, target: number, candidate: number): number {
  const endpoint = targets[target * TARGET_WORDS]! + candidate;
  return endpoints[endpoint * ENDPOINT_WORDS + ENDPOINT_FAMILY]!;
}

/** Where the addresses stand among the endpoints of the target: behind those of the clusters. */
function addressIndexes(hostname: Hostname, addresses: readonly string[]): number[] {
  const own = lastAddressesOf(hostname);
  return addresses.map((address) => hostname.endpoints.length + own.indexOf(address));
}
