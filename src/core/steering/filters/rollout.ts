/**
 * A rollout divides the clients between two groups of clusters: so many percent to those in `to`, the rest to those in
 * `from`. Within each group the usual steps decide. A group of which nobody is left gives its clients to the other one.
 */
import type { RolloutShare } from '../../desired/model.ts';
import type { Choice, SteerInput, Trace } from '../decision.ts';

/** Candidates of which the usual steps choose, and the share of the clients in percent that they get: 1 to 100. */
export type Group = { readonly percent: number; readonly members: readonly number[] };

/** Weights of a divided decision add up to this at most: the dice fall exactly, for 2^32 times it is a whole number of 53 bits. */
const MAX_TOTAL = 2 ** 20;

type Side = 'to' | 'from' | 'neither';

/** The groups that these candidates fall into, at least one; without a rollout it is all of them. */
export function groupsOf(input: SteerInput, left: readonly number[], trace?: Trace): readonly Group[] {
  const { rollout } = input.policy;
  if (rollout === undefined) return [{ percent: 100, members: left }];
  const [to, from] = [onSide(input, rollout, left, 'to'), onSide(input, rollout, left, 'from')];
  const percent = percentOf(input, rollout);
  const groups = [
    { percent: 100 - percent, members: from },
    { percent, members: to },
  ].filter((group) => group.percent > 0 && group.members.length > 0);
  const alone = [from, to].find((group) => group.length > 0) ?? left;
  const chosen = groups.length > 0 ? groups : [{ percent: 100, members: alone }];
  if (trace !== undefined) traceGroups(input, left, chosen, trace);
  return chosen.length === 1 ? [{ ...chosen[0]!, percent: 100 }] : chosen;
}

/**
 * The groups that there would be of all who are admitted, were everybody usable; where those who are left now are of a group
 * that would get nobody then, it is that group.
 */
export function groupsOfPeers(input: SteerInput, admitted: readonly number[], left: readonly number[]) {
  const groups = groupsOf(input, admitted);
  const { rollout } = input.policy;
  const first = groupsOf(input, left)[0]?.members[0];
  if (rollout === undefined || first === undefined) return groups;
  const isThere = groups.some(({ members }) => members.includes(first));
  const side = sideOf(rollout, input.candidates[first]!.endpoint.cluster);
  return isThere ? groups : [{ percent: 100, members: onSide(input, rollout, admitted, side) }];
}

/** Where distances decide a client has one nearest cluster, not a share of several: a hostname moves whole, at 100 %. */
function percentOf({ policy: { steering } }: SteerInput, { percent }: RolloutShare): number {
  return steering === 'nearest' && percent < 100 ? 0 : percent;
}

function onSide({ candidates }: SteerInput, rollout: RolloutShare, left: readonly number[], side: Side) {
  return left.filter((index) => sideOf(rollout, candidates[index]!.endpoint.cluster) === side);
}

function sideOf({ to, from }: RolloutShare, cluster: string): Side {
  if (to.includes(cluster)) return 'to';
  return from.includes(cluster) ? 'from' : 'neither';
}

/** The choices of groups side by side, with weights that add up to each group's percent of the whole. */
export function divided(groups: readonly { readonly percent: number; readonly choices: readonly Choice[] }[]) {
  const parts = groups.filter(({ choices }) => choices.length > 0);
  const [only] = parts;
  if (parts.length === 1 && only !== undefined) return only.choices;
  const wanted = parts.flatMap(({ percent, choices }) => {
    const others = parts.reduce((product, part) => (part.choices === choices ? product : product * totalOf(part)), 1);
    return choices.map(({ weight }) => weight * percent * others);
  });
  const weights = bounded(wanted);
  return parts.flatMap(({ choices }) => choices).map((choice, index) => ({ ...choice, weight: weights[index]! }));
}

function totalOf({ choices }: { readonly choices: readonly Choice[] }): number {
  return choices.reduce((sum, { weight }) => sum + weight, 0);
}

/** The same chances in small whole numbers: exact where they can be, else to less than a hundred-thousandth. */
function bounded(weights: readonly number[]): readonly number[] {
  const divisor = weights.every(Number.isSafeInteger) ? weights.reduce(greatestDivisor, 0) || 1 : 1;
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  if (Number.isInteger(total) && total / divisor <= MAX_TOTAL) return weights.map((weight) => weight / divisor);
  const room = MAX_TOTAL - weights.length;
  return weights.map((weight) => (weight === 0 ? 0 : Math.max(1, Math.round((room * weight) / total))));
}

function greatestDivisor(a: number, b: number): number {
  let [left, right] = [a, b];
  while (right > 0) [left, right] = [right, left % right];
  return left;
}

/**
 * Keeps the answers of a divided decision to the group in which they start: each choice goes on with the others of its
 * group, over and over until an answer is full (an RRset holds an address once). So no client of one group is told of
 * the other, and a group of few is no shorter way to the other one.
 */
export function apart({ policy, candidates }: SteerInput, choices: readonly Choice[]): readonly Choice[] {
  const { rollout, answers } = policy;
  if (rollout === undefined || answers < 2) return choices;
  const sideFor = ({ cluster }: Choice): Side => sideOf(rollout, cluster);
  if (new Set(choices.map(sideFor)).size < 2) return choices;
  return choices.map((choice, start) => {
    const ring = [...choices.slice(start), ...choices.slice(0, start)].filter(
      (other) => sideFor(other) === sideFor(choice),
    );
    const members = ring.flatMap((each) => each.candidates);
    const repeated: number[] = [];
    const counts = { 4: 0, 6: 0 };
    while (Math.max(counts[4], counts[6]) < answers) {
      for (const index of members) counts[candidates[index]!.endpoint.family] += 1;
      repeated.push(...members);
    }
    return { ...choice, candidates: repeated };
  });
}

function traceGroups(input: SteerInput, left: readonly number[], groups: readonly Group[], trace: Trace): void {
  const { rollout } = input.policy;
  if (rollout === undefined) return;
  for (const candidate of left) {
    const side = sideOf(rollout, input.candidates[candidate]!.endpoint.cluster);
    const group = groups.find(({ members }) => members.includes(candidate));
    const where = side === 'neither' ? 'in neither group' : `\`${side}\``;
    const share = group === undefined ? 0 : groups.length === 1 ? 100 : group.percent;
    const verdict = group === undefined ? 'dropped' : 'kept';
    const reason = `${where} of rollout ${rollout.name}, which has ${share} %`;
    trace({ filter: 'rollout', candidate, verdict, reason });
  }
}
