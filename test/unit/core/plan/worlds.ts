/** Small worlds whose shares can be worked out by hand: 1,024 known addresses, a quarter, a half and a quarter of them. */
import type { Place } from '../../../../src/core/desired/area.ts';
import type { Endpoint, Hostname, Model, Policy } from '../../../../src/core/desired/model.ts';
import { withoutClusters } from '../../../../src/core/plan/lose.ts';
import { type Outlook, type OutlookOptions, outlook } from '../../../../src/core/plan/outlook.ts';
import type { QueryMix } from '../../../../src/core/plan/query-mix.ts';
import { compile } from '../../../../src/core/snapshot/compile.ts';
import type { PlaceTable } from '../../../../src/core/snapshot/place-table.ts';
import { buildTrie, networkTree, type PlaceNetwork } from '../../../../src/core/snapshot/place-trie.ts';
import type { Snapshot, SnapshotInput } from '../../../../src/core/snapshot/snapshot.ts';
import { endpoint, health, hostname, input, model, PLACES, zone } from '../snapshot/build.ts';

export function placeTable(places: readonly Place[], networks: readonly PlaceNetwork[]): PlaceTable {
  return {
    v4: buildTrie(4, networkTree(networks)),
    v6: buildTrie(6, networkTree([])),
    places: [{ kind: 'unknown' }, ...places],
    source: 'test',
    builtAt: 0,
  };
}

export function network(first: number, length: number, place: number): PlaceNetwork {
  return { octets: Uint8Array.of(first >>> 24, first >>> 16, first >>> 8, first), length, place };
}

const KNOWN = Object.values(PLACES).map((where): Place => ({ kind: 'known', ...where }));

/** Place 1, Frankfurt, has 256 addresses, place 2, Virginia, 512, and place 3, Tokyo, 256. */
export const QUARTERS = placeTable(KNOWN, [
  network(0x0a000000, 24, 1),
  network(0x0b000000, 23, 2),
  network(0xfe000000, 24, 3),
]);

const SITE: Readonly<Record<string, string>> = { eu: 'frankfurt', us: 'virginia', asia: 'tokyo' };
const HOST: Readonly<Record<string, string>> = { eu: '192.0.2.1', us: '192.0.2.2', asia: '192.0.2.3' };

/** The endpoint of `eu`, `us` or `asia`, watched by the monitor of the same name. */
export function at(cluster: string, more: Partial<Endpoint> = {}): Endpoint {
  return endpoint(cluster, HOST[cluster] ?? '192.0.2.9', { location: PLACES[SITE[cluster] ?? 'tokyo']!, ...more });
}

export function modelOf(hostnames: readonly Hostname[]): Model {
  return model(
    [zone('example')],
    hostnames.toSorted((a, b) => (a.name < b.name ? -1 : 1)),
  );
}

/** A world in which all three clusters are up. */
export function worldOf(hostnames: readonly Hostname[], more: Partial<SnapshotInput> = {}): Snapshot {
  const up = health({ eu: 'up', us: 'up', asia: 'up' });
  return compile(input(modelOf(hostnames), { health: up, places: QUARTERS, ...more }));
}

export function withLoss(world: Snapshot, ...clusters: readonly string[]): Snapshot {
  return compile(withoutClusters(world, new Set(clusters)), { ...world });
}

export function losing(world: Snapshot, clusters: readonly string[], options: Partial<OutlookOptions> = {}): Outlook {
  return outlook(world, withLoss(world, ...clusters), { listed: 10, ...options });
}

/** `eu 0.25 → 0` for every cluster that has a share in either world. */
export function sharesText({ clusters }: Pick<Outlook, 'clusters'>): readonly string[] {
  return clusters
    .filter(({ before, after }) => before + after > 0)
    .map(({ cluster, before, after }) => `${cluster} ${round(before)} → ${round(after)}`);
}

export function round(fraction: number): number {
  return Number(fraction.toFixed(9));
}

/** `one-cluster: a.example, b.example`; how many were so before stands in brackets. */
export function troublesText({ affected }: Outlook): readonly string[] {
  return affected.map(({ trouble, count, already, first }) => `${trouble} ${count} (${already}): ${first.join(', ')}`);
}

/** What is asked of a world with `QUARTERS`, in questions per second. */
export function mixOf(names: Readonly<Record<string, number>>, places: Readonly<Record<number, number>>): QueryMix {
  return {
    state: 'observed',
    observedMs: 60_000,
    questions: 60,
    perSecond: 1,
    names: new Map(Object.entries(names)),
    table: QUARTERS,
    places: new Map(Object.entries(places).map(([place, rate]) => [Number(place), rate])),
    others: 0,
    counted: 2 ** 16,
  };
}

/** An endpoint in each cluster. */
export const EVERYBODY = [at('eu'), at('us'), at('asia')];

/** A hostname that goes by distance. */
export function near(name: string, endpoints = EVERYBODY, policy: Partial<Policy> = {}): Hostname {
  return hostname(name, { steering: 'nearest', ...policy }, endpoints);
}
