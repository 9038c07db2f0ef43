/** Rows of the DECISIONS part: what one shape of hostname says to each class of clients while its candidates stand so. */
import type { Hostname } from '../desired/model.ts';
import type { Candidate, Decision } from '../steering/decision.ts';
import { steer } from '../steering/steer.ts';
import type { DecisionsPart } from './answer-table.ts';
import { lastAddressesOf } from './endpoints.ts';
import {
  CHOICE_COUNT,
  CHOICE_FIRST,
  CHOICE_WEIGHT,
  CHOICE_WORDS,
  DECISION_ANSWERS,
  DECISION_CHOICES,
  DECISION_TTL,
  DECISION_WORDS,
} from './layout.ts';
import type { PlaceTable } from './place-table.ts';
import type { Shape } from './plan.ts';

/** The words of a row; all offsets in it are relative, so that it can stand anywhere. */
export type Row = Int32Array;

/** A decision as the table holds it: candidates are indexes among the endpoints of the target. */
export type Said = {
  readonly ttl: number;
  readonly answers: number;
  readonly choices: readonly { readonly weight: number; readonly candidates: readonly number[] }[];
};

/** Rows that one shape keeps in memory; with the next one it starts anew. */
const MAX_ROWS_PER_SHAPE = 64;

/** The row of a hostname whose candidates stand like this. */
export function rowFor(shape: Shape, hostname: Hostname, candidates: readonly Candidate[], places: PlaceTable): Row {
  const key = statesKey(hostname, candidates);
  const known = shape.rows.get(key);
  if (known !== undefined) return known;
  const row = makeRow(shape, hostname, candidates, places);
  if (shape.rows.size >= MAX_ROWS_PER_SHAPE) shape.rows.clear();
  shape.rows.set(key, row);
  return row;
}

/** Everything about the candidates that steering reads and that the shape does not fix. */
function statesKey({ policy }: Hostname, candidates: readonly Candidate[]): string {
  let key = '';
  for (const { state, drain, secondsToChange } of candidates) key += `${state} ${drain} ${secondsToChange},`;
  if (policy.lastResort.kind !== 'last') return key;
  // Only the order of the times counts.
  const times = [...new Set(candidates.map(({ since }) => since))].toSorted((a, b) => a - b);
  const rank = new Map(times.map((since, index) => [since, index]));
  return key + candidates.map(({ since }) => rank.get(since)).join(' ');
}

function makeRow({ classes }: Shape, hostname: Hostname, candidates: readonly Candidate[], places: PlaceTable): Row {
  const words: number[] = classes.samples.map(() => 0);
  const known = new Map<string, number>();
  for (const [index, sample] of classes.samples.entries()) {
    const client = places.places[sample] ?? { kind: 'unknown' };
    const decision = wordsOf(said(steer({ policy: hostname.policy, candidates, client }), hostname));
    const key = decision.join(' ');
    const at = known.get(key) ?? words.length;
    if (at === words.length) words.push(...decision);
    known.set(key, at);
    words[index] = at;
  }
  return Int32Array.from(words);
}

/** What the table says for a decision. Addresses of the last resort are one choice, and all of them are said. */
export function said({ ttl, answers, choices, addresses }: Decision, hostname: Hostname): Said {
  if (addresses.length === 0) {
    return { ttl, answers, choices: choices.map(({ weight, candidates }) => ({ weight, candidates })) };
  }
  const candidates = addressIndexes(hostname, addresses);
  return { ttl, answers: Math.max(answers, addresses.length), choices: [{ weight: 1, candidates }] };
}

/** What the table says to one class of clients of a target. */
export function readSaid({ rowOf, pool }: DecisionsPart, target: number, placeClass: number): Said {
  const row = rowOf[target]!;
  const decision = row + pool[row + placeClass]!;
  let weights = 0;
  const choices = Array.from({ length: pool[decision + DECISION_CHOICES]! }, (_, index) => {
    const choice = decision + DECISION_WORDS + index * CHOICE_WORDS;
    const weight = pool[choice + CHOICE_WEIGHT]! - weights;
    weights += weight;
    const first = decision + pool[choice + CHOICE_FIRST]!;
    return { weight, candidates: Array.from(pool.subarray(first, first + pool[choice + CHOICE_COUNT]!)) };
  });
  return { ttl: pool[decision + DECISION_TTL]!, answers: pool[decision + DECISION_ANSWERS]!, choices };
}

function wordsOf({ ttl, answers, choices }: Said): number[] {
  const words = [ttl, answers, choices.length];
  const refs: number[] = [];
  const refsAt = DECISION_WORDS + choices.length * CHOICE_WORDS;
  let weights = 0;
  for (const { weight, candidates } of choices) {
    weights += weight;
    words.push(weights, refsAt + refs.length, candidates.length);
    refs.push(...candidates);
  }
  return [...words, ...refs];
}

/** Where the addresses stand among the endpoints of the target: behind those of the clusters. */
function addressIndexes(hostname: Hostname, addresses: readonly string[]): number[] {
  const own = lastAddressesOf(hostname);
  return addresses.map((address) => hostname.endpoints.length + own.indexOf(address));
}
