/** A small world made by hand: one zone with everything in it, three clusters, four places. */
import { EVERYWHERE, type Location, type Place, UNKNOWN_PLACE } from '../../src/core/desired/area.ts';
import { nameFromWire, nameToWire } from '../../src/core/desired/domain-name.ts';
import type { ClusterSpec, Endpoint, Hostname, Model, Policy, ZoneSpec } from '../../src/core/desired/model.ts';
import type { RecordData, StaticRecord } from '../../src/core/desired/records.ts';
import { compile } from '../../src/core/snapshot/compile.ts';
import type { PlaceTable } from '../../src/core/snapshot/place-table.ts';
import { buildTrie, networkTree, type PlaceNetwork } from '../../src/core/snapshot/place-trie.ts';
import type { Snapshot } from '../../src/core/snapshot/snapshot.ts';

const ZONE = 'gslb.example';
export const SERIAL = 2026112201;
/** Below the TTL of the SOA record, so that negative answers show which of the two counts. */
export const SOA_MINIMUM = 60;

/** The VIPs by cluster. */
export const VIP = {
  'eu-west': { v4: '203.0.113.10', v6: '2001:db8:10::1' },
  'us-east': { v4: '203.0.113.20', v6: '2001:db8:20::1' },
  'ap-northeast': { v4: '203.0.113.30', v6: '2001:db8:30::1' },
} as const;

const FRANKFURT: Location = { lat: 50.11, lon: 8.68, country: 'DE', continent: 'EU' };
const VIRGINIA: Location = { lat: 39.04, lon: -77.49, country: 'US', continent: 'NA' };
const TOKYO: Location = { lat: 35.68, lon: 139.69, country: 'JP', continent: 'AS' };

const WHERE: Record<keyof typeof VIP, Location> = { 'eu-west': FRANKFURT, 'us-east': VIRGINIA, 'ap-northeast': TOKYO };
const ORIGIN = { file: 'test' };

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

function endpoint(cluster: keyof typeof VIP, family: 4 | 6, weight: number): Endpoint {
  return {
    cluster,
    gateway: 'default/web',
    address: family === 4 ? VIP[cluster].v4 : VIP[cluster].v6,
    family,
    monitor: 'unchecked',
    weight,
    tier: 0,
    bias: 0,
    serves: EVERYWHERE,
    drain: { kind: 'none' },
    location: WHERE[cluster],
  };
}

function hostname(name: string, policy: Partial<Policy>, endpoints: readonly Endpoint[]): Hostname {
  const ordered = endpoints.toSorted((a, b) => `${a.cluster}/${a.address}`.localeCompare(`${b.cluster}/${b.address}`));
  return { name, zone: ZONE, policy: { ...POLICY, ...policy }, endpoints: ordered, askers: [] };
}

function everywhere(families: readonly (4 | 6)[]): readonly Endpoint[] {
  const clusters = ['ap-northeast', 'eu-west', 'us-east'] as const;
  return clusters.flatMap((cluster) => families.map((family) => endpoint(cluster, family, 100)));
}

function at(owner: string, data: RecordData, ttl = 300): StaticRecord {
  const wire = nameToWire(owner === '@' ? ZONE : `${owner}.${ZONE}`);
  if (wire === undefined) throw new Error(`no name: ${owner}`);
  return { owner: nameFromWire(wire), ttl, data };
}

function text(owner: string, ...strings: readonly string[]): StaticRecord {
  return at(owner, { type: 'TXT', strings: strings.map((string) => Buffer.from(string, 'latin1')) });
}

const RECORDS: readonly StaticRecord[] = [
  at('static', { type: 'A', address: '192.0.2.1' }),
  at('static', { type: 'A', address: '192.0.2.2' }),
  at('v6', { type: 'AAAA', address: '2001:db8::1' }),
  at('www', { type: 'CNAME', target: `static.${ZONE}` }),
  at('to-steered', { type: 'CNAME', target: `shop.${ZONE}` }),
  at('to-nowhere', { type: 'CNAME', target: `missing.${ZONE}` }),
  at('to-outside', { type: 'CNAME', target: 'www.example.org' }),
  at('loop-a', { type: 'CNAME', target: `loop-b.${ZONE}` }),
  at('loop-b', { type: 'CNAME', target: `loop-a.${ZONE}` }),
  at('@', { type: 'MX', preference: 10, target: `mail.${ZONE}` }),
  at('mail', { type: 'A', address: '192.0.2.25' }),
  text('text', 'one', 'two'),
  at('caa', { type: 'CAA', flags: 0, tag: 'issue', value: Buffer.from('ca.example.net') }),
  at('caa', { type: 'CAA', flags: 128, tag: 'tbs', value: Buffer.from('unknown') }),
  at('_sip._tcp', { type: 'SRV', priority: 1, weight: 2, port: 5060, target: `static.${ZONE}` }),
  at('*.wild', { type: 'A', address: '192.0.2.77' }),
  text('*.wild', 'wildcard'),
  text('a.deep.ent', 'below an empty non-terminal'),
  at('child', { type: 'NS', target: `ns.child.${ZONE}` }),
  at('ns.child', { type: 'A', address: '192.0.2.99' }),
  at('child', { type: 'DS', keyTag: 1, algorithm: 13, digestType: 2, digest: new Uint8Array(32) }),
  text('odd\\000\\255\\.label', 'any octet is legal in a label'),
  ...Array.from({ length: 9 }, (_, i) => text('big', `${i}`.repeat(200))),
  ...Array.from({ length: 250 }, (_, i) => text('huge', String(i).padStart(3, '0').repeat(80))),
];

const ZONE_SPEC: ZoneSpec = {
  apex: ZONE,
  nameservers: [
    { name: `ns1.${ZONE}`, addresses: ['192.0.2.53', '2001:db8::53'] },
    { name: `ns2.${ZONE}`, addresses: ['198.51.100.53'] },
  ],
  nsTtl: 3600,
  soa: {
    mname: `ns1.${ZONE}`,
    rname: `hostmaster.${ZONE}`,
    refresh: 7200,
    retry: 900,
    expire: 1209600,
    minimum: SOA_MINIMUM,
    ttl: 3600,
  },
  records: RECORDS,
};

const CLUSTERS: readonly ClusterSpec[] = [
  { name: 'eu-west', location: FRANKFURT, annotations: {}, origin: ORIGIN },
  { name: 'us-east', location: VIRGINIA, annotations: {}, origin: ORIGIN },
  { name: 'ap-northeast', location: TOKYO, annotations: {}, origin: ORIGIN },
];

/** What the clusters ask for: `shop` nearest, `api` 80/20, `all` three at once, `kept` one of three by subnet, `*.apps` nearest. */
const MODEL: Model = {
  zones: [ZONE_SPEC],
  clusters: CLUSTERS,
  hostnames: [
    hostname(`*.apps.${ZONE}`, {}, everywhere([4])),
    hostname(`all.${ZONE}`, { steering: 'multivalue', answers: 3 }, everywhere([4, 6])),
    hostname(`api.${ZONE}`, { steering: 'weighted' }, [endpoint('eu-west', 4, 80), endpoint('us-east', 4, 20)]),
    hostname(`kept.${ZONE}`, { steering: 'weighted', sticky: 'subnet' }, everywhere([4, 6])),
    hostname(`shop.${ZONE}`, {}, everywhere([4, 6])),
  ],
  monitors: [],
  lookups: [],
  findings: [],
};

const PLACES: readonly Place[] = [
  UNKNOWN_PLACE,
  { kind: 'known', ...FRANKFURT },
  { kind: 'known', ...VIRGINIA },
  { kind: 'known', ...TOKYO },
];

function network4(address: string, length: number, place: number): PlaceNetwork {
  return { octets: Uint8Array.from(address.split('.'), Number), length, place };
}

function network6(groups: readonly number[], length: number, place: number): PlaceNetwork {
  const octets = new Uint8Array(16);
  groups.forEach((group, i) => {
    octets.set([group >> 8, group & 0xff], i * 2);
  });
  return { octets, length, place };
}

const PLACE_TABLE: PlaceTable = {
  v4: buildTrie(
    4,
    networkTree([network4('192.0.2.0', 24, 1), network4('198.51.100.0', 25, 2), network4('203.0.112.0', 20, 3)]),
  ),
  v6: buildTrie(6, networkTree([network6([0x2001, 0xdb8, 1], 48, 1), network6([0x2001, 0xdb8, 2], 56, 2)])),
  places: PLACES,
  source: 'synthetic',
  builtAt: 0,
};

/** The world compiled: everybody up. Frankfurt is 192.0.2.0/24, Virginia 198.51.100.0/25, Tokyo 203.0.112.0/20. */
export function createWorld(): Snapshot {
  return compile({
    model: MODEL,
    health: new Map(),
    places: PLACE_TABLE,
    serial: SERIAL,
    now: 0,
  });
}
