/** Models made by hand for what needs no Gateway API objects. */
import { EVERYWHERE } from '../src/core/desired/area.ts';
import type { Hostname, Model } from '../src/core/desired/model.ts';
import { compile } from '../src/core/snapshot/compile.ts';
import type { PlaceTable } from '../src/core/snapshot/place-table.ts';
import type { Snapshot } from '../src/core/snapshot/snapshot.ts';
import { createDnsTotals, type DnsTotals } from '../src/dns/counters.ts';
import { createResponder, type Responder } from '../src/dns/respond.ts';
import { type Cluster, TTL, vipOf, ZONE } from './world.ts';

/** A model in which every name lives in every cluster, unchecked, steered to the nearest. */
export function modelOf(names: readonly string[], clusters: readonly Cluster[]): Model {
  const soa = {
    mname: `ns1.${ZONE}`,
    rname: `hostmaster.${ZONE}`,
    refresh: 7200,
    retry: 900,
    expire: 1_209_600,
    minimum: 60,
    ttl: 300,
  };
  const nameservers = [{ name: `ns1.${ZONE}`, addresses: ['192.0.2.53'] }];
  return {
    zones: [{ apex: ZONE, nameservers, nsTtl: 3600, soa, records: [] }],
    clusters: [],
    hostnames: names.map((name, index) => hostnameOf(name, index, clusters)).toSorted(byName),
    monitors: [],
    lookups: [],
    findings: [],
  };
}

/** The snapshot of a model in which nothing is known to be down. */
export function snapshotOf(model: Model, places: PlaceTable): Snapshot {
  return compile({ model, health: new Map(), places, serial: 1, now: 0 });
}

/** What the servers answer with, over one snapshot that stays. */
export function responderOver({ table, model }: Snapshot): {
  readonly responder: Responder;
  readonly counting: DnsTotals;
} {
  const counting = createDnsTotals({
    zones: model.zones.map(({ apex }) => apex),
    clusters: model.clusters.map(({ name }) => name),
  });
  const settings = { udpSize: 1232, identity: 'bench', cookieSecret: new Uint8Array(16), tcpIdleMs: 10_000 };
  const responder = createResponder({ ...settings, table: () => table, counting, now: Date.now, diceStart: 0 });
  return { responder, counting };
}

function byName(a: Hostname, b: Hostname): number {
  return a.name < b.name ? -1 : 1;
}

function hostnameOf(name: string, index: number, clusters: readonly Cluster[]): Hostname {
  return {
    name,
    zone: ZONE,
    policy: {
      steering: 'nearest',
      sticky: 'none',
      nearestBand: 0,
      residency: EVERYWHERE,
      answers: 1,
      ttl: TTL,
      minHealthy: { kind: 'count', value: 0 },
      lastResort: { kind: 'all' },
    },
    endpoints: clusters.map(({ name: cluster, lat, lon, country, continent }, number) => ({
      cluster,
      gateway: 'bench/public',
      address: vipOf(index, number),
      family: 4,
      monitor: 'unchecked',
      weight: 100,
      tier: 0,
      bias: 0,
      serves: EVERYWHERE,
      drain: { kind: 'none' },
      location: { lat, lon, country, continent },
    })),
    askers: [],
  };
}
