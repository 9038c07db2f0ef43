/** A decision as the table holds it, and as it is read back to be compared with what steering decides. */
import type { Hostname } from '../desired/model.ts';
import { passedOn } from '../steering/admission.ts';
import { type Aside, type Choice, DECISION_REASONS, type Decision, type DecisionReason } from '../steering/decision.ts';
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
  DECISION_ASIDE,
  DECISION_ASIDE_POINTS,
  DECISION_CHOICES,
  DECISION_MAP,
  DECISION_REASON,
  DECISION_TTL,
  DECISION_WORDS,
  ENDPOINT_FAMILY,
  ENDPOINT_WORDS,
  NONE,
  ORDER_COUNT,
  TARGET_WORDS,
} from './layout.ts';
import { choiceAt, decisionAt } from './order.ts';

/** Candidates are indexes among the endpoints of the target. */
export type Said = {
  readonly reason: DecisionReason;
  readonly ttl: number;
  readonly answers: number;
  readonly choices: readonly SaidChoice[];
  /** Bucket of client subnets → index of a choice; empty where none are used. */
  readonly buckets: readonly number[];
  /** What is said to the clients of the other group of a rollout. */
  readonly aside?: SaidAside;
};

/** `percent`: how many of the clients, 1 to 99. */
type SaidAside = Pick<Said, 'choices' | 'buckets'> & Pick<Aside, 'percent' | 'by'>;

type SaidChoice = { readonly weight: number; readonly candidates: readonly number[] };

/** What the table says for a decision. Addresses of the last resort are one choice, and all of them are said. */
export function said(decision: Decision, hostname: Hostname): Said {
  const { reason, ttl, answers, choices, buckets, aside, addresses } = decision;
  if (addresses.length === 0) {
    const own = { reason, ttl, answers, choices: choices.map(saidChoice), buckets };
    return aside === undefined ? own : { ...own, aside: { ...aside, choices: aside.choices.map(saidChoice) } };
  }
  const candidates = addressIndexes(hostname, addresses);
  const all = Math.max(answers, addresses.length);
  return { reason, ttl, answers: all, choices: [{ weight: 1, candidates }], buckets: [] };
}

function saidChoice({ weight, candidates }: Choice): SaidChoice {
  return { weight, candidates };
}

/** One choice that answers start at: its first candidate, and its share (fraction, 0–1) of the answers. */
export type Start = { readonly candidate: number; readonly share: number };

/** Where the answers start; the shares sum up to 1, and there are none where nobody is answered. */
export function startsOf({ choices, aside }: Said): readonly Start[] {
  const other = (aside?.percent ?? 0) / 100;
  return [...startsAmong(choices, 1 - other), ...startsAmong(aside?.choices ?? [], other)];
}

function startsAmong(choices: readonly SaidChoice[], part: number): readonly Start[] {
  const total = choices.reduce((sum, { weight }) => sum + weight, 0);
  return choices.flatMap(({ weight, candidates }, rank) => {
    // Without any weight the first choice starts every answer.
    const share = total > 0 ? weight / total : Number(rank === 0);
    return share > 0 ? [{ candidate: candidates[0] ?? NONE, share: share * part }] : [];
  });
}

/** What the table says to the clients of one order (`order.ts`) of a target. */
export function readSaid(table: AnswerTable, target: number, order: number): Said {
  const { pool } = table.decisions;
  const decision = decisionAt(table, target, order);
  const reason = DECISION_REASONS[pool[decision + DECISION_REASON]!]!;
  const ttl = pool[decision + DECISION_TTL]!;
  const answers = pool[decision + DECISION_ANSWERS]!;
  const own = { reason, ttl, answers, ...readGroup(table, target, order, decision) };
  const aside = pool[decision + DECISION_ASIDE]!;
  if (aside === 0) return own;
  const points = pool[decision + DECISION_ASIDE_POINTS]!;
  const who = { percent: Math.abs(points), by: points < 0 ? ('subnet' as const) : ('dice' as const) };
  return { ...own, aside: { ...who, ...readGroup(table, target, order, decision + aside) } };
}

function readGroup(
  table: AnswerTable,
  target: number,
  order: number,
  decision: number,
): Pick<Said, 'choices' | 'buckets'> {
  const { pool } = table.decisions;
  const choices = readChoices(pool, decision);
  if (pool[decision + DECISION_MAP] === 0) return { choices, buckets: readBuckets(pool, decision) };
  const answers = pool[decision + DECISION_ANSWERS]!;
  const ranked = rankedChoices(table, decision, order, choices);
  const starts = ranked.filter(({ weight }) => weight > 0).length;
  const found: Record<number, number> = { 0: 0, 4: 0, 6: 0 };
  const isFull = ({ candidates }: SaidChoice, rank: number): boolean => {
    for (const candidate of candidates) found[familyOf(table, target, candidate)]! += 1;
    return rank + 1 >= starts && Math.max(found[4]!, found[6]!) >= answers;
  };
  const last = ranked.findIndex(isFull);
  return { choices: last < 0 ? ranked : ranked.slice(0, last + 1), buckets: [] };
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
