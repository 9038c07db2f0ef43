import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PROBE_METRICS } from '../../src/metrics/probe-table.ts';
import { METRICS } from '../../src/metrics/table.ts';
import { askMany, askTcp } from '../support/dns-client.ts';
import { QTYPE, query } from '../support/dns-message.ts';
import { BOARDS, filled, queryOf, valueAt } from './board-queries.ts';
import { type MonitoredWorld, SHOP, startMonitoredWorld, WEIGHTS } from './monitored-world.ts';
import { PROMETHEUS } from './own-prometheus.ts';

/** Longest wait for what was done to be seen in Prometheus, in ms. */
const PATIENCE = { timeout: 20_000, interval: 250 };
/** Questions in all: of so many, by weights of 70 and 30, the shares are off by 12 points once in ten million times. */
const QUESTIONS = 400;

describe('the boards', () => {
  it('are few, and have few panels with a title, a description and a unit or states', () => {
    expect(BOARDS).toHaveLength(6);
    for (const { file, board } of BOARDS) {
      const panels = valueAt(board, 'panels');
      if (!Array.isArray(panels)) throw new Error(`${file} has no panels`);
      expect(panels.length, file).toBeLessThanOrEqual(16);
      for (const panel of panels) {
        const title = String(valueAt(panel, 'title'));
        expect(valueAt(panel, 'description'), title).toMatch(/^.{5,}$/);
        const { unit, mappings }: { unit?: unknown; mappings?: unknown } = Object(
          valueAt(valueAt(panel, 'fieldConfig'), 'defaults'),
        );
        expect(unit ?? mappings, title).toBeDefined();
      }
    }
  });

  it('read no series of ours that nobody gives', () => {
    const given = new Set([...Object.keys(METRICS), ...Object.keys(PROBE_METRICS)]);
    for (const { of, expr } of BOARDS.flatMap(({ queries }) => queries)) {
      const names = [...expr.matchAll(/\b(?:azimuth|probe)_\w+/g)].map(([name]) => name);
      const base = names.map((name) => (given.has(name) ? name : name.replace(/_(bucket|count|sum)$/, '')));
      expect(
        base.filter((name) => !given.has(name)),
        of,
      ).toEqual([]);
    }
  });
});

describe.skipIf(PROMETHEUS === undefined)('Prometheus and a director (skipped where it is not installed)', () => {
  let world: MonitoredWorld;
  beforeAll(async () => {
    world = await startMonitoredWorld(PROMETHEUS ?? '');
  });
  afterAll(async () => world?.stop());

  it('agree on who was answered, and on who should be', async () => {
    await expect.poll(() => numberOf('azimuth_dns_cluster_answers_total{cluster="eu"}'), PATIENCE).toBe(0);
    const seen = await askAll(world);
    expect(seen.eu + seen.us).toBe(QUESTIONS);
    await expect.poll(() => numberOf('sum(azimuth_dns_cluster_answers_total)'), PATIENCE).toBe(QUESTIONS);
    expect(await numberOf('azimuth_dns_cluster_answers_total{cluster="eu"}')).toBe(seen.eu);
    await expect
      .poll(() => numberOf('azimuth_cluster_expected_ratio{cluster="eu"}'), PATIENCE)
      .toBeCloseTo(WEIGHTS.eu / 100, 9);
    expect(Math.abs(seen.eu / QUESTIONS - WEIGHTS.eu / 100)).toBeLessThan(0.12);
    // What the board of one cluster draws.
    const drawn = await panel('cluster.json', 'Share of the answers');
    expect(drawn.find(({ labels }) => labels['cluster'] === 'eu')?.value).toBeCloseTo(seen.eu / QUESTIONS, 2);
  }, 45_000);

  it('agree on how long a slow gateway takes, and what it says', async () => {
    world.eu.behave({ kind: 'answer', status: 204, delayMs: 300, body: '' });
    const target = `instance="https://${SHOP.name}:${world.eu.port}/#${SHOP.eu}"`;
    await expect.poll(() => numberOf(`probe_duration_seconds{${target}}`), PATIENCE).toBeGreaterThanOrEqual(0.299);
    expect(await numberOf(`probe_http_duration_seconds{${target}, phase="processing"}`)).toBeGreaterThan(0.25);
    expect(await numberOf(`probe_http_status_code{${target}}`)).toBe(204);
    expect(await numberOf(`probe_success{${target}}`)).toBe(1);
    const days = (await numberOf(`(probe_ssl_earliest_cert_expiry{${target}} - time()) / 86400`)) ?? 0;
    expect(Math.round(days)).toBe(20);
    // It is the same certificate, and a scrape or two may lie between.
    expect(await numberOf('azimuth_probe_certificate_expiry_seconds{cluster="eu"} / 86400')).toBeCloseTo(days, 2);
    world.eu.behave({ kind: 'answer' });
  }, 45_000);

  it('agree on a gateway that falls and comes back', async () => {
    const flips = (state: string) => numberOf(`azimuth_state_changes_total{cluster="us", state="${state}"}`);
    const ups = (await flips('up')) ?? 0;
    expect(await flips('down')).toBe(0);
    await world.us.stop();
    // A change is counted a moment before it is in the answers, and a scrape may come between.
    await expect.poll(() => flips('down'), PATIENCE).toBe(1);
    await expect.poll(() => numberOf('azimuth_cluster_state{cluster="us", state="down"}'), PATIENCE).toBe(1);
    await expect.poll(() => numberOf('azimuth_hostnames_on_last_cluster'), PATIENCE).toBe(1);
    await expect.poll(() => numberOf('azimuth_cluster_expected_ratio{cluster="eu"}'), PATIENCE).toBe(1);
    await world.us.start();
    await expect.poll(() => flips('up'), PATIENCE).toBe(ups + 1);
    expect(await flips('down')).toBe(1);
    await expect.poll(() => numberOf('azimuth_hostnames_on_last_cluster'), PATIENCE).toBe(0);
    expect(await numberOf('sum(azimuth_state_changes_total{cluster!="us", state="down"})')).toBe(0);
  }, 60_000);

  it('agree on a drill', async () => {
    const flips = (state: string) => numberOf(`azimuth_state_changes_total{cluster="us", state="${state}"}`);
    const [ups, downs] = [(await flips('up')) ?? 0, (await flips('down')) ?? 0];
    const drill = { name: 'us-fails', scope: { clusters: ['us'] }, action: 'fail', for: '60s', reason: 'proof' };
    await world.order('/v1/drills', drill);
    await expect.poll(() => numberOf('azimuth_drill_state{drill="us-fails", state="running"}'), PATIENCE).toBe(1);
    await expect.poll(() => flips('down'), PATIENCE).toBe(downs + 1);
    await expect.poll(() => numberOf('azimuth_cluster_expected_ratio{cluster="eu"}'), PATIENCE).toBe(1);
    expect((await panel('changes.json', 'Drills under way')).map(({ value }) => value)).toEqual([1]);
    expect(await askAll(world)).toEqual({ eu: QUESTIONS, us: 0 });
    // Boards and alerts see what they would see of a real failure.
    const target = `instance="https://${SHOP.name}:${world.us.port}/#${SHOP.us}"`;
    expect(await numberOf(`probe_success{${target}}`)).toBe(0);
    await world.order('/v1/drills/us-fails/stop', {});
    await expect.poll(() => flips('up'), PATIENCE).toBe(ups + 1);
    await expect
      .poll(async () => (await panel('changes.json', 'Drills under way')).map(({ value }) => value), PATIENCE)
      .toEqual([0]);
    await expect
      .poll(() => numberOf('azimuth_cluster_expected_ratio{cluster="eu"}'), PATIENCE)
      .toBeCloseTo(WEIGHTS.eu / 100, 9);
  }, 60_000);

  it('answer what dashboards for the blackbox exporter ask', async () => {
    const chosen = `job=~"azimuth-probes", instance=~"https://${SHOP.name}.*"`;
    for (const expr of [
      `probe_success{${chosen}}`,
      `avg by (instance) (avg_over_time(probe_success{${chosen}}[1m]))`,
      `probe_http_status_code{${chosen}}`,
      `count_values("code", probe_http_status_code{${chosen}})`,
      `count_values("version", probe_http_version{${chosen}})`,
      `count by (version) (probe_tls_version_info{${chosen}})`,
      `probe_http_ssl{${chosen}}`,
      `(probe_ssl_earliest_cert_expiry{${chosen}} - time()) / 86400`,
      `avg by (phase) (probe_http_duration_seconds{${chosen}})`,
      `avg(probe_dns_lookup_time_seconds{${chosen}})`,
      `avg(probe_duration_seconds{${chosen}})`,
    ]) {
      expect((await world.prometheus.ask(expr)).length, expr).toBeGreaterThan(0);
    }
    const up = await world.prometheus.ask(`probe_success{${chosen}}`);
    expect(up.map(({ value }) => value)).toEqual([1, 1]);
  });

  it('give every query of every panel data', async () => {
    await world.order('/v1/monitors/eu-load/result', { load: 500 });
    const rollout = { name: 'shop-v2', hostnames: [SHOP.name], from: ['eu'], to: ['us'], kind: 'blue-green' };
    await world.order('/v1/rollouts', rollout);
    let left = BOARDS.flatMap(({ queries }) => queries);
    expect(left.length).toBeGreaterThan(70);
    const remaining = async (): Promise<readonly string[]> => {
      const found = await Promise.all(left.map(async (each) => ({ each, samples: await asked(each.expr) })));
      // Quantiles of nothing are no number.
      left = found.flatMap(({ each, samples }) => (samples.some(({ value }) => Number.isFinite(value)) ? [] : [each]));
      return left.map(({ of, expr }) => `${of}: ${expr}`);
    };
    await expect.poll(remaining, PATIENCE).toEqual([]);
  }, 45_000);

  it('work out every rule', async () => {
    const ill = async () => (await world.prometheus.rules()).filter(({ health }) => health !== 'ok');
    await expect.poll(ill, PATIENCE).toEqual([]);
    expect((await world.prometheus.rules()).length).toBeGreaterThan(40);
  });

  it('agree on a drain', async () => {
    await world.order('/v1/clusters/us/drain', { reason: 'kernel update' });
    await expect.poll(() => numberOf('azimuth_cluster_drained{cluster="us"}'), PATIENCE).toBe(1);
    await expect.poll(() => numberOf('azimuth_overrides{kind="drain"}'), PATIENCE).toBe(1);
    await expect.poll(() => numberOf('azimuth_hostnames_on_last_cluster'), PATIENCE).toBe(1);
    // The cluster itself is well.
    expect(await numberOf('azimuth_cluster_state{cluster="us", state="up"}')).toBe(1);
  }, 30_000);

  it('agree on answers that name nobody', async () => {
    const count = (reason: string) => numberOf(`azimuth_dns_exceptional_answers_total{reason="${reason}"}`);
    expect(await count('nobody')).toBe(0);
    await world.order('/v1/clusters/eu/drain', { reason: 'kernel update', force: true });
    const asked = Array.from({ length: 20 }, () => query(SHOP.name, QTYPE.A));
    for (const { packet } of await askMany(world.dns, asked)) expect(packet.answers).toEqual([]);
    await expect.poll(() => count('nobody'), PATIENCE).toBe(asked.length);
    expect([await count('residency'), await count('last-resort')]).toEqual([0, 0]);
    const drawn = async () => {
      const found = await panel('overview.json', 'Answers out of the ordinary');
      return found.filter(({ value }) => value > 0).map(({ labels }) => labels['reason']);
    };
    await expect.poll(drawn, PATIENCE).toEqual(['nobody']);
  }, 45_000);

  const asked = (expr: string) => world.prometheus.ask(filled(expr));
  const panel = (file: string, title: string) => asked(queryOf(file, title));

  /** The one series that an expression gives; undefined where there is none yet. */
  async function numberOf(expr: string): Promise<number | undefined> {
    const samples = await world.prometheus.ask(expr);
    expect(samples.length, expr).toBeLessThanOrEqual(1);
    return samples[0]?.value;
  }
});

/** Asks in batches that no socket buffer drops, most by UDP, and counts the answers by cluster. */
async function askAll({ dns }: MonitoredWorld): Promise<{ eu: number; us: number }> {
  const batch = Array.from({ length: 20 }, () => query(SHOP.name, QTYPE.A));
  const seen = { eu: 0, us: 0 };
  const note = (answers: readonly unknown[] | undefined): void => {
    const data = valueAt(answers?.[0], 'data');
    if (data === SHOP.eu) seen.eu += 1;
    if (data === SHOP.us) seen.us += 1;
  };
  for (let asked = 20; asked < QUESTIONS; asked += batch.length) {
    for (const { packet } of await askMany(dns, batch)) note(packet.answers);
  }
  for (const octets of batch) note((await askTcp(dns, octets)).packet.answers);
  return seen;
}
