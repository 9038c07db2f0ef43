/**
 * How long a lookup, a compile and a flip of health take. `node bench/lookup.ts [hostnames] [clusters] [places]`.
 * Times are of this machine at this moment: compare runs of one machine only.
 */
import { EVERYWHERE, type Place, UNKNOWN_PLACE } from '../src/core/desired/area.ts';
import { nameToWire } from '../src/core/desired/domain-name.ts';
import type { Endpoint, Hostname, Model } from '../src/core/desired/model.ts';
import type { MonitorHealth } from '../src/core/health/monitor-health.ts';
import { compile } from '../src/core/snapshot/compile.ts';
import { createAnswer, createQuestion, lookup } from '../src/core/snapshot/lookup.ts';
import { RR_TYPE } from '../src/core/snapshot/rr-type.ts';
import type { Snapshot, SnapshotInput } from '../src/core/snapshot/snapshot.ts';

const [HOSTNAMES = 1000, CLUSTERS = 8, PLACES = 250] = process.argv.slice(2).map(Number);
const ZONE = 'gslb.example';
const GOLDEN = 0x9e3779b9;

/** Evenly spread over [0, 1), the same in each run. */
function spread(index: number): number {
  return (Math.imul(index, GOLDEN) >>> 0) / 2 ** 32;
}

function placeAt(index: number): Place {
  return {
    kind: 'known',
    lat: spread(index) * 140 - 60,
    lon: spread(index * 7) * 360 - 180,
    country: '',
    continent: '',
  };
}

function endpointsOf(index: number): readonly Endpoint[] {
  return Array.from({ length: CLUSTERS }, (_, cluster) => ({
    cluster: `cluster-${cluster}`,
    gateway: 'infra/public',
    address: `10.${cluster}.${(index >> 8) & 255}.${index & 255}`,
    family: 4 as const,
    monitor: `cluster-${cluster}/${index}`,
    weight: 100,
    tier: 0,
    bias: 0,
    serves: EVERYWHERE,
    drain: { kind: 'none' as const },
    location: {
      lat: spread(cluster + 1) * 140 - 60,
      lon: spread(cluster * 3 + 1) * 360 - 180,
      country: '',
      continent: '',
    },
  }));
}

function hostnameAt(index: number): Hostname {
  return {
    name: `host-${index}.${ZONE}`,
    zone: ZONE,
    policy: {
      steering: 'nearest',
      residency: EVERYWHERE,
      answers: 1,
      ttl: 30,
      minHealthy: { kind: 'count', value: 0 },
      lastResort: { kind: 'all' },
    },
    endpoints: endpointsOf(index),
    origins: [],
  };
}

function modelOf(): Model {
  const soa = {
    mname: `ns1.${ZONE}`,
    rname: ZONE,
    refresh: 7200,
    retry: 900,
    expire: 1_209_600,
    minimum: 60,
    ttl: 3600,
  };
  const nameservers = [{ name: `ns1.${ZONE}`, addresses: ['192.0.2.53'] }];
  return {
    zones: [{ apex: ZONE, nameservers, nsTtl: 3600, soa, records: [] }],
    clusters: [],
    hostnames: Array.from({ length: HOSTNAMES }, (_, index) => hostnameAt(index)),
    monitors: [],
    findings: [],
  };
}

/** All monitors up but those of one cluster. */
function healthWith(model: Model, down: string): ReadonlyMap<string, MonitorHealth> {
  const health = new Map<string, MonitorHealth>();
  const up: MonitorHealth = { state: 'up', since: 1, contrary: 0, secondsToChange: Number.POSITIVE_INFINITY };
  for (const { endpoints } of model.hostnames) {
    for (const { monitor, cluster } of endpoints) health.set(monitor, cluster === down ? { ...up, state: 'down' } : up);
  }
  return health;
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
  const message = new Uint8Array(1232);
  question.type = RR_TYPE.A;
  const rounds = 2_000_000;
  let started = 0;
  for (let i = -200_000; i < rounds; i++) {
    if (i === 0) started = performance.now();
    const wire = kept[i & 1023]!;
    question.name.set(wire);
    question.nameLength = wire.length;
    question.place = (i & 0x7fffffff) % PLACES;
    question.dice = Math.imul(i, GOLDEN) >>> 0;
    lookup(snapshot.table, question, message, 16 + wire.length, 1232, answer);
  }
  const ns = ((performance.now() - started) * 1e6) / rounds;
  console.log(`lookup, ${what}: ${ns.toFixed(0)} ns (outcome ${answer.outcome})`);
}

const model = modelOf();
const places = {
  v4: new Int32Array(new SharedArrayBuffer(4)),
  v6: new Int32Array(new SharedArrayBuffer(4)),
  places: [UNKNOWN_PLACE, ...Array.from({ length: PLACES - 1 }, (_, index) => placeAt(index + 1))],
  source: 'bench',
  builtAt: 0,
};
const base: SnapshotInput = { model, health: healthWith(model, ''), overrides: new Map(), places, serial: 1, now: 0 };
console.log(`${HOSTNAMES} hostnames × ${CLUSTERS} clusters, ${PLACES} places`);
let snapshot = timed('compile from nothing', () => compile(base));
const flips = Array.from({ length: 20 }, (_, round) => {
  const health = healthWith(model, round % 2 === 0 ? `cluster-${(round / 2) % CLUSTERS}` : '');
  const started = performance.now();
  snapshot = compile({ ...base, health }, snapshot);
  return performance.now() - started;
}).toSorted((x, y) => x - y);
console.log(`flip of a cluster: median ${flips[10]!.toFixed(2)} ms, best ${flips[0]!.toFixed(2)} ms`);
const one = new Map(snapshot.health);
one.set(`cluster-0/0`, { state: 'down', since: 2, contrary: 0, secondsToChange: 1 });
snapshot = timed('flip of one monitor', () => compile({ ...base, health: one }, snapshot));
timed('compile of an equal new model', () => compile({ ...base, model: { ...model }, serial: 2 }, snapshot));
measureLookups(snapshot, 'steered', (index) => `host-${index % HOSTNAMES}.${ZONE}`);
measureLookups(snapshot, 'NXDOMAIN', (index) => `missing-${index}.deep.${ZONE}`);
measureLookups(snapshot, 'refused', (index) => `host-${index}.other.test`);
