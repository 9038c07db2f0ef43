import type { Policy } from '../desired/model.ts';
import { MAX_STILLNESS } from '../health/stillness.ts';
import { type Chain, chainOf } from './chain.ts';
import type { Aside, Choice, Decision, DecisionReason, SteerInput, Trace } from './decision.ts';
import { answers } from './filters/answers.ts';
import type { Filter } from './filters/filter.ts';
import { lastResort } from './filters/last-resort.ts';
import { mappedBy, positionIn } from './filters/map.ts';
import { overflow, type Spread } from './filters/overflow.ts';
import { groupsOf, ofSameGroup } from './filters/rollout.ts';
import { sticky } from './filters/sticky.ts';

/** Shortest TTL in seconds that an expected change of state brings about; a policy may ask for less. */
export const MIN_TTL_S = 5;

/**
 * Whom clients of one place are sent to. Runs the policy's chain; `trace`, where given, hears every step
 * of every candidate, and the decision is the same without it. Whoever is drained or fenced off is in no decision; who
 * is down only by the last resort.
 */
export function steer(input: SteerInput, trace?: Trace): Decision {
  const decision = rank(input, trace);
  const choices = answers(input, decision.choices, trace);
  const { aside } = decision;
  if (aside === undefined) return { ...decision, choices };
  return { ...decision, choices, aside: { ...aside, choices: answers(input, aside.choices, trace) } };
}

/**
 * The decision before its last step: also the clusters that an answer is full without. Of two known places behind the
 * same fences it differs in the order of the choices alone.
 */
export function rank(input: SteerInput, trace?: Trace): Decision {
  const chain = chainOf(input.policy);
  const everybody = [...input.candidates.keys()];
  const admitted = pass(chain.fences, input, everybody, trace);
  const eligible = pass(chain.eligible, input, admitted, trace);
  const steered = eligible.length > 0;
  const eligibleOrLast = steered ? eligible : lastResort(input, admitted, trace);
  const choose = (members: readonly number[]): Pick<Decision, 'choices' | 'buckets'> => {
    const preferred = pass(chain.preferred, input, members, trace);
    const { choices } = spread(chain, input, { from: members, preferred }, trace);
    const peers = () => peersOf(chain, input, ofSameGroup(input, admitted, members), members);
    return sticky(input, { choices, peers }, trace);
  };
  const [group, to] = groupsOf(input, eligibleOrLast, trace);
  const { choices, buckets } = choose(group.members);
  const aside: Aside | undefined = to && { percent: to.percent, by: asideBy(input), ...choose(to.members) };
  const addresses = steered ? [] : lastAddresses(input, admitted);
  const named = choices.length > 0 || addresses.length > 0;
  return {
    reason: steered ? 'steered' : named ? 'last-resort' : reasonOfNobody(chain, input, everybody, admitted),
    ttl: ttlOf(input, admitted, eligible),
    answers: input.policy.answers,
    choices,
    buckets,
    ...(aside && { aside }),
    addresses,
  };
}

/**
 * Why nobody is named. By the fences also where those within are down or drained: somebody outside could take the client,
 * and must not.
 */
function reasonOfNobody(
  chain: Chain,
  input: SteerInput,
  everybody: readonly number[],
  admitted: readonly number[],
): DecisionReason {
  if (admitted.length === everybody.length) return 'nobody';
  return admitted.length === 0 || pass(chain.eligible, input, everybody).length > 0 ? 'residency' : 'nobody';
}

function asideBy({ policy: { sticky } }: SteerInput): Aside['by'] {
  return sticky === 'subnet' ? 'subnet' : 'dice';
}

/** Who is preferred, and while they take less than all who is preferred among the other clusters, standbys left out. */
function spread(
  chain: Chain,
  input: SteerInput,
  { from, preferred }: { readonly from: readonly number[]; readonly preferred: readonly number[] },
  trace?: Trace,
): Spread {
  const next = (): Spread => {
    const first = new Set(preferred.map((index) => input.candidates[index]!.endpoint.cluster));
    const others = from.filter((index) => {
      const { cluster, weight } = input.candidates[index]!.endpoint;
      return (weight > 0 || chain.standbys === 'alike') && !first.has(cluster);
    });
    return spread(chain, input, { from: others, preferred: pass(chain.preferred, input, others) }, trace);
  };
  return overflow(input, chain.order(input, preferred, trace), next, trace);
}

function pass(
  filters: readonly Filter[],
  input: SteerInput,
  from: readonly number[],
  trace?: Trace,
): readonly number[] {
  let left = from;
  for (const filter of filters) left = filter(input, left, trace);
  return left;
}

/** The choices that there would be of some who are admitted, were everybody usable who would be preferred along with those of now. */
function peersOf(
  chain: Chain,
  input: SteerInput,
  admitted: readonly number[],
  left: readonly number[],
): readonly Choice[] {
  return chain.order(input, alike(chain, input, admitted, pass(chain.preferred, input, left)));
}

/**
 * Those whom the chain would prefer as much as those of now, were they usable: what none of its steps looks at makes no
 * difference. Standbys only beside standbys, unless they count as anybody else. A pin leaves one cluster, which shares with
 * nobody, or nothing as it was.
 */
function alike(
  { prefers, standbys }: Chain,
  { client, policy, candidates }: SteerInput,
  admitted: readonly number[],
  preferred: readonly number[],
): readonly number[] {
  const [first] = preferred;
  if (first === undefined) return [];
  const order = prefers.includes('map') ? (mappedBy({ client, policy })?.clusters ?? []) : [];
  const { tier, cluster } = candidates[first]!.endpoint;
  const isActive = preferred.some((index) => candidates[index]!.endpoint.weight > 0);
  return admitted.filter((index) => {
    const { endpoint } = candidates[index]!;
    if (positionIn(order, endpoint.cluster) !== positionIn(order, cluster)) return false;
    if (prefers.includes('tier') && endpoint.tier !== tier) return false;
    return standbys === 'alike' || endpoint.weight > 0 === isActive;
  });
}

/** The last resort's own addresses, but for those that belong to endpoints which are all drained or fenced off. */
function lastAddresses(input: SteerInput, admitted: readonly number[]): readonly string[] {
  const { candidates, policy } = input;
  if (policy.lastResort.kind !== 'addresses') return [];
  const open = new Set(admitted.filter((index) => candidates[index]!.drain === 'none'));
  return policy.lastResort.addresses.filter((address) => {
    const owners = [...candidates.keys()].filter((index) => candidates[index]!.endpoint.address === address);
    return owners.length === 0 || owners.some((index) => open.has(index));
  });
}

/**
 * The policy's TTL, raised while all stand still; shorter where a candidate may change its state sooner, so that no resolver
 * keeps the old answer. Whoever is down counts as well: after a fall answers are short until that is how things are.
 */
function ttlOf({ candidates, policy }: SteerInput, admitted: readonly number[], eligible: readonly number[]): number {
  let soonest = Number.POSITIVE_INFINITY;
  // While the last resort speaks or a rollout goes on, the next change is what everybody waits for.
  let least = eligible.length > 0 && policy.rollout === undefined ? MAX_STILLNESS : 0;
  for (const index of admitted) {
    const { drain, secondsToChange, stillness } = candidates[index]!;
    if (drain !== 'none') continue;
    soonest = Math.min(soonest, secondsToChange);
    least = Math.min(least, stillness);
  }
  return Math.min(raisedTtl(policy, least), Math.max(MIN_TTL_S, Math.round(soonest)));
}

function raisedTtl({ ttl, stableTtl = ttl }: Policy, stillness: number): number {
  return Math.min(Math.max(ttl, stableTtl), ttl * 2 ** stillness);
}
