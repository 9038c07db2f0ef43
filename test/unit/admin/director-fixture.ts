import { EVERYWHERE, type Location } from '../../../src/core/desired/area.ts';
import { type Finding, finding } from '../../../src/core/desired/finding.ts';
import type { Endpoint, GaugeSpec, Hostname, Model, Monitor, Policy } from '../../../src/core/desired/model.ts';
import type { BreakerView } from '../../../src/core/health/breaker-terms.ts';
import type { GaugeStanding } from '../../../src/core/health/external-gauge.ts';
import { UNSEEN } from '../../../src/core/health/judge.ts';
import type { MonitorHealth } from '../../../src/core/health/monitor-health.ts';
import { createOrderOverlay } from '../../../src/core/orders/overlay.ts';
import { type DrainOrder, drainNameOf, drainOf, type Overrides } from '../../../src/core/orders/override.ts';
import { outlook } from '../../../src/core/plan/outlook.ts';
import type { Director, Refusal, ViewAge } from '../../../src/core/ports.ts';
import { compile } from '../../../src/core/snapshot/compile.ts';
import type { PlaceTable } from '../../../src/core/snapshot/place-table.ts';
import { buildTrie, networkTree } from '../../../src/core/snapshot/place-trie.ts';

/** The moment at which everything here happens. */
export const NOW = Date.UTC(2026, 10, 22, 12, 0, 0);

const FRANKFURT: Location = { lat: 50.11, lon: 8.68, country: 'DE', continent: 'EU' };
const VIRGINIA: Location = { lat: 39.04, lon: -77.49, country: 'US', continent: 'NA' };
const LOCATIONS: Readonly<Record<string, Location>> = { 'eu-west': FRANKFURT, 'us-east': VIRGINIA };

const PLACES: PlaceTable = {
  v4: buildTrie(
    4,
    networkTree([
      { octets: Uint8Array.of(192, 0, 2, 0), length: 24, place: 1 },
      { octets: Uint8Array.of(198, 51, 100, 0), length: 24, place: 2 },
    ]),
  ),
  v6: buildTrie(6, networkTree([])),
  places: [{ kind: 'unknown' }, { kind: 'known', ...FRANKFURT }, { kind: 'known', ...VIRGINIA }],
  source: 'a table made for tests',
  builtAt: NOW - 86_400_000,
};

const NEAREST: Policy = {
  steering: 'nearest',
  sticky: 'none',
  nearestBand: 0,
  residency: EVERYWHERE,
  answers: 1,
  ttl: 30,
  minHealthy: { kind: 'count', value: 0 },
  lastResort: { kind: 'all' },
};

function endpoint(cluster: string, address: string, monitor: string, weight = 100): Endpoint {
  const location = LOCATIONS[cluster];
  if (location === undefined) throw new Error(`no cluster ${cluster}`);
  return {
    cluster,
    gateway: 'infra/public',
    address,
    family: 4,
    monitor,
    weight,
    tier: 0,
    bias: 0,
    serves: EVERYWHERE,
    drain: { kind: 'none' },
    location,
  };
}

function hostname(name: string, policy: Policy, endpoints: readonly Endpoint[]): Hostname {
  const origin = { file: 'clusters/eu-west/shop.yaml', line: 7 };
  const askers = [{ kind: 'HTTPRoute', namespace: 'shop', name: 'web', origin }] as const;
  return { name, zone: 'gslb.example', policy, endpoints, askers };
}

function monitor(id: string, address: string): Monitor {
  return {
    id,
    protocol: 'https',
    address,
    port: 443,
    host: 'shop.gslb.example',
    path: '/healthz',
    expect: { kind: 'status', ranges: [[200, 399]] },
    intervalMs: 10_000,
    timeoutMs: 3_000,
    rise: 2,
    fall: 3,
  };
}

const LOAD: GaugeSpec = {
  url: 'http://203.0.113.9:9090',
  expr: 'load',
  above: 0.9,
  runs: 2,
  means: 'down',
  intervalMs: 15_000,
  timeoutMs: 5_000,
};

/** What there is: the hostname `shop` up in Frankfurt and down in Virginia, `api` by weight, and one wildcard. */
export const MODEL: Model = {
  zones: [
    {
      apex: 'gslb.example',
      nameservers: [{ name: 'ns1.gslb.example', addresses: ['192.0.2.53'] }],
      nsTtl: 3600,
      soa: {
        mname: 'ns1.gslb.example',
        rname: 'hostmaster.gslb.example',
        refresh: 7200,
        retry: 900,
        expire: 1_209_600,
        minimum: 60,
        ttl: 300,
      },
      records: [],
    },
  ],
  clusters: Object.entries(LOCATIONS).map(([name, location]) => ({
    name,
    location,
    annotations: {},
    origin: { file: 'azimuth.yaml', line: 3 },
  })),
  teams: [
    { name: 'shop', namespaces: ['shop'], clusters: [], hostnames: ['shop.gslb.example', 'cart.gslb.example'] },
    { name: 'apps', namespaces: ['app-*'], clusters: ['us-east'], hostnames: ['*.apps.gslb.example'] },
  ],
  hostnames: [
    hostname('*.apps.gslb.example', NEAREST, [endpoint('eu-west', '203.0.113.1', 'unchecked')]),
    hostname('api.gslb.example', { ...NEAREST, steering: 'weighted' }, [
      endpoint('eu-west', '203.0.113.1', 'unchecked', 80),
      endpoint('us-east', '203.0.113.2', 'unchecked', 20),
    ]),
    hostname('shop.gslb.example', NEAREST, [
      endpoint('eu-west', '203.0.113.1', 'eu'),
      endpoint('us-east', '203.0.113.2', 'us'),
    ]),
  ],
  monitors: [monitor('eu', '203.0.113.1'), monitor('us', '203.0.113.2')],
  calculated: [{ id: 'monitor:no-load', kind: 'not', need: 1, members: ['monitor:load'] }],
  named: [
    { name: 'load', id: 'monitor:load', source: { kind: 'prometheus', gauge: LOAD } },
    {
      name: 'eu-load',
      id: 'monitor:eu-load',
      source: { kind: 'load', cluster: 'eu-west', from: { kind: 'external', expiresMs: 60_000 } },
    },
    {
      name: 'no-load',
      id: 'monitor:no-load',
      source: {
        kind: 'calculated',
        monitor: { id: 'monitor:no-load', kind: 'not', need: 1, members: ['monitor:load'] },
      },
    },
  ],
  lookups: [],
  findings: [],
};

const HEALTH: ReadonlyMap<string, MonitorHealth> = new Map<string, MonitorHealth>([
  [
    'eu',
    {
      state: 'up',
      since: NOW - 60_000,
      contrary: 0,
      secondsToChange: Number.POSITIVE_INFINITY,
      last: {
        monitor: 'eu',
        at: NOW - 1_000,
        durationMs: 12,
        certificateDaysLeft: 40,
        phases: { connectMs: 1.5, tlsMs: 4, firstByteMs: 6 },
        outcome: { kind: 'success' },
      },
    },
  ],
  ['monitor:load', { ...UNSEEN, state: 'up', since: NOW - 9_000 }],
  [
    'monitor:eu-load',
    { ...UNSEEN, state: 'up', since: NOW - 9_000, admits: 192, load: { rate: 1200, capacity: 1000 } },
  ],
  [
    'us',
    {
      state: 'down',
      since: NOW - 30_000,
      contrary: 0,
      secondsToChange: Number.POSITIVE_INFINITY,
      last: {
        monitor: 'us',
        at: NOW - 2_000,
        durationMs: 3_000,
        outcome: { kind: 'failure', failure: 'timeout', detail: 'no answer in 3 s' },
      },
    },
  ],
]);

const LOADED: GaugeStanding = {
  health: { ...UNSEEN, state: 'up', since: NOW - 9_000 },
  misses: 0,
  last: { monitor: 'monitor:load', at: NOW - 1_000, outcome: { kind: 'value', value: 0.25 } },
};
const GAUGES: ReadonlyMap<string, GaugeStanding> = new Map([['monitor:load', LOADED]]);

const FINDINGS: readonly Finding[] = [
  finding('gateway-no-address', { file: 'clusters/eu-west/gw.yaml', line: 3 }, 'Gateway infra/x has no address.'),
  finding('annotation-unknown', { file: 'clusters/eu-west/gw.yaml', line: 9 }, 'There is no key "wieght".', 'weight'),
  finding('annotation-unknown', { file: 'clusters/us-east/gw.yaml', line: 9 }, 'There is no key "teir".', 'tier'),
];

/** Frankfurt was heard of a moment ago; what is known of Virginia is from yesterday's run. */
export const VIEWS: readonly ViewAge[] = [
  { cluster: 'eu-west', origin: 'source', asOf: NOW - 12_000 },
  { cluster: 'us-east', origin: 'store', asOf: NOW - 86_400_000 },
];

/** A director over `MODEL` that really compiles; a drain of the last cluster is refused, and so is what `refuse` says. */
export function createDirectorFixture(model = MODEL) {
  let overrides: Overrides = new Map();
  let refusal: Refusal | undefined;
  let breaker: BreakerView = { state: 'trusting', withheld: 0, controls: [] };
  const orders: { order: DrainOrder; mode: string }[] = [];
  const overlay = createOrderOverlay();
  const make = () => {
    const laid = overlay.lay(model, overrides, NOW);
    return compile({ model: laid, health: HEALTH, places: PLACES, serial: 2026112200, now: NOW });
  };
  let snapshot = make();
  const change = (next: Overrides): 'done' => {
    overrides = next;
    snapshot = make();
    return 'done';
  };
  const refused = (cluster: string): Refusal | undefined => {
    if (refusal !== undefined) return refusal;
    if (model.clusters.some(({ name }) => name === cluster)) return undefined;
    return { code: 'cluster-unknown', message: `There is no cluster "${cluster}".` };
  };
  const director: Director = {
    snapshot: () => snapshot,
    findings: () => FINDINGS,
    health: () => HEALTH,
    overrides: () => overrides,
    async drain(order, mode) {
      orders.push({ order, mode });
      const no = refused(order.cluster);
      if (no !== undefined) return no;
      if (mode === 'guarded' && order.cluster === 'eu-west') {
        return { code: 'drain-leaves-none', message: 'Draining eu-west leaves no usable cluster.' };
      }
      const drain = drainOf(order);
      return change(new Map(overrides).set(drain.name, drain));
    },
    breaker: () => breaker,
    closeBreaker() {
      const done = breaker.state === 'blind' ? 'closed' : 'trusting';
      breaker = { state: 'trusting', withheld: 0, controls: [] };
      return done;
    },
    async undrain(cluster) {
      const no = refused(cluster);
      return no ?? change(new Map([...overrides].filter(([name]) => name !== drainNameOf(cluster))));
    },
    failback({ cluster, monitor }) {
      const no = refused(cluster);
      if (no !== undefined) return no;
      if (monitor !== undefined && monitor !== 'us') return { code: 'monitor-unknown', message: 'There is none.' };
      return ['us'];
    },
    push: ({ name }) => ({ code: 'monitor-unknown', message: `There is no monitor "${name}".` }),
    pushed: () => new Map(),
    gauges: () => GAUGES,
    rollouts: {
      list: () => [],
      start: async () => 'done',
      order: async (name) => ({ code: 'rollout-unknown', message: `There is no rollout "${name}".` }),
    },
    orders: {
      put: async (order) => change(new Map(overrides).set(order.name, order)),
      async clear(name) {
        const rest = new Map([...overrides].filter(([each]) => each !== name));
        return overrides.has(name) ? change(rest) : { code: 'override-unknown', message: 'There is no such override.' };
      },
    },
    drills: {
      list: () => [],
      refusal: () => undefined,
      rehearse: () => ({ outlook: outlook(snapshot, snapshot, { listed: 1 }), broken: [] }),
      start: async () => 'done',
      stop: async (name) => ({ code: 'drill-unknown', message: `There is no drill "${name}".` }),
      forget: async (name) => ({ code: 'drill-unknown', message: `There is no drill "${name}".` }),
    },
    loads: () => new Map(),
  };
  return {
    director,
    orders,
    blind(next: BreakerView): void {
      breaker = next;
    },
    refuse(next: Refusal | undefined): void {
      refusal = next;
    },
  };
}
