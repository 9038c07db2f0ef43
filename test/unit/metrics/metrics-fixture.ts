import type { DnsCounts, DnsListener } from '../../../src/core/dns-ports.ts';
import { asked, type Drill, noted } from '../../../src/core/drill/drill.ts';
import type { QueryMix } from '../../../src/core/plan/query-mix.ts';
import type { ClusterView, Director } from '../../../src/core/ports.ts';
import type { RolloutStanding } from '../../../src/core/rollout/rollout-book.ts';
import { createMetrics } from '../../../src/metrics/registry.ts';
import { createDirectorFixture, MODEL, NOW, VIEWS } from '../admin/director-fixture.ts';

/** What the DNS servers counted. */
export const COUNTS: DnsCounts = {
  responses: [
    { transport: 'udp', rcode: 'NOERROR', count: 90 },
    { transport: 'tcp', rcode: 'NXDOMAIN', count: 2 },
  ],
  queries: [{ transport: 'udp', type: 'AAAA', count: 41 }],
  types: [{ type: 'AAAA', rcode: 'SERVFAIL', count: 7 }],
  zones: [{ zone: 'gslb.example', rcode: 'NXDOMAIN', count: 80 }],
  clusters: [{ cluster: 'eu-west', count: 70 }],
  exceptional: [{ reason: 'residency', count: 6 }],
  truncated: 3,
  dropped: [{ reason: 'short', count: 5 }],
  tcp: { open: 1, accepted: 9, closed: [{ reason: 'idle', count: 8 }] },
};

/** Two listeners that fare alike. */
const LISTENERS: readonly DnsListener[] = ['127.0.0.1', '::1'].map((host) => ({
  address: { host, port: 53 },
  engine: 'native',
  workers: { starting: 0, running: 3, restarting: 1, failed: 0 },
  restarts: 2,
  lastTrouble: undefined,
  socketErrors: [{ call: 'sendmmsg', error: 'EPERM', count: 6 }],
}));

/** A rollout that is through. */
const ROLLOUT: RolloutStanding = {
  rollout: {
    spec: { name: 'shop-v2', from: ['eu-west'], to: ['us-east'], plan: { kind: 'blue-green' } },
    state: 'switched',
    step: 0,
    since: NOW,
    why: 'switch by ops',
  },
  percent: 100,
  nextAt: undefined,
  guard: { kind: 'good' },
};

/** A drill of ten minutes that began a minute ago. */
const DRILL: Drill = {
  ...noted(
    asked(
      {
        name: 'eu-gone',
        scope: { clusters: ['eu-west'] },
        action: { kind: 'fail' },
        lengthMs: 600_000,
        abort: { noEndpoint: 'abort', capacity: 'go-on', healthyShare: 0, monitors: [] },
        reason: 'x',
      },
      NOW - 90_000,
      'ops',
    ),
    { at: NOW - 60_000, kind: 'begun', detail: '' },
  ),
  state: 'running',
};

const KIND: ClusterView['kinds'][number] = {
  kind: 'Gateway',
  namespace: '',
  apiVersion: 'gateway.networking.k8s.io/v1',
  state: 'watching',
  problem: undefined,
  lastHeardAt: NOW,
  objects: 3,
  lists: 2,
  watches: 5,
};

/** Our view of the one live cluster. */
const VIEW: ClusterView = {
  cluster: 'eu-west',
  state: 'retrying',
  lastHeardAt: NOW,
  kinds: [KIND, { ...KIND, kind: 'HTTPRoute', state: 'retrying', lists: 1, watches: 1 }],
};

/** What is asked, in both of the known places alike. */
export const MIX: QueryMix = {
  state: 'observed',
  observedMs: 60_000,
  questions: 240,
  perSecond: 4,
  names: new Map([
    ['api.gslb.example', 3],
    ['shop.gslb.example', 1],
  ]),
  table: undefined,
  places: new Map([
    [1, 2],
    [2, 2],
  ]),
  others: 0,
  counted: 1000,
};

/** Metrics over the director fixture, which really compiles. */
export function createMetricsFixture(model = MODEL, changes: Partial<Director> = {}) {
  let now = NOW;
  let counts = COUNTS;
  let mix = MIX;
  let rollouts: readonly RolloutStanding[] = [ROLLOUT];
  let drills: readonly Drill[] = [DRILL];
  const fixture = createDirectorFixture(model);
  const metrics = createMetrics({
    director: {
      ...fixture.director,
      rollouts: { ...fixture.director.rollouts, list: () => rollouts },
      drills: { ...fixture.director.drills, list: () => drills },
      ...changes,
    },
    views: () => VIEWS,
    clusterViews: () => [VIEW],
    queryMix: () => ({ ...mix, table: fixture.director.snapshot().places }),
    now: () => now,
    dnsCounts: () => counts,
    dnsListeners: () => LISTENERS,
    queueDrops: async () => new Map([['[::1]:53', 17]]),
    readiness: () => [
      { name: 'dns', state: 'ready', reason: '' },
      { name: 'prober', state: 'waiting', reason: 'first round' },
    ],
    build: { version: '0.1.0', engine: 'node' },
  });
  const lines = async () => (await metrics.render()).body.split('\n');
  return {
    ...fixture,
    metrics,
    lines,
    pass: (ms: number): void => {
      now += ms;
    },
    count: (next: DnsCounts): void => {
      counts = next;
    },
    ask: (next: Partial<QueryMix>): void => {
      mix = { ...mix, ...next };
    },
    drill: (next: Partial<Drill>): void => {
      drills = drills.map((drill) => ({ ...drill, ...next }));
    },
    roll: (next: readonly RolloutStanding[]): void => {
      rollouts = next;
    },
  };
}

/** One event of each kind, so that every metric has a series. */
export function withEvents() {
  const fixture = createMetricsFixture();
  const [monitor] = MODEL.monitors;
  if (monitor === undefined) throw new Error('the fixture has no monitor');
  const result = { monitor: monitor.id, at: NOW, durationMs: 20, phases: { connectMs: 2, tlsMs: 8 } };
  const sight = { certificateEndsAt: NOW + 40 * 86_400_000 };
  fixture.metrics.onProbe({ ...result, sight, outcome: { kind: 'success' } }, monitor);
  fixture.metrics.onProbe({ ...result, outcome: { kind: 'failure', failure: 'tls', detail: '' } }, monitor);
  fixture.metrics.onPublish({ compileMs: 4, causeToAnswerMs: 30 });
  fixture.metrics.onProbeStart(30);
  fixture.metrics.onSlotsMissed(3);
  fixture.metrics.onSelfCheck({ listener: '127.0.0.1:53', result: 'ok', durationMs: 0.2 });
  fixture.metrics.onRefusal('safety-max-moved');
  fixture.metrics.onSelfCheck({ listener: '127.0.0.1:53', result: 'failed', durationMs: 1000 });
  return fixture;
}
