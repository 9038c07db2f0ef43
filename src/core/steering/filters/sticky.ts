import { BUCKETS, dealBuckets } from '../buckets.ts';
import type { Choice, Decision, SteerInput, Trace } from '../decision.ts';
import { isRanked } from './nearest.ts';

/** The choices of now, and those that there would be were everybody of the same tier usable. */
export type Ordered = { readonly choices: readonly Choice[]; readonly peers: () => readonly Choice[] };

/**
 * Where subnets are to keep their cluster and several clusters may start: whose each bucket of subnets is. The weight of
 * a choice becomes how many buckets it has. A cluster that is not usable now keeps its place among the others, so that
 * nobody else's clients move while it is away; its weight is the greatest of all its endpoints, up or down.
 * Where distances order the choices each place has its own: there is nothing to deal, the subnet is hashed (`keeperOf` in a
 * band, `takenBy` where the nearest starts slowly).
 */
export function sticky(
  input: SteerInput,
  { choices, peers }: Ordered,
  trace?: Trace,
): Pick<Decision, 'choices' | 'buckets'> {
  const starts = choices.filter(({ weight }) => weight > 0).length;
  if (input.policy.sticky === 'none' || starts < 2) return { choices, buckets: [] };
  if (isRanked(input)) {
    if (trace !== undefined) traceHashed(input, choices, trace);
    return { choices, buckets: [] };
  }
  const owners = ownersOf(choices, peers());
  const counts = choices.map(() => 0);
  for (const owner of owners) counts[owner]! += 1;
  const shared = choices.map((choice, index) => ({ ...choice, weight: counts[index]! }));
  if (trace !== undefined) traceBuckets(shared, trace);
  // One owner of everything: no subnet is told anything else than another.
  return { choices: shared, buckets: counts.includes(BUCKETS) ? [] : owners };
}

/** Bucket → index of a choice. */
function ownersOf(choices: readonly Choice[], peers: readonly Choice[]): readonly number[] {
  // Who may not start (weight 0 without the step `standby`) has no buckets.
  const starts = [...choices.entries()].filter(([, { weight }]) => weight > 0);
  const indexes = new Map(starts.map(([index, { cluster }]) => [cluster, index]));
  const choiceOf = peers.map(({ cluster }) => indexes.get(cluster));
  const members = peers.map(({ cluster, weight }, peer) => ({
    name: cluster,
    weight,
    use: choiceOf[peer] === undefined ? ('unusable' as const) : ('usable' as const),
  }));
  return Array.from(dealBuckets(members), (owner) => choiceOf[owner]!);
}

function traceHashed({ policy }: SteerInput, choices: readonly Choice[], trace: Trace): void {
  const inBand = 'has the client subnets whose hash with its name draws the best lot';
  const reason =
    policy.nearestBand > 0 ? inBand : 'the hash of the client subnet says whom it takes while some start slowly';
  for (const { candidates, weight } of choices) {
    if (weight === 0) continue;
    for (const candidate of candidates) trace({ filter: 'sticky', candidate, verdict: 'kept', reason });
  }
}

function traceBuckets(choices: readonly Choice[], trace: Trace): void {
  for (const { candidates, weight } of choices) {
    const reason = `has ${weight} of the ${BUCKETS} buckets that client subnets fall into`;
    for (const candidate of candidates) trace({ filter: 'sticky', candidate, verdict: 'kept', reason });
  }
}
