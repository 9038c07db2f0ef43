/** Rows of the DECISIONS part: what one shape of hostname says to the clients behind each fence while its candidates stand so. */
import type { Hostname } from '../desired/model.ts';
import { ALL_BUCKETS } from '../health/slow-start.ts';
import { admittedBy } from '../steering/admission.ts';
import { type Candidate, type Choice, DECISION_REASONS, type Decision } from '../steering/decision.ts';
import { hashOfText } from '../steering/hash.ts';
import { rank, steer } from '../steering/steer.ts';
import { bucketWords } from './buckets.ts';
import {
  CHOICE_WORDS,
  DECISION_ASIDE,
  DECISION_ASIDE_POINTS,
  DECISION_WORDS,
  NONE,
  SHARES_BY_DICE,
  SHARES_BY_SUBNET,
  SHARES_WHOLE,
} from './layout.ts';
import type { Fence } from './place-classes.ts';
import type { PlaceTable } from './place-table.ts';
import { type Said, said } from './said.ts';
import type { Shape } from './shape-book.ts';

/** The words of a row; all offsets in it are relative, so that it can stand anywhere. */
export type Row = Int32Array;

/** The row of a hostname of this shape whose candidates stand like this. */
export function makeRow(shape: Shape, hostname: Hostname, candidates: readonly Candidate[], places: PlaceTable): Row {
  const { fences } = shape.classes;
  const words: number[] = fences.map(() => 0);
  for (const [index, fence] of fences.entries()) {
    words[index] = words.length;
    for (const word of decisionWords(shape, hostname, candidates, fence, places)) words.push(word);
  }
  return Int32Array.from(words);
}

/** The decision for the clients behind one fence, and behind it the one for the other group of a rollout. */
function decisionWords(
  shape: Shape,
  hostname: Hostname,
  candidates: readonly Candidate[],
  { sample, ordered }: Fence,
  places: PlaceTable,
): number[] {
  const client = places.places[sample] ?? { kind: 'unknown' };
  const { policy } = hostname;
  const nearestBand = policy.nearestBand > 0 ? Number.POSITIVE_INFINITY : 0;
  const decision = ordered
    ? rank({ policy: { ...policy, nearestBand }, candidates, client })
    : steer({ policy, candidates, client });
  const ranked = ordered && decision.addresses.length === 0;
  const words = (one: Decision): number[] =>
    ranked ? rankedWords(shape, hostname, candidates, one) : wordsOf(said(one, hostname), [], [], SHARES_WHOLE);
  const { aside, ...own } = decision;
  const first = words(own);
  if (aside === undefined) return first;
  first[DECISION_ASIDE] = first.length;
  first[DECISION_ASIDE_POINTS] = aside.by === 'subnet' ? -aside.percent : aside.percent;
  return [...first, ...words({ ...own, choices: aside.choices, buckets: aside.buckets })];
}

/**
 * Where distances decide, the clusters of one client are ranked and the order is left to the class of each, and so is how
 * far a band reaches: here it holds everybody, so that each has its weight.
 */
function rankedWords(
  { classes, sites }: Shape,
  hostname: Hostname,
  candidates: readonly Candidate[],
  decision: Decision,
): number[] {
  const { policy } = hostname;
  const isBanded = policy.nearestBand > 0;
  const choiceOf = Array.from({ length: classes.sites }, () => NONE);
  for (const [choice, { candidates }] of decision.choices.entries()) {
    for (const candidate of candidates) choiceOf[sites[candidate]!] = choice;
  }
  const isKept = isBanded && policy.sticky === 'subnet';
  const hashes = isKept ? decision.choices.map(({ cluster }) => hashOfText(cluster)) : [];
  const weights = isBanded ? decision.choices : decision.choices.map((choice) => admitting(choice, candidates));
  const isWhole = isBanded || weights.every(({ weight }) => weight === ALL_BUCKETS);
  const inParts = policy.sticky === 'subnet' ? SHARES_BY_SUBNET : SHARES_BY_DICE;
  return wordsOf(said({ ...decision, choices: weights }, hostname), choiceOf, hashes, isWhole ? SHARES_WHOLE : inParts);
}

/** Without a band no weights count: in their place stands which share of its clients a choice takes. */
function admitting(choice: Choice, candidates: readonly Candidate[]): Choice {
  return { ...choice, weight: admittedBy({ candidates }, choice.candidates) };
}

/**
 * The words of a decision; `choiceOf` and `hashes` are empty where no distances decide, the latter where nobody is kept.
 * `shares` is one of `SHARES_*`.
 */
function wordsOf(
  { reason, ttl, answers, choices, buckets }: Said,
  choiceOf: readonly number[],
  hashes: readonly number[],
  shares: number,
): number[] {
  const refs: number[] = [];
  const refsAt = DECISION_WORDS + choices.length * CHOICE_WORDS;
  let weights = 0;
  const heads = choices.flatMap(({ weight, candidates }) => {
    const first = refsAt + refs.length;
    refs.push(...candidates);
    weights += weight;
    return [weights, first, candidates.length];
  });
  const mapAt = refsAt + refs.length;
  const map = choiceOf.length > 0 ? mapAt : 0;
  const owners = buckets.length + hashes.length > 0 ? mapAt + choiceOf.length : 0;
  const head = [ttl, answers, choices.length, map, owners, shares, 0, 0, DECISION_REASONS.indexOf(reason)];
  return [...head, ...heads, ...refs, ...choiceOf, ...bucketWords(buckets), ...hashes];
}
