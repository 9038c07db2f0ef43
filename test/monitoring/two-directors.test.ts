import { once } from 'node:events';
import { createServer } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BOARDS, filled, queryOf, valueAt } from './board-queries.ts';
import { type MonitoredWorld, SHOP, startMonitoredWorld } from './monitored-world.ts';
import { PROMETHEUS, type Sample } from './own-prometheus.ts';

/** Longest wait for what was done to be seen in Prometheus, in ms. */
const PATIENCE = { timeout: 20_000, interval: 250 };

/** Errors, more of them than codes, in two hostnames that nobody can serve. */
const ERRORS = ['one', 'two']
  .map(
    (name) => `---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: ${name}, namespace: web, annotations: { azimuth.dev/weight: many${name === 'one' ? '' : ', azimuth.dev/ttl: long'} } }
spec:
  gatewayClassName: example
  listeners: [{ name: http, protocol: HTTP, port: 80, hostname: ${name}.gslb.example }]
`,
  )
  .join('');

/** A blackbox exporter of somebody else, with a target that is slower than all of ours. */
const foreign = createServer((_, response) => {
  response.end('probe_success 0\nprobe_duration_seconds 99\nprobe_http_status_code 500\n');
});

describe.skipIf(PROMETHEUS === undefined)('boards of two directors (skipped where it is not installed)', () => {
  let world: MonitoredWorld;
  beforeAll(async () => {
    foreign.listen(0, '127.0.0.1');
    await once(foreign, 'listening');
    const address = foreign.address();
    if (typeof address !== 'object' || address === null) throw new Error('no port');
    world = await startMonitoredWorld(PROMETHEUS ?? '', {
      directors: 2,
      foreign: `127.0.0.1:${address.port}`,
      more: ERRORS,
      euProbe: ({ port }) => `tcp://:${port}`,
    });
  });
  afterAll(async () => {
    await world?.stop();
    foreign.closeAllConnections();
    foreign.close();
  });

  const panel = (file: string, title: string): Promise<readonly Sample[]> =>
    world.prometheus.ask(filled(queryOf(file, title)));
  const number = async (file: string, title: string): Promise<number | undefined> => {
    const samples = await panel(file, title);
    expect(samples.length, title).toBeLessThanOrEqual(1);
    return samples[0]?.value;
  };
  const shows = (file: string, title: string, value: number): Promise<void> =>
    expect.poll(() => number(file, title), { ...PATIENCE, message: `${file}: ${title}` }).toBe(value);
  const drawn = async (file: string, title: string, labels: readonly string[]): Promise<Record<string, number>> => {
    const samples = (await panel(file, title)).filter(({ value }) => value > 0);
    return Object.fromEntries(
      samples.map((sample) => [labels.map((label) => sample.labels[label]).join(' '), sample.value]),
    );
  };

  it('are both there', async () => {
    await shows('overview.json', 'Directors missing', 0);
    await shows('overview.json', 'Not ready', 0);
    expect(await up()).toEqual(Object.fromEntries(world.directors.map(({ instance }) => [instance, 1])));
  }, 45_000);

  it('count errors of the input as the API does', async () => {
    const answer: unknown = await (await world.directors[0]!.get('/v1/findings?severity=error')).json();
    const findings = valueAt(answer, 'items');
    if (!Array.isArray(findings)) throw new Error('no findings');
    const codes = findings.map((each) => valueAt(each, 'code'));
    expect(codes.length).toBeGreaterThan(new Set(codes).size);
    expect(new Set(codes).size).toBeGreaterThan(1);
    await shows('overview.json', 'Errors in the input', codes.length);
    await shows('overview.json', 'Without an endpoint', 2);
    await shows('overview.json', 'Without a cluster', 0);
  }, 45_000);

  it('count monitors of two protocols that are down, and changes of state', async () => {
    await Promise.all([world.eu.stop(), world.us.stop()]);
    await shows('probes.json', 'Down', 2);
    await shows('overview.json', 'Without a cluster', 1);
    const down = async () => {
      const changes = await drawn('overview.json', 'Changes of state, 10 min', ['cluster', 'state']);
      return [changes['eu down'], changes['us down'], changes['ap down']];
    };
    await expect.poll(down, PATIENCE).toEqual([1, 1, undefined]);
    const marks = await drawn('overview.json', 'changes of state', ['cluster', 'state']);
    expect(Object.keys(marks)).toEqual(expect.arrayContaining(['eu down', 'us down']));
    await Promise.all([world.eu.start(), world.us.start()]);
    await shows('probes.json', 'Down', 0);
    await shows('overview.json', 'Without a cluster', 0);
    expect(await down()).toEqual([1, 1, undefined]);
  }, 90_000);

  it('count drills', async () => {
    await shows('changes.json', 'Drills under way', 0);
    const drill = { for: '10m', reason: 'proof', force: true };
    await world.order('/v1/drills', { ...drill, name: 'us-fails', scope: { clusters: ['us'] }, action: 'fail' });
    await world.order('/v1/drills', {
      ...drill,
      name: 'eu-less',
      scope: { clusters: ['eu'] },
      action: 'weight',
      weight: 50,
    });
    await shows('changes.json', 'Drills under way', 2);
    const running = () => drawn('changes.json', 'Drills', ['drill', 'state']);
    await expect.poll(running, PATIENCE).toEqual({ 'us-fails running': 1, 'eu-less running': 1 });
    for (const name of ['us-fails', 'eu-less']) await world.order(`/v1/drills/${name}/stop`, {});
    await shows('changes.json', 'Drills under way', 0);
  }, 60_000);

  it('count drains', async () => {
    await shows('changes.json', 'Clusters drained', 0);
    for (const cluster of ['us', 'ap'])
      await world.order(`/v1/clusters/${cluster}/drain`, { reason: 'proof', force: true });
    await shows('changes.json', 'Clusters drained', 2);
    await expect
      .poll(() => drawn('hostname.json', 'Drained endpoints of the gateway', ['cluster']), PATIENCE)
      .toEqual({ us: 1, ap: 1 });
    await expect
      .poll(() => drawn('hostname.json', 'Endpoints of the gateway', ['cluster', 'state']), PATIENCE)
      .toEqual({ 'eu up': 1, 'us up': 1, 'ap unchecked': 1 });
    await shows('overview.json', 'On the last cluster', 1);
  }, 60_000);

  it('count orders that were refused, by director and code', async () => {
    const [one] = world.directors;
    const refused = {
      method: 'POST',
      headers: { authorization: 'Bearer wrong', 'content-type': 'application/json' },
      body: '{}',
    };
    for (let times = 0; times < 3; times += 1) {
      expect((await fetch(`http://${one!.instance}/v1/clusters/eu/drain`, refused)).status).toBe(401);
    }
    const seen = () => drawn('changes.json', 'Orders refused, 10 min', ['instance', 'code']);
    await expect.poll(seen, PATIENCE).toEqual({ [`${one!.instance} token-wrong`]: 3 });
  }, 45_000);

  it('show targets that a director of ours probed, and no others', async () => {
    await expect.poll(() => world.prometheus.ask('probe_success{job="blackbox"}'), PATIENCE).toHaveLength(1);
    const slowest = await panel('probes.json', 'Slowest targets');
    const hosts = slowest.map(({ labels }) => new URL(labels['instance'] ?? '').hostname);
    expect(hosts.toSorted()).toEqual([SHOP.eu, SHOP.name]);
    // Two directors write two series for each target.
    const series = await world.prometheus.ask('count by (instance) (probe_success{director!=""})');
    expect(series.map(({ value }) => value)).toEqual(series.map(() => 2));
    expect(series.length).toBeGreaterThan(0);
  });

  it('show that one is gone, killed and then taken from the targets, and no change of state for it', async () => {
    const [stays, goes] = world.directors;
    await goes!.kill();
    await shows('overview.json', 'Directors missing', 1);
    expect(await up()).toEqual({ [stays!.instance]: 1, [goes!.instance]: 0 });
    await refusesNone();
    await goes!.forget();
    await expect.poll(up, PATIENCE).toEqual({ [stays!.instance]: 1 });
    await shows('overview.json', 'Directors missing', 1);
    const alerts = async () => {
      const samples = await world.prometheus.ask('ALERTS{alertname="AzimuthDirectorGone"}');
      return samples.map(({ labels }) => labels['alertstate']);
    };
    await expect.poll(alerts, PATIENCE).toEqual(['pending']);
    await refusesNone();
  }, 60_000);

  async function up(): Promise<Record<string, number>> {
    const samples = await panel('overview.json', 'Directors');
    return Object.fromEntries(samples.map(({ labels, value }) => [labels['instance'], value]));
  }

  /** Rejects where an expression is refused: two series where one is meant. */
  async function refusesNone(): Promise<void> {
    const queries = BOARDS.flatMap(({ queries: all }) => all);
    await Promise.all(queries.map(({ expr }) => world.prometheus.ask(filled(expr))));
    const rules = await world.prometheus.rules();
    expect(rules.filter(({ health }) => health === 'err')).toEqual([]);
  }
});
