/**
 * What is believed of a monitor that is made of others. Three-valued logic as Kleene's, with two shades more: the states
 * have an order,
 *
 *     down < held < unseen < degraded < up
 *
 * and a monitor that needs n of its members has the n-th best of their states: `all` the worst, `any` the best. So what is
 * unseen decides nothing that the others decide already, and everything else stays unseen:
 *
 *     all        up      unseen  down        any        up      unseen  down        not
 *     up         up      unseen  down        up         up      up      up          up        down
 *     unseen     unseen  unseen  down        unseen     up      unseen  unseen      degraded  down
 *     down       down    down    down        down       up      unseen  down        unseen    unseen
 *                                                                                   held      up
 *     held goes as down and degraded as up; among equals the worse name is told.    down      up
 *
 * A pure function of the members but for `since`, which is kept while the state is.
 */
import type { CalculatedMonitor } from '../desired/model.ts';
import type { MonitorHealth, MonitorState } from './monitor-health.ts';
import { stillnessOfAll } from './stillness.ts';
import { UNSEEN } from './told.ts';

/** The worst first. */
const ORDER = ['down', 'held', 'unseen', 'degraded', 'up'] as const satisfies readonly MonitorState[];

const RANKS: Readonly<Record<MonitorState, number>> = { down: 0, held: 1, unseen: 2, degraded: 3, up: 4 };

const NEGATED: Readonly<Record<MonitorState, MonitorState>> = {
  up: 'down',
  degraded: 'down',
  unseen: 'unseen',
  held: 'up',
  down: 'up',
};

/** What follows from the members, which are in the monitor's order. `before` itself where nothing is different. */
export function combine(
  { kind, need }: Pick<CalculatedMonitor, 'kind' | 'need'>,
  members: readonly MonitorHealth[],
  before: MonitorHealth,
): MonitorHealth {
  const [only = UNSEEN] = members;
  const rank = kind === 'not' ? RANKS[NEGATED[only.state]] : rankOf(need, members);
  const state = ORDER[rank] ?? 'unseen';
  const secondsToChange = kind === 'not' ? only.secondsToChange : changeOf(need, members, rank);
  const reason = kind === 'not' ? undefined : members.find((member) => member.state === state)?.reason;
  const admits = kind === 'not' ? undefined : admittedBy(need, members, rank);
  const isSameState = state === before.state;
  const isSame = isSameState && secondsToChange === before.secondsToChange && reason === before.reason;
  const stillness = stillnessOfAll(members);
  if (isSame && admits === before.admits && stillness === (before.stillness ?? 0)) return before;
  const entered = (): number => (kind === 'not' ? only.since : sinceOf(need, members, rank));
  return Object.freeze({
    ...UNSEEN,
    state,
    since: isSameState ? before.since : state === 'unseen' ? 0 : entered(),
    secondsToChange,
    ...(reason === undefined ? {} : { reason }),
    ...(admits === undefined ? {} : { admits }),
    ...(stillness === 0 ? {} : { stillness }),
  });
}

/** The member that decides: the first whose state is the monitor's, and the only one of `not`. By its index. */
export function decider(
  { kind }: Pick<CalculatedMonitor, 'kind'>,
  members: readonly MonitorHealth[],
  state: MonitorState,
): number {
  if (kind === 'not') return 0;
  return Math.max(
    0,
    members.findIndex((member) => member.state === state),
  );
}

/** The best rank that so many members have, or a better one. Hundreds of thousands may hang on one member: no lists here. */
function rankOf(need: number, members: readonly MonitorHealth[]): number {
  for (let rank = ORDER.length - 1; rank > 0; rank--) {
    let count = 0;
    for (const { state } of members) if (RANKS[state] >= rank) count += 1;
    if (count >= need) return rank;
  }
  return 0;
}

/** Falls when one more leaves than can be spared, rises when as many join as are lacking: the earlier, in seconds. */
function changeOf(need: number, members: readonly MonitorHealth[], rank: number): number {
  const never = Number.POSITIVE_INFINITY;
  // Mostly nobody is on his way.
  if (members.every(({ secondsToChange }) => secondsToChange === never)) return never;
  const { below, better } = sidesOf(members, rank);
  const above = members.filter(({ state }) => RANKS[state] > rank).length;
  const leaving = members.filter(({ state }) => RANKS[state] >= rank).length - need + 1;
  return Math.min(
    earliest(leaving, below, 'secondsToChange', never),
    earliest(need - above, better, 'secondsToChange', never),
  );
}

/** Since when so many members were that good, and so many that bad: the earliest that is certain. */
function sinceOf(need: number, members: readonly MonitorHealth[], rank: number): number {
  const { below, better } = sidesOf(members, rank);
  return Math.max(earliest(need, below, 'since', 0), earliest(members.length - need + 1, better, 'since', 0));
}

/**
 * Who keeps the state from being worse, and who keeps it from being better. Nothing is worse than the worst state and
 * nothing better than the best: there is no such side to look at.
 */
function sidesOf(members: readonly MonitorHealth[], rank: number) {
  return {
    below: rank === 0 ? [] : members.filter(({ state }) => RANKS[state] >= rank),
    better: rank === ORDER.length - 1 ? [] : members.filter(({ state }) => RANKS[state] <= rank),
  };
}

/** The time by which so many of them had come; `none` where they are fewer. */
function earliest(
  count: number,
  of: readonly MonitorHealth[],
  what: 'since' | 'secondsToChange',
  none: number,
): number {
  return of.map((member) => member[what]).toSorted((a, b) => a - b)[count - 1] ?? none;
}

/** A member that ramps up lets in so many and no more. Undefined: all, or the state lets in nobody anyway. */
function admittedBy(need: number, members: readonly MonitorHealth[], rank: number): number | undefined {
  if (rank < RANKS.degraded || members.every(({ admits }) => admits === undefined)) return undefined;
  const good = members.filter(({ state }) => RANKS[state] >= rank);
  const [admitted] = good
    .map(({ admits = Number.POSITIVE_INFINITY }) => admits)
    .toSorted((a, b) => b - a)
    .slice(need - 1);
  return admitted === Number.POSITIVE_INFINITY ? undefined : admitted;
}
