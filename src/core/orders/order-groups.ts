/** Hostnames that the same orders are about. */
import type { Hostname, Model } from '../desired/model.ts';
import { hasBit, hostnamesAt, type NameBits, type NameList, nameListOf } from './name-bits.ts';
import { type Override, spanOfOverride } from './override.ts';
import { type Matcher, matcherIn, type Reach } from './scope.ts';

/** The orders that are not over, the newest first, and whether each has begun. */
export type Standing = { readonly orders: readonly Override[]; readonly phase: string };

/** The orders that may be about an endpoint of a hostname, and about which ones they are. */
export type Group = Standing & { readonly reaches: readonly Reach[]; readonly looksAt: Matcher['looksAt'] };

/** The group of the hostname at each place of a list. Ask in the order of the list: neighbours mostly share one. */
export function groupsOf(standing: Standing, { teams }: Model, list: NameList): (place: number) => Group {
  const matchers = standing.orders.map(({ scope }) => matcherIn(scope, teams));
  const reaches = matchers.map((matcher) => matcher.reachIn(list));
  const named = anyOf(reaches.flatMap(({ hostnames }) => hostnames ?? []));
  const groupOf = (own: readonly number[]): Group => ({
    orders: own.map((index) => standing.orders[index]!),
    phase: own.map((index) => standing.phase[index]!).join(''),
    reaches: own.map((index) => reaches[index]!),
    looksAt: own.some((index) => matchers[index]!.looksAt === 'hostname') ? 'hostname' : 'endpoint',
  });
  const indexes = [...reaches.keys()];
  const others = groupOf(indexes.filter((index) => reaches[index]!.hostnames === undefined));
  let last: { readonly own: readonly number[]; readonly group: Group } | undefined;
  return (place) => {
    if (named === undefined || !hasBit(named, place)) return others;
    const own = indexes.filter((index) => {
      const { hostnames } = reaches[index]!;
      return hostnames === undefined || hasBit(hostnames, place);
    });
    if (last === undefined || last.own.length !== own.length || own.some((one, at) => one !== last?.own[at])) {
      last = { own, group: groupOf(own) };
    }
    return last.group;
  };
}

/** The hostnames of which some of these orders may mean an endpoint, in their order; the very same list where that is all. */
export function hostnamesMet({ hostnames, teams }: Model, orders: readonly Override[]): readonly Hostname[] {
  const list = nameListOf(hostnames);
  const met = orders.map(({ scope }) => matcherIn(scope, teams).reachIn(list).hostnames);
  if (met.includes(undefined)) return hostnames;
  const any = anyOf(met.flatMap((bits) => bits ?? []));
  return any === undefined ? [] : hostnamesAt(hostnames, any);
}

function anyOf([first, ...rest]: readonly NameBits[]): NameBits | undefined {
  if (first === undefined) return undefined;
  const any = first.slice();
  for (const bits of rest) for (let word = 0; word < any.length; word += 1) any[word]! |= bits[word]!;
  return any;
}

/** What stands of some orders at a moment, in ms since the epoch. */
export function standingOf(orders: readonly Override[], now: number): Standing {
  const left = orders.filter((one) => spanOfOverride(one).until > now);
  return { orders: left, phase: left.map((one) => Number(spanOfOverride(one).from <= now)).join('') };
}

/** Whether both are the very same orders, and those that have begun are the same. */
export function isSame(known: Standing, now: Standing): boolean {
  return known.phase === now.phase && isAlike(known.orders, now.orders);
}

/** Whether both are the very same objects. */
export function isAlike(some: readonly object[], others: readonly object[]): boolean {
  return some === others || (some.length === others.length && some.every((one, index) => one === others[index]));
}
