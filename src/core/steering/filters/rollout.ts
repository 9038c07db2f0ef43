/**
 * A rollout divides the clients between two groups of clusters: so many percent to those in `to`, the rest to those in
 * `from`. Within each group the usual steps decide, as if the other were not there: no client of one group is told of the
 * other. A group of which nobody is left gives its clients to the other one.
 */
import type { RolloutShare } from '../../desired/model.ts';
import type { SteerInput, Trace } from '../decision.ts';

/** Candidates of which the usual steps choose, and the share of the clients in percent that they get: 1 to 100. */
export type Group = { readonly percent: number; readonly members: readonly number[] };

type Side = 'to' | 'from' | 'neither';

/** The groups that these candidates fall into: one for all clients, or those of `from` and then of `to`. */
export function groupsOf(input: SteerInput, left: readonly number[], trace?: Trace): readonly [Group, Group?] {
  const { rollout } = input.policy;
  if (rollout === undefined) return [{ percent: 100, members: left }];
  const groups = divided(input, rollout, left);
  if (trace !== undefined) traceGroups(input, { rollout, left, groups }, trace);
  return groups;
}

function divided(input: SteerInput, rollout: RolloutShare, left: readonly number[]): readonly [Group, Group?] {
  const [to, from] = [onSide(input, rollout, left, 'to'), onSide(input, rollout, left, 'from')];
  const { percent } = rollout;
  const alone = (members: readonly number[]): readonly [Group] => [{ percent: 100, members }];
  if (to.length === 0) return alone(from.length === 0 ? left : from);
  if (from.length === 0 || percent === 100) return alone(to);
  if (percent === 0) return alone(from);
  return [
    { percent: 100 - percent, members: from },
    { percent, members: to },
  ];
}

/** Those who are admitted of the group that these members are of, whether they can be used now or not. */
export function ofSameGroup(
  input: SteerInput,
  admitted: readonly number[],
  members: readonly number[],
): readonly number[] {
  const { rollout } = input.policy;
  const first = input.candidates[members[0] ?? -1];
  if (rollout === undefined || first === undefined) return admitted;
  return onSide(input, rollout, admitted, sideOf(rollout, first.endpoint.cluster));
}

function onSide({ candidates }: SteerInput, rollout: RolloutShare, left: readonly number[], side: Side) {
  return left.filter((index) => sideOf(rollout, candidates[index]!.endpoint.cluster) === side);
}

function sideOf({ to, from }: RolloutShare, cluster: string): Side {
  if (to.includes(cluster)) return 'to';
  return from.includes(cluster) ? 'from' : 'neither';
}

type Division = {
  readonly rollout: RolloutShare;
  readonly left: readonly number[];
  readonly groups: readonly [Group, Group?];
};

function traceGroups({ candidates }: SteerInput, { rollout, left, groups }: Division, trace: Trace): void {
  for (const candidate of left) {
    const side = sideOf(rollout, candidates[candidate]!.endpoint.cluster);
    const group = groups.find((each) => each?.members.includes(candidate));
    const where = side === 'neither' ? 'in neither group' : `\`${side}\``;
    const verdict = group === undefined ? 'dropped' : 'kept';
    const reason = `${where} of rollout ${rollout.name}, which has ${group?.percent ?? 0} %`;
    trace({ filter: 'rollout', candidate, verdict, reason });
  }
}
