import { CHAINS, type Chain } from './chain.ts';
import type { Decision, SteerInput, Trace } from './decision.ts';
import { answers } from './filters/answers.ts';
import type { Filter } from './filters/filter.ts';
import { lastResort } from './filters/last-resort.ts';
import { mappedBy, positionIn } from './filters/map.ts';
import { overflow, type Spread } from './filters/overflow.ts';
import { apart, divided, type Group, groupsOf, groupsOfPeers } from './filters/rollout.ts';
import { type Peers, sticky } from './filters/sticky.ts';

/** Shortest TTL in seconds that an expected change of state brings about; a policy may ask for less. */
export const MIN_TTL_S = 5;

/**
 * Whom clients of one place are sent to. Runs the chain of the policy's preset; `trace`, where given, hears every step
 * of every candidate, and the decision is the same without it. Whoever is drained or fenced off is in no decision; who
 * is down only by the last resort.
 */
export function steer(input: SteerInput, trace?: Trace): Decision {
  const decision = rank(input, trace);
  return { ...decision, choices: apart(input, answers(input, decision.choices, trace)) };
}

/**
 * The decision before its last step: also the clusters that an answer is full without. Of two known places behind the
 * same fences it differs in the order of the choices alone.
 */
export function rank(input: SteerInput, trace?: Trace): Decision {
  const chain = CHAINS[input.policy.steering];
  const everybody = [...input.candidates.keys()];
  const admitted = pass(chain.fences, input, everybody, trace);
  const eligible = pass(chain.eligible, input, admitted, trace);
  const steered = eligible.length > 0;
  const eligibleOrLast = steered ? eligible : lastResort(input, admitted, trace);
  const ordered = divided(
    groupsOf(input, eligibleOrLast, trace).map(({ percent, members }) => {
      const preferred = pass(chain.preferred, input, members, trace);
      return { percent, choices: spread(chain, input, { from: members, preferred }, trace).choices };
    }),
  );
  const peers = (): readonly Peers[] => peersOf(chain, input, admitted, eligibleOrLast);
  const { choices, buckets } = sticky(input, { choices: ordered, peers }, trace);
  const addresses = steered ? [] : lastAddresses(input, admitted);
  const named = choices.length > 0 || addresses.length > 0;
  return {
    reason: steered ? 'steered' : named ? 'last-resort' : 'nobody',
    ttl: ttlOf(input, admitted),
    answers: input.policy.answers,
    choices,
    buckets,
    addresses,
  };
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
      return weight > 0 && !first.has(cluster);
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

/** The choices that there would be, were everybody usable who would be preferred along with those of now. */
function peersOf(
  chain: Chain,
  input: SteerInput,
  admitted: readonly number[],
  left: readonly number[],
): readonly Peers[] {
  const usable = new Set(left);
  return groupsOfPeers(input, admitted, left).map((group) => {
    const own = group.members.filter((index) => usable.has(index));
    // Of a group that is away the places are kept as well.
    const [first] = pass(chain.preferred, input, own.length > 0 ? own : group.members);
    return { percent: group.percent, choices: chain.order(input, alike(input, group, first)) };
  });
}

/** Those of a group at the same place in the order of a map as the first, of its tier, and standbys only beside a standby. */
function alike(input: SteerInput, { members }: Group, first: number | undefined): readonly number[] {
  if (first === undefined) return [];
  const { candidates } = input;
  const order = mappedBy(input)?.clusters ?? [];
  const { tier, weight, cluster } = candidates[first]!.endpoint;
  return members.filter((index) => {
    const { endpoint } = candidates[index]!;
    if (positionIn(order, endpoint.cluster) !== positionIn(order, cluster)) return false;
    return endpoint.tier === tier && endpoint.weight > 0 === weight > 0;
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

/** The policy's TTL; shorter where a candidate may change its state sooner, so that no resolver keeps the old answer. */
function ttlOf({ candidates, policy }: SteerInput, admitted: readonly number[]): number {
  let soonest = Number.POSITIVE_INFINITY;
  for (const index of admitted) {
    const { drain, secondsToChange } = candidates[index]!;
    if (drain === 'none') soonest = Math.min(soonest, secondsToChange);
  }
  return Math.min(policy.ttl, Math.max(MIN_TTL_S, Math.round(soonest)));
}
