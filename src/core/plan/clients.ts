/** How many clients there are at each place: counted by addresses, since nothing else is known of them. */
import type { PlaceTable } from '../snapshot/place-table.ts';
import { placeIndex, placeOf4, prefixLength } from '../snapshot/place-trie.ts';

/**
 * Clients that are at the same place in each of two worlds. Places are indexes in the tables of the worlds. `share` is the
 * fraction (0–1) of all clients; 0 where a place has no IPv4 address, or is unknown while others are known.
 */
export type ClientGroup = { readonly before: number; readonly after: number; readonly share: number };

/** Addresses of IPv4. */
const IPV4_ADDRESSES = 2 ** 32;
const IPV4_BITS = 32;

/** A table is walked once: the groups follow from it and nothing else. */
const groupsOfTable = new WeakMap<PlaceTable, readonly ClientGroup[]>();

/**
 * All clients, by the IPv4 addresses that each place has. Addresses whose place is unknown do not count where any other is
 * known: most of them are reserved or unused. Their clients are still a group, with a share of 0. The shares sum up to 1.
 */
export function clientGroups(before: PlaceTable, after: PlaceTable): readonly ClientGroup[] {
  if (before !== after) return groupsOf(before, after);
  const groups = groupsOfTable.get(after) ?? groupsOf(before, after);
  groupsOfTable.set(after, groups);
  return groups;
}

function groupsOf(before: PlaceTable, after: PlaceTable): readonly ClientGroup[] {
  const counts = countAddresses(before, after);
  if (before === after) {
    for (const place of after.places.keys()) counts.set(keyOf(place, place), counts.get(keyOf(place, place)) ?? 0);
  }
  const unknown = keyOf(0, 0);
  const nowhere = counts.get(unknown) ?? 0;
  const known = [...counts.values()].reduce((sum, count) => sum + count, 0) - nowhere;
  if (known > 0) counts.set(unknown, 0);
  const all = known > 0 ? known : nowhere;
  return [...counts].map(([key, count]) => {
    return { before: Math.floor(key / PLACES), after: key % PLACES, share: count / all };
  });
}

/** More than a leaf of the trie has room for (24 bits), so that two places make one number. */
const PLACES = 2 ** 24;

function keyOf(before: number, after: number): number {
  return before * PLACES + after;
}

/** Steps from network to network, each time over the smaller of the two that an address is in. */
function countAddresses(before: PlaceTable, after: PlaceTable): Map<number, number> {
  const counts = new Map<number, number>();
  for (let address = 0; address < IPV4_ADDRESSES; ) {
    const old = placeOf4(before.v4, address);
    const next = before === after ? old : placeOf4(after.v4, address);
    const size = 2 ** (IPV4_BITS - Math.max(prefixLength(old), prefixLength(next)));
    const key = keyOf(placeIndex(old), placeIndex(next));
    counts.set(key, (counts.get(key) ?? 0) + size);
    address += size;
  }
  return counts;
}
