/**
 * How long a lookup, a compile and a flip of health take, and what they keep in memory.
 * `node --expose-gc bench/lookup.ts [hostnames] [clusters] [places]`. Times are of this machine at this moment: compare
 * runs of one machine only.
 */
import { EVERYWHERE, type Location, UNKNOWN_PLACE } from '../src/core/desired/area.ts';
import { nameToWire } from '../src/core/desired/domain-name.ts';
import type { Endpoint, Hostname, Model, Policy } from '../src/core/desired/model.ts';
import type { MonitorHealth } from '../src/core/health/monitor-health.ts';
import { compile } from '../src/core/snapshot/compile.ts';
import { createAnswer, createQuestion, lookup, setName } from '../src/core/snapshot/lookup.ts';
import { createMessageBuffer } from '../src/core/snapshot/message-buffer.ts';
import type { PlaceTable } from '../src/core/snapshot/place-table.ts';
import { RR_TYPE } from '../src/core/snapshot/rr-type.ts';
import type { Snapshot, SnapshotInput } from '../src/core/snapshot/snapshot.ts';

const [HOSTNAMES = 1000, CLUSTERS = 8, PLACES = 250] = process.argv.slice(2).map(Number);
const ZONE = 'gslb.example';
const GOLDEN = 0x9e3779b9;

/** Evenly spread over [0, 1), the same in each run. */
function spread(index: number): number {
  return (Math.imul(index, GOLDEN) >>> 0) / 2 ** 32;
}

function locationOf(index: number): Location {
  // The squares keep latitudes and longitudes from being a lattice, which would have few classes.
  const lon = spread(Math.imul(index, index) ^ (index << 7)) * 360 - 180;
  return { lat: spread(index) * 140 - 60, lon, country: '', continent: '' };
}

// Shared as in a model that was made of manifests: one object per cluster or Gateway, not one per hostname.
const LOCATIONS = Array.from({ length: CLUSTERS }, (_, cluster) => locationOf(cluster * 3 + 1));
const POLICY: Policy = {
  steering: 'nearest',
  sticky: 'none',
  nearestBand: 0,
  residency: EVERYWHERE,
  answers: 1,
  ttl: 30,
  minHealthy: { kind: 'count', value: 0 },
  lastResort: { kind: 'all' },
};
const NAMES = LOCATIONS.map((_, cluster) => `cluster-${cluster}`);
const SHARED_MONITORS = LOCATIONS.map((_, cluster) => `tcp://10.${cluster}.0.1:443`);
/** 256 Gateways in each cluster. */
const ADDRESSES = LOCATIONS.map((_, cluster) => Array.from({ length: 256 }, (_, host) => `10.${cluster}.0.${host}`));
const NO_DRAIN = { kind: 'none' } as const;

/** Who probes: one monitor per hostname and cluster (https), or one per cluster (tcp). */
type Watching = 'each' | 'shared';

function monitorId(watching: Watching, cluster: number, index: number): string {
  return watching === 'each' ? `https://10.${cluster}.0.1:443/ host=host-${index}` : SHARED_MONITORS[cluster]!;
}

function hostnameAt(index: number, watching: Watching): Hostname {
  const endpoints = LOCATIONS.map(
    (location, cluster): Endpoint => ({
      cluster: NAMES[cluster]!,
      gateway: 'infra/public',
      address: ADDRESSES[cluster]![index & 255]!,
      family: 4,
      monitor: monitorId(watching, cluster, index),
      weight: 100,
      tier: 0,
      bias: 0,
      serves: EVERYWHERE,
      drain: NO_DRAIN,
      location,
    }),
  );
  return { name: `host-${index}.${ZONE}`, zone: ZONE, policy: { ...POLICY }, endpoints, askers: [] };
}

function modelOf(watching: Watching): Model {
  const times = { refresh: 7200, retry: 900, expire: 1_209_600, minimum: 60, ttl: 3600 };
  const soa = { mname: `ns1.${ZONE}`, rname: ZONE, ...times };
  const nameservers = [{ name: `ns1.${ZONE}`, addresses: ['192.0.2.53'] }];
  return {
    zones: [{ apex: ZONE, nameservers, nsTtl: 3600, soa, records: [] }],
    clusters: [],
    hostnames: Array.from({ length: HOSTNAMES }, (_, index) => hostnameAt(index, watching)),
    monitors: [],
    lookups: [],
    findings: [],
  };
}

const UP: MonitorHealth = { state: 'up', since: 1, contrary: 0, secondsToChange: Number.POSITIVE_INFINITY };
const DOWN: MonitorHealth = { ...UP, state: 'down', since: 2 };

function allUp(model: Model): Map<string, MonitorHealth> {
  return new Map(model.hostnames.flatMap(({ endpoints }) => endpoints.map(({ monitor }) => [monitor, UP] as const)));
}

/** Flips monitors there and back; `monitors` of a round turn together, as probes that came within the coalescing time. */
function measureFlips(
  what: string,
  rounds: number,
  world: World,
  monitors: (round: number) => readonly string[],
): void {
  const health = new Map(world.input.health);
  const input = { ...world.input, health };
  const times = Array.from({ length: rounds }, (_, round) => {
    const changed = new Set(monitors(round >> 1));
    for (const id of changed) health.set(id, round % 2 === 0 ? DOWN : UP);
    const started = performance.now();
    world.snapshot = compile(input, world.snapshot, changed);
    return performance.now() - started;
  }).toSorted((x, y) => x - y);
  const at = (part: number): string => times[Math.floor((times.length - 1) * part)]!.toFixed(2);
  console.log(`${what}: p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, most ${at(1)} ms`);
}

type World = { readonly input: SnapshotInput; snapshot: Snapshot };

/** MiB in use: the heap, what hangs outside it, and the whole process. */
function memory(): { readonly heap: number; readonly buffers: number; readonly rss: number } {
  globalThis.gc?.();
  const { heapUsed, arrayBuffers, rss } = process.memoryUsage();
  return { heap: heapUsed / 2 ** 20, buffers: arrayBuffers / 2 ** 20, rss: rss / 2 ** 20 };
}

function worldOf(watching: Watching): World {
  console.log(`\n${watching === 'each' ? 'a monitor per hostname and cluster' : 'a monitor per cluster'}`);
  const model = modelOf(watching);
  const input = { model, health: allUp(model), overrides: new Map(), places: PLACE_TABLE, serial: 1, now: 0 };
  const before = memory();
  const snapshot = timed('compile from nothing', () => compile(input));
  const after = memory();
  const heap = after.heap - before.heap;
  const tables = after.buffers - before.buffers;
  const perName = ((heap + tables) * 2 ** 20) / HOSTNAMES;
  console.log(
    `the snapshot keeps ${heap.toFixed(0)} MiB heap, ${tables.toFixed(0)} MiB buffers: ${perName.toFixed(0)} octets a name`,
  );
  console.log(
    `model and health ${before.heap.toFixed(0)} MiB heap; RSS ${before.rss.toFixed(0)}, then ${after.rss.toFixed(0)} MiB`,
  );
  return { input, snapshot };
}

function timed<T>(what: string, run: () => T): T {
  const started = performance.now();
  const result = run();
  console.log(`${what}: ${(performance.now() - started).toFixed(2)} ms`);
  return result;
}

function measureLookups(snapshot: Snapshot, what: string, name: (index: number) => string): void {
  const kept = Array.from({ length: 1024 }, (_, i) => nameToWire(name(i)) ?? new Uint8Array(1));
  const question = createQuestion();
  const answer = createAnswer();
  const message = createMessageBuffer(1232);
  question.type = RR_TYPE.A;
  const rounds = 2_000_000;
  let started = 0;
  for (let i = -200_000; i < rounds; i++) {
    if (i === 0) started = performance.now();
    const wire = kept[i & 1023]!;
    setName(question, wire);
    question.place = (i & 0x7fffffff) % PLACES;
    question.dice = Math.imul(i, GOLDEN) >>> 0;
    lookup(snapshot.table, question, message, 16 + wire.length, 1232, answer);
  }
  const ns = ((performance.now() - started) * 1e6) / rounds;
  console.log(`lookup, ${what}: ${ns.toFixed(0)} ns (outcome ${answer.outcome})`);
}

const PLACE_TABLE: PlaceTable = {
  v4: new Int32Array(new SharedArrayBuffer(4)),
  v6: new Int32Array(new SharedArrayBuffer(4)),
  places: [
    UNKNOWN_PLACE,
    ...Array.from({ length: PLACES - 1 }, (_, i) => ({ kind: 'known', ...locationOf(i + 1) }) as const),
  ],
  source: 'bench',
  builtAt: 0,
};

function measureEach(): void {
  const world = worldOf('each');
  const one = (round: number): string => monitorId('each', round % CLUSTERS, round % HOSTNAMES);
  measureFlips('flip of one monitor', 400, world, (round) => [one(round)]);
  const batch = Math.min(1000, HOSTNAMES);
  measureFlips(`flip of ${batch} monitors of a cluster`, 200, world, (round) =>
    Array.from({ length: batch }, (_, i) => monitorId('each', round % CLUSTERS, (round * batch + i) % HOSTNAMES)),
  );
  measureFlips(`flip of ${batch} monitors anywhere`, 200, world, (round) =>
    Array.from({ length: batch }, (_, i) => {
      const at = Math.floor(spread(round * batch + i) * HOSTNAMES * CLUSTERS);
      return monitorId('each', at % CLUSTERS, Math.floor(at / CLUSTERS));
    }),
  );
  const { input } = world;
  world.snapshot = timed('all looked at, nothing changed', () => compile(input, world.snapshot));
  timed('compile of an equal new model', () =>
    compile({ ...input, model: { ...input.model }, serial: 2 }, world.snapshot),
  );
  measureLookups(world.snapshot, 'steered', (index) => `host-${index % HOSTNAMES}.${ZONE}`);
  measureLookups(world.snapshot, 'NXDOMAIN', (index) => `missing-${index}.deep.${ZONE}`);
  measureLookups(world.snapshot, 'refused', (index) => `host-${index}.other.test`);
}

console.log(`${HOSTNAMES} hostnames × ${CLUSTERS} clusters, ${PLACES} places`);
measureEach();
const shared = worldOf('shared');
measureFlips('flip of a cluster', 100, shared, (round) => [monitorId('shared', round % CLUSTERS, 0)]);
