/** Clients of a hostname by what the answer tables of two worlds know of their places: classes, not places. */
import { type Area, contains, isRestricted } from '../desired/area.ts';
import { NONE } from '../snapshot/layout.ts';
import { orderOf } from '../snapshot/order.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import type { ClientGroup } from './clients.ts';

/** Clients that are told the same in each of the two worlds, whatever the states. */
export type ClientClass = {
  /** Their orders in each (`order.ts`); NONE where the hostname is not served. */
  readonly before: number;
  readonly after: number;
  /** Whether they are inside the residency area of the hostname. */
  readonly residence: 'inside' | 'outside';
  /** Fraction (0–1) of all clients. */
  readonly share: number;
};

/** The same hostname in two worlds: its index in each model, or NONE. At least one is not. */
export type TargetPair = { readonly before: number; readonly after: number };

/** Finds the classes of clients of a hostname. Hostnames of one geography share them. */
export type Pairing = (pair: TargetPair, residency: Area) => readonly ClientClass[];

/** Pairs the classes of two worlds over these groups of clients. */
export function createPairing(before: Snapshot, after: Snapshot, groups: readonly ClientGroup[]): Pairing {
  const known = new Map<string, readonly ClientClass[]>();
  return (pair, residency) => {
    const key = `${baseOf(before, pair.before)} ${baseOf(after, pair.after)} ${areaKey(residency)}`;
    const classes = known.get(key) ?? classesOf(before, after, groups, pair, residency);
    known.set(key, classes);
    return classes;
  };
}

function classesOf(
  before: Snapshot,
  after: Snapshot,
  groups: readonly ClientGroup[],
  pair: TargetPair,
  residency: Area,
): readonly ClientClass[] {
  const fenced = isRestricted(residency);
  const found = new Map<string, ClientClass & { share: number }>();
  for (const { share, ...places } of groups) {
    const old = orderIn(before, pair.before, places.before);
    const next = orderIn(after, pair.after, places.after);
    const place = after.places.places[places.after];
    const residence = fenced && place !== undefined && contains(residency, place) ? 'inside' : 'outside';
    const key = `${old} ${next} ${residence}`;
    const same = found.get(key);
    if (same === undefined) found.set(key, { before: old, after: next, residence, share });
    else same.share += share;
  }
  return [...found.values()];
}

function orderIn({ table }: Snapshot, target: number, place: number): number {
  return target === NONE ? NONE : orderOf(table, target, place);
}

/** Targets with the same base have the same order at each place. A target that is not served is told from all of them. */
function baseOf({ table }: Snapshot, target: number): number | 'not-served' {
  return target === NONE ? 'not-served' : (table.classes.base[target] ?? NONE);
}

function areaKey({ continents, countries }: Area): string {
  return `${continents.join(',')}/${countries.join(',')}`;
}
