/** Models, tables and questions made by hand; answers read by dns-packet, a decoder that is not ours. */
import dnsPacket from 'dns-packet';
import { EVERYWHERE, type Location, type Place, UNKNOWN_PLACE } from '../../../../src/core/desired/area.ts';
import { nameToWire } from '../../../../src/core/desired/domain-name.ts';
import type { Endpoint, Hostname, Model, Policy, ZoneSpec } from '../../../../src/core/desired/model.ts';
import type { RecordData, StaticRecord } from '../../../../src/core/desired/records.ts';
import type { MonitorHealth } from '../../../../src/core/health/monitor-health.ts';
import { createOrderOverlay } from '../../../../src/core/orders/overlay.ts';
import { drainOf } from '../../../../src/core/orders/override.ts';
import { compile } from '../../../../src/core/snapshot/compile.ts';
import { type Answer, createAnswer, createQuestion, lookup, setName } from '../../../../src/core/snapshot/lookup.ts';
import { createMessageBuffer } from '../../../../src/core/snapshot/message-buffer.ts';
import type { PlaceTable } from '../../../../src/core/snapshot/place-table.ts';
import { RR_TYPE } from '../../../../src/core/snapshot/rr-type.ts';
import type { Snapshot, SnapshotInput } from '../../../../src/core/snapshot/snapshot.ts';

export const PLACES: Record<string, Location> = {
  frankfurt: { lat: 50.11, lon: 8.68, country: 'DE', continent: 'EU' },
  virginia: { lat: 39.04, lon: -77.49, country: 'US', continent: 'NA' },
  tokyo: { lat: 35.68, lon: 139.69, country: 'JP', continent: 'AS' },
};

const ORIGIN = { file: 'test' };

export function placesOf(places: readonly Place[]): PlaceTable {
  const none = new Int32Array(new SharedArrayBuffer(4));
  return { v4: none, v6: none, places: [UNKNOWN_PLACE, ...places], source: 'test', builtAt: 0 };
}

/** Place 0 is unknown, 1 Frankfurt, 2 Virginia, 3 Tokyo. */
const THREE_PLACES = placesOf(Object.values(PLACES).map((where) => ({ kind: 'known', ...where })));

export function record(owner: string, data: RecordData, ttl = 300): StaticRecord {
  return { owner, ttl, data };
}

export function a(owner: string, address: string): StaticRecord {
  return record(owner, { type: address.includes(':') ? 'AAAA' : 'A', address });
}

export function cname(owner: string, target: string): StaticRecord {
  return record(owner, { type: 'CNAME', target });
}

export function ns(owner: string, target: string): StaticRecord {
  return record(owner, { type: 'NS', target });
}

export function ds(owner: string): StaticRecord {
  return record(owner, { type: 'DS', keyTag: 7, algorithm: 13, digestType: 2, digest: new Uint8Array(32).fill(9) });
}

export function zone(apex: string, records: readonly StaticRecord[] = [], more: Partial<ZoneSpec> = {}): ZoneSpec {
  const under = (label: string): string => (apex === '' ? label : `${label}.${apex}`);
  return {
    apex,
    nameservers: [{ name: under('ns1'), addresses: ['192.0.2.53', '2001:db8::53'] }],
    nsTtl: 3600,
    soa: {
      mname: under('ns1'),
      rname: under('hostmaster'),
      refresh: 7200,
      retry: 900,
      expire: 1_209_600,
      minimum: 60,
      ttl: 3600,
    },
    records,
    ...more,
  };
}

export function endpoint(cluster: string, address: string, more: Partial<Endpoint> = {}): Endpoint {
  return {
    cluster,
    gateway: 'infra/public',
    address,
    family: address.includes(':') ? 6 : 4,
    monitor: cluster,
    weight: 100,
    tier: 0,
    bias: 0,
    serves: EVERYWHERE,
    drain: { kind: 'none' },
    location: { lat: 0, lon: 0, country: '', continent: '' },
    ...more,
  };
}

export function hostname(name: string, policy: Partial<Policy>, endpoints: readonly Endpoint[]): Hostname {
  return {
    name,
    zone: 'example',
    policy: {
      steering: 'weighted',
      sticky: 'none',
      nearestBand: 0,
      residency: EVERYWHERE,
      answers: 1,
      ttl: 30,
      minHealthy: { kind: 'count', value: 0 },
      lastResort: { kind: 'all' },
      ...policy,
    },
    endpoints,
    askers: [],
  };
}

export function health(states: Record<string, MonitorHealth['state']>, more: Partial<MonitorHealth> = {}) {
  const entries = Object.entries(states).map(([id, state]): [string, MonitorHealth] => {
    return [id, { state, since: 1000, contrary: 0, secondsToChange: Number.POSITIVE_INFINITY, ...more }];
  });
  return new Map(entries);
}

export function model(zones: readonly ZoneSpec[], hostnames: readonly Hostname[] = []): Model {
  const names = new Set(hostnames.flatMap(({ endpoints }) => endpoints.map(({ cluster }) => cluster)));
  const clusters = [...names].map((name) => ({ name, location: PLACES['tokyo']!, annotations: {}, origin: ORIGIN }));
  return { zones, clusters, hostnames, monitors: [], lookups: [], findings: [] };
}

export function input(from: Model, more: Partial<SnapshotInput> = {}): SnapshotInput {
  return {
    model: from,
    health: new Map(),
    places: THREE_PLACES,
    serial: 2026112201,
    now: 1_000_000,
    ...more,
  };
}

/** The model with these clusters drained by order, at once or from a time on. */
export function drained(of: Model, clusters: readonly string[], from?: number): Model {
  const orders = clusters.map((cluster) =>
    drainOf({ cluster, at: 0, by: 'test', reason: 'test', ...(from === undefined ? {} : { from }) }),
  );
  return createOrderOverlay().lay(of, new Map(orders.map((order) => [order.name, order])), 0);
}

export function snapshotOf(zones: readonly ZoneSpec[], hostnames: readonly Hostname[] = []): Snapshot {
  return compile(input(model(zones, hostnames)));
}

export type Told = Omit<Answer, 'answers' | 'authorities' | 'additionals'> & {
  readonly answers: readonly dnsPacket.Answer[];
  readonly authorities: readonly dnsPacket.Answer[];
  readonly additionals: readonly dnsPacket.Answer[];
  /** `name type data`, answer section only. */
  readonly said: readonly string[];
};

export type AskOptions = {
  readonly place?: number;
  readonly subnet?: number;
  readonly dice?: number;
  readonly limit?: number;
};

/** Octet that must stay where `lookup` may not write. */
const UNTOUCHED = 0xee;

export function ask(snapshot: Snapshot, name: string, type: number, options: AskOptions = {}): Told {
  const wire = nameToWire(name)!;
  const question = createQuestion();
  setName(question, wire);
  question.type = type;
  question.place = options.place ?? 0;
  question.subnet = options.subnet ?? 0;
  question.dice = options.dice ?? 0;
  const limit = options.limit ?? 4096;
  const start = 12 + wire.length + 4;
  const memory = createMessageBuffer(Math.max(limit, start) + 512);
  const message = memory.octets.fill(UNTOUCHED);
  message.fill(0, 0, start);
  message.set(wire, 12);
  message.set([type >> 8, type & 255, 0, 1], 12 + wire.length);
  const answer = createAnswer();
  lookup(snapshot.table, question, memory, start, limit, answer);
  if (message.subarray(Math.max(limit, start)).some((octet) => octet !== UNTOUCHED)) throw new Error('wrote too far');
  message.set([0x84, answer.rcode, 0, 1, 0, answer.answers, 0, answer.authorities, 0, answer.additionals], 2);
  const packet = dnsPacket.decode(Buffer.from(message.subarray(0, answer.end)));
  const answers = packet.answers ?? [];
  const authorities = packet.authorities ?? [];
  const additionals = packet.additionals ?? [];
  if (dnsPacket.decode.bytes !== answer.end) throw new Error(`${answer.end - dnsPacket.decode.bytes} octets left over`);
  return { ...answer, answers, authorities, additionals, said: answers.map(textOf) };
}

export function textOf(record: dnsPacket.Answer): string {
  const data = 'data' in record ? record.data : '';
  return `${record.name} ${record.type} ${typeof data === 'string' ? data : JSON.stringify(data)}`;
}

export { RR_TYPE as TYPE };
