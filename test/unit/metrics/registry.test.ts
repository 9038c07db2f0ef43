import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { ROLLOUT_STATES } from '../../../src/core/rollout/rollout.ts';
import { OTHERS } from '../../../src/metrics/gateways.ts';
import { metricsMarkdown } from '../../../src/metrics/markdown.ts';
import { METRICS, type MetricSpec } from '../../../src/metrics/table.ts';
import { createDirectorFixture, MODEL, NOW } from '../admin/director-fixture.ts';
import { COUNTS, createMetricsFixture, withEvents } from './metrics-fixture.ts';

/** Prometheus' own checker of metrics; not every machine has it. */
const PROMTOOL: string = 'promtool';

function isOurs(line: string): boolean {
  return line.startsWith('azimuth_');
}

describe('the page', () => {
  it('tells the state of each named monitor, and the number of one that is a number', async () => {
    const lines = await withEvents().lines();
    const states = lines.filter((line) => line.startsWith('azimuth_named_monitor'));
    expect(states.filter((line) => line.endsWith(' 1'))).toEqual([
      'azimuth_named_monitor_state{monitor="load",state="up"} 1',
      'azimuth_named_monitor_state{monitor="no-load",state="unseen"} 1',
    ]);
    expect(states).toContain('azimuth_named_monitor_state{monitor="load",state="down"} 0');
    expect(states).toContain('azimuth_named_monitor_value{monitor="load"} 0.25');
  });

  it('tells how full a cluster is whose load is told, and how many of its clients it takes', async () => {
    const lines = await withEvents().lines();
    const told = lines.filter((line) => /^azimuth_cluster_(load|admitted)_ratio/.test(line));
    expect(told).toEqual([
      'azimuth_cluster_load_ratio{cluster="eu-west"} 1.2',
      'azimuth_cluster_admitted_ratio{cluster="eu-west"} 0.75',
    ]);
  });

  it('tells the state of each rollout and how many clients it moved, and forgets one that ended', async () => {
    const { lines, roll } = createMetricsFixture();
    const told = async () => (await lines()).filter((line) => line.startsWith('azimuth_rollout_'));
    const states = await told();
    expect(states.filter((line) => !line.endsWith(' 0'))).toEqual([
      'azimuth_rollout_state{rollout="shop-v2",state="switched"} 1',
      'azimuth_rollout_moved_ratio{rollout="shop-v2"} 1',
    ]);
    expect(states).toHaveLength(ROLLOUT_STATES.length + 1);
    roll([]);
    expect(await told()).toEqual([]);
  });

  it('holds every metric of the table with its kind and help, and none of ours beside it', async () => {
    const lines = await withEvents().lines();
    const said = lines.filter((line) => /^# (HELP|TYPE) azimuth_/.test(line)).toSorted();
    const expected = Object.entries<MetricSpec>(METRICS)
      .flatMap(([name, { kind, help }]) => [`# HELP ${name} ${help}`, `# TYPE ${name} ${kind}`])
      .toSorted();
    expect(said).toEqual(expected);
  });

  it('has a series of every metric, with the labels of the table and no others', async () => {
    const lines = await withEvents().lines();
    for (const [name, { kind, labels }] of Object.entries<MetricSpec>(METRICS)) {
      const start = kind === 'histogram' ? `${name}_count` : name;
      const line = lines.find((each) => each.startsWith(`${start}{`) || each.startsWith(`${start} `));
      expect(line, name).toBeDefined();
      const found = [...(line ?? '').matchAll(/[{,](\w+)="/g)].map(([, label]) => label);
      expect(new Set(found), name).toEqual(new Set(labels));
    }
  });

  it.each([
    'azimuth_build_info{version="0.1.0",engine="node",runtime="node',
    'azimuth_ready{item="dns"} 1',
    'azimuth_ready{item="prober"} 0',
    'azimuth_dns_responses_total{transport="udp",rcode="NOERROR"} 90',
    'azimuth_dns_queries_total{transport="udp",type="AAAA"} 41',
    'azimuth_dns_type_responses_total{type="AAAA",rcode="SERVFAIL"} 7',
    'azimuth_dns_zone_answers_total{zone="gslb.example",rcode="NXDOMAIN"} 80',
    'azimuth_dns_receive_queue_drops_total{listener="[::1]:53"} 17',
    'azimuth_event_loop_lag_seconds_bucket{le="0.001"} 0',
    'azimuth_dns_cluster_answers_total{cluster="eu-west"} 70',
    'azimuth_dns_exceptional_answers_total{reason="residency"} 6',
    'azimuth_dns_truncated_total 3',
    'azimuth_dns_dropped_total{reason="short"} 5',
    'azimuth_dns_tcp_connections 1',
    'azimuth_dns_tcp_accepted_total 9',
    'azimuth_dns_tcp_closed_total{reason="idle"} 8',
    'azimuth_dns_workers{state="running"} 6',
    'azimuth_dns_workers{state="restarting"} 2',
    'azimuth_dns_workers{state="failed"} 0',
    'azimuth_dns_worker_restarts_total 4',
    'azimuth_dns_socket_errors_total{call="sendmmsg",error="EPERM"} 12',
    'azimuth_probe_results_total{protocol="https",result="success"} 1',
    'azimuth_probe_results_total{protocol="https",result="tls"} 1',
    'azimuth_probe_duration_seconds_bucket{le="0.01",protocol="https"} 0',
    'azimuth_probe_duration_seconds_bucket{le="0.025",protocol="https"} 2',
    'azimuth_probe_phase_seconds_sum{protocol="https",phase="connect"} 0.004',
    'azimuth_probe_phase_seconds_sum{protocol="https",phase="tls"} 0.016',
    'azimuth_probe_certificate_expiry_seconds{cluster="eu-west",gateway="infra/public"} 3456000',
    'azimuth_monitors{protocol="https",state="up"} 1',
    'azimuth_monitors{protocol="https",state="unseen"} 0',
    'azimuth_gateway_endpoints{cluster="eu-west",gateway="infra/public",state="up"} 1',
    'azimuth_gateway_endpoints{cluster="eu-west",gateway="infra/public",state="unchecked"} 2',
    'azimuth_gateway_endpoints{cluster="us-east",gateway="infra/public",state="down"} 1',
    'azimuth_gateway_drained_endpoints{cluster="us-east",gateway="infra/public"} 0',
    'azimuth_cluster_drained{cluster="us-east"} 0',
    'azimuth_cluster_view_age_seconds{cluster="eu-west"} 12',
    'azimuth_cluster_view_age_seconds{cluster="us-east"} 86400',
    'azimuth_cluster_view_from_store{cluster="eu-west"} 0',
    'azimuth_cluster_view_from_store{cluster="us-east"} 1',
    'azimuth_findings{code="annotation-unknown",severity="warning"} 2',
    'azimuth_dns_self_check_duration_seconds_bucket{le="0.00025",listener="127.0.0.1:53"} 1',
    'azimuth_dns_self_check_duration_seconds_count{listener="127.0.0.1:53"} 1',
    'azimuth_dns_self_checks_total{listener="127.0.0.1:53",result="ok"} 1',
    'azimuth_dns_self_checks_total{listener="127.0.0.1:53",result="failed"} 1',
    'azimuth_orders_refused_total{code="safety-max-moved"} 1',
    'azimuth_orders_refused_total{code="safety-blackout"} 0',
    'azimuth_probe_lateness_seconds_sum 0.03',
    'azimuth_probe_slots_missed_total 3',
    'azimuth_processors ',
    'azimuth_memory_limit_bytes ',
    'azimuth_cluster_view_state{cluster="eu-west",state="retrying"} 1',
    'azimuth_cluster_view_state{cluster="eu-west",state="watching"} 0',
    'azimuth_cluster_lists_total{cluster="eu-west"} 3',
    'azimuth_cluster_watches_total{cluster="eu-west"} 6',
    'azimuth_zones 1',
    'azimuth_hostnames 3',
    'azimuth_zone_serial 2026112200',
    'azimuth_snapshot_compile_duration_seconds_sum 0.004',
    'azimuth_change_to_answer_seconds_sum 0.03',
    'azimuth_place_database_info{source="a table made for tests"} 1',
    `azimuth_place_database_build_timestamp_seconds{source="a table made for tests"} ${NOW / 1000 - 86_400}`,
    'nodejs_heap_size_used_bytes ',
    'process_resident_memory_bytes ',
  ])('says %s', async (start) => {
    const lines = await withEvents().lines();
    expect(lines.filter((line) => line.startsWith(start)).length, start).toBe(1);
  });

  it('follows what it reads: counters go on, series that are gone disappear', async () => {
    const { lines, count, director } = createMetricsFixture();
    await lines();
    count({ ...COUNTS, truncated: 4, zones: [], dropped: [{ reason: 'short', count: 6 }] });
    await director.drain({ cluster: 'us-east', at: NOW, by: 'ops', reason: 'x' }, 'guarded');
    const after = await lines();
    expect(after).toContain('azimuth_dns_truncated_total 4');
    expect(after).toContain('azimuth_dns_dropped_total{reason="short"} 6');
    expect(after.join('\n')).not.toContain('azimuth_dns_zone_answers_total{');
    expect(after).toContain('azimuth_cluster_drained{cluster="us-east"} 1');
    expect(after).toContain('azimuth_gateway_drained_endpoints{cluster="us-east",gateway="infra/public"} 2');
  });

  it('is the same for scrapes that come at once', async () => {
    const { metrics } = createMetricsFixture();
    const pages = await Promise.all([metrics.render(), metrics.render(), metrics.render()]);
    for (const { body } of pages) expect(body.match(/^azimuth_dns_truncated_total 3$/m)).not.toBeNull();
  });

  it('has nothing of the library that a scrape resets, or that is no counter and called so', async () => {
    const lines = await withEvents().lines();
    expect(lines.filter((line) => /nodejs_eventloop_lag|nodejs_active_.*_total/.test(line))).toEqual([]);
    expect(lines.filter((line) => /^(nodejs|process)_/.test(line)).length).toBeGreaterThan(20);
  });

  it('two registries of one process do not meet', async () => {
    const [first, second] = [withEvents(), createMetricsFixture()];
    expect((await first.lines()).join('\n')).toContain('azimuth_probe_results_total{');
    expect((await second.lines()).join('\n')).not.toContain('azimuth_probe_results_total{');
  });
});

describe('teams and drift', () => {
  it('have a series for each state of each team, and for each kind of drift', async () => {
    const lines = await createMetricsFixture().lines();
    const ours = lines.filter((line) => /^azimuth_(team_hostnames|drift)\{/.test(line));
    expect(ours.filter((line) => line.includes('team="shop"'))).toEqual([
      'azimuth_team_hostnames{team="shop",state="up"} 0',
      'azimuth_team_hostnames{team="shop",state="degraded"} 1',
      'azimuth_team_hostnames{team="shop",state="unseen"} 0',
      'azimuth_team_hostnames{team="shop",state="down"} 0',
    ]);
    expect(ours).toContain('azimuth_team_hostnames{team="apps",state="up"} 1');
    const kinds = ['hostname', 'listener', 'tls', 'setting', 'version'];
    expect(ours.filter((line) => line.startsWith('azimuth_drift'))).toEqual(
      kinds.map((kind) => `azimuth_drift{kind="${kind}"} 0`),
    );
  });
});

describe('the number of series', () => {
  it('does not grow with hostnames', async () => {
    const [first] = MODEL.hostnames;
    if (first === undefined) throw new Error('the fixture has no hostname');
    const more = Array.from({ length: 500 }, (_, i) => ({ ...first, name: `n${i}.gslb.example` }));
    const hostnames = [...MODEL.hostnames, ...more].toSorted((a, b) => (a.name < b.name ? -1 : 1));
    const few = await createMetricsFixture(MODEL).lines();
    const many = await createMetricsFixture({ ...MODEL, hostnames }).lines();
    expect(many.filter(isOurs).length).toBe(few.filter(isOurs).length);
  });

  it('stops at 2000 gateways; the rest is one', async () => {
    const [first] = MODEL.hostnames;
    const [endpoint] = first?.endpoints ?? [];
    if (first === undefined || endpoint === undefined) throw new Error('the fixture has no endpoint');
    const endpoints = Array.from({ length: 2_100 }, (_, i) => ({ ...endpoint, gateway: `infra/"g\n${i}` }));
    const lines = await createMetricsFixture({ ...MODEL, hostnames: [{ ...first, endpoints }] }).lines();
    const unchecked = lines.filter((line) => /^azimuth_gateway_endpoints\{.*state="unchecked"\}/.test(line));
    expect(unchecked.length).toBe(2_001);
    expect(unchecked).toContain(
      `azimuth_gateway_endpoints{cluster="eu-west",gateway="${OTHERS}",state="unchecked"} 100`,
    );
    expect(unchecked[0]).toContain('gateway="infra/\\"g\\n0"');
  });
});

describe('what is believed of monitors', () => {
  it('is counted by state, and apart from that where it is old', async () => {
    const { director } = createDirectorFixture();
    const states = { eu: { state: 'degraded', freshness: 'stale' }, us: { state: 'held', pace: 'idle' } } as const;
    const health = new Map(
      Object.entries(states).map(([id, told]) => [id, { ...director.health().get(id)!, ...told }]),
    );
    const lines = await createMetricsFixture(MODEL, { health: () => health }).lines();
    expect(lines.filter((line) => line.startsWith('azimuth_stale_monitors{'))).toEqual([
      'azimuth_stale_monitors{protocol="https"} 1',
    ]);
    expect(lines).toContain('azimuth_idle_monitors{protocol="https"} 1');
    const counted = lines.filter((line) => line.startsWith('azimuth_monitors{') && line.endsWith(' 1'));
    expect(counted).toEqual([
      'azimuth_monitors{protocol="https",state="degraded"} 1',
      'azimuth_monitors{protocol="https",state="held"} 1',
    ]);
  });
});

describe('the table', () => {
  it('is what docs/metrics.md says', async () => {
    await expect(metricsMarkdown()).toMatchFileSnapshot('../../../docs/metrics.md');
  });

  it('keeps to the naming of Prometheus', () => {
    for (const [name, { kind, unit }] of Object.entries<MetricSpec>(METRICS)) {
      expect(name.endsWith('_total'), name).toBe(kind === 'counter');
      expect(name.endsWith('_bytes'), name).toBe(unit === 'bytes');
      expect(name.endsWith('_seconds'), name).toBe(unit === 'seconds' || unit === 'timestamp');
    }
  });

  const isInstalled = spawnSync(PROMTOOL, ['--version']).error === undefined;
  it.skipIf(!isInstalled)('passes promtool (skipped where promtool is not installed)', async () => {
    const { metrics } = withEvents();
    const { body } = await metrics.render();
    const { status, stdout, stderr } = spawnSync(PROMTOOL, ['check', 'metrics'], { input: body, encoding: 'utf8' });
    expect(status, stdout + stderr).toBe(0);
  });
});
