import { describe, expect, it } from 'vitest';
import { UNSEEN } from '../../../src/core/health/told.ts';
import { createFlips } from '../../../src/metrics/flips.ts';
import { MODEL, NOW } from '../admin/director-fixture.ts';
import { createMetricsFixture } from './metrics-fixture.ts';

const [EU, US] = MODEL.monitors;

/** The values of one metric, by its labels as they are written. */
async function valuesOf(fixture: ReturnType<typeof createMetricsFixture>, name: string) {
  const found = (await fixture.lines()).flatMap((line) => {
    const [, labels = '', value] = new RegExp(`^${name}(?:\\{(.*)\\})? (.*)$`).exec(line) ?? [];
    return value === undefined ? [] : [[labels, Number(value)] as const];
  });
  return Object.fromEntries(found);
}

describe('hostnames and clusters', () => {
  it('are counted by state, and those that hang by one cluster or by none apart', async () => {
    const fixture = createMetricsFixture();
    expect(await valuesOf(fixture, 'azimuth_hostname_states')).toEqual({
      'state="up"': 2,
      'state="degraded"': 1,
      'state="unseen"': 0,
      'state="down"': 0,
    });
    // `shop` is down in Virginia; the wildcard never was in two clusters.
    expect(await valuesOf(fixture, 'azimuth_hostnames_on_last_cluster')).toEqual({ '': 1 });
    expect(await valuesOf(fixture, 'azimuth_hostnames_without_cluster')).toEqual({ '': 0 });
  });

  it('count a drain as gone from the cluster, and not as a fault of it', async () => {
    const fixture = createMetricsFixture();
    const drain = { at: NOW, by: 'ops', reason: 'x' };
    await fixture.director.drain({ cluster: 'us-east', ...drain }, 'forced');
    expect(await valuesOf(fixture, 'azimuth_hostnames_on_last_cluster')).toEqual({ '': 2 });
    await fixture.director.drain({ cluster: 'eu-west', ...drain }, 'forced');
    expect(await valuesOf(fixture, 'azimuth_hostnames_without_cluster')).toEqual({ '': 3 });
    expect(await valuesOf(fixture, 'azimuth_hostname_states')).toMatchObject({ 'state="up"': 2, 'state="down"': 0 });
  });

  it('give each cluster one state', async () => {
    const states = await valuesOf(createMetricsFixture(), 'azimuth_cluster_state');
    const held = Object.entries(states).filter(([, value]) => value === 1);
    expect(held.map(([labels]) => labels)).toEqual([
      'cluster="eu-west",state="up"',
      'cluster="us-east",state="degraded"',
    ]);
    expect(Object.keys(states)).toHaveLength(8);
  });
});

describe('hostnames without an endpoint', () => {
  it('are none without a cluster, nor on their last one', async () => {
    const [wildcard, api, shop] = MODEL.hostnames;
    const hostnames = [wildcard!, { ...api!, endpoints: [] }, { ...shop!, endpoints: shop!.endpoints.slice(1) }];
    const fixture = createMetricsFixture({ ...MODEL, hostnames });
    expect(await valuesOf(fixture, 'azimuth_hostnames_without_endpoint')).toEqual({ '': 1 });
    // `shop` is left in Virginia alone, where it is down.
    expect(await valuesOf(fixture, 'azimuth_hostnames_without_cluster')).toEqual({ '': 1 });
    expect(await valuesOf(fixture, 'azimuth_hostnames_on_last_cluster')).toEqual({ '': 0 });
  });

  it('have a series where there are none', async () => {
    expect(await valuesOf(createMetricsFixture(), 'azimuth_hostnames_without_endpoint')).toEqual({ '': 0 });
  });
});

describe('the expected shares', () => {
  it('follow weights and health, each name by how often it is asked for', async () => {
    const shares = await valuesOf(createMetricsFixture(), 'azimuth_cluster_expected_ratio');
    // Three of four ask for `api`, of which Frankfurt has 80 of 100; `shop` is answered there alone.
    expect(shares['cluster="eu-west"']).toBeCloseTo((3 * 0.8 + 1) / 4, 9);
    expect(shares['cluster="us-east"']).toBeCloseTo((3 * 0.2) / 4, 9);
    expect(await valuesOf(createMetricsFixture(), 'azimuth_unserved_ratio')).toEqual({ '': 0 });
  });

  it('tell whom residency leaves without a cluster', async () => {
    const hostnames = MODEL.hostnames.map((hostname) => {
      const serves = { continents: [], countries: ['DE'] };
      const endpoints = hostname.endpoints.map((endpoint) => ({ ...endpoint, serves }));
      return hostname.name === 'shop.gslb.example' ? { ...hostname, endpoints } : hostname;
    });
    const fixture = createMetricsFixture({ ...MODEL, hostnames });
    // One of four asks for `shop`, and half of those are in Virginia.
    expect((await valuesOf(fixture, 'azimuth_unserved_ratio'))['']).toBeCloseTo(1 / 8, 9);
  });

  it('are absent while nothing is asked', async () => {
    const fixture = createMetricsFixture();
    fixture.ask({ state: 'nothing' });
    expect(await valuesOf(fixture, 'azimuth_cluster_expected_ratio')).toEqual({});
    expect(await valuesOf(fixture, 'azimuth_unserved_ratio')).toEqual({});
  });
});

describe('changes of state', () => {
  it('count for the clusters of the monitor, from 0 on', async () => {
    const fixture = createMetricsFixture();
    const before = await valuesOf(fixture, 'azimuth_state_changes_total');
    expect(new Set(Object.values(before))).toEqual(new Set([0]));
    expect(Object.keys(before)).toHaveLength(10);
    fixture.metrics.onStateChange({ monitor: US!, before: UNSEEN, after: { ...UNSEEN, state: 'down' } });
    fixture.metrics.onStateChange({ monitor: US!, before: UNSEEN, after: { ...UNSEEN, state: 'up' } });
    fixture.metrics.onStateChange({ monitor: EU!, before: UNSEEN, after: { ...UNSEEN, state: 'down' } });
    for (let scrape = 0; scrape < 2; scrape++) {
      const after = await valuesOf(fixture, 'azimuth_state_changes_total');
      expect(after).toMatchObject({
        'cluster="us-east",state="down"': 1,
        'cluster="us-east",state="up"': 1,
        'cluster="eu-west",state="down"': 1,
        'cluster="eu-west",state="up"': 0,
      });
    }
  });

  it('tell recoveries that were held back because of flapping', async () => {
    const fixture = createMetricsFixture();
    const held = { ...UNSEEN, state: 'held' } as const;
    fixture.metrics.onStateChange({ monitor: US!, before: UNSEEN, after: { ...held, reason: 'flapping' } });
    fixture.metrics.onStateChange({ monitor: US!, before: UNSEEN, after: { ...held, reason: 'operator' } });
    expect(await valuesOf(fixture, 'azimuth_damped_flaps_total')).toEqual({
      'cluster="eu-west"': 0,
      'cluster="us-east"': 1,
    });
  });

  it('of a member of calculated monitors count for whoever asks for those', () => {
    const calculated = [
      { id: 'both', kind: 'all', need: 2, members: ['eu', 'us'] },
      { id: 'not', kind: 'not', need: 1, members: ['both'] },
    ] as const;
    const hostnames = MODEL.hostnames.map((hostname) => ({
      ...hostname,
      endpoints: hostname.endpoints.map((endpoint) => ({ ...endpoint, monitor: 'not' })),
    }));
    const flips = createFlips(() => ({ ...MODEL, hostnames, calculated }));
    flips.take({ monitor: US!, before: UNSEEN, after: { ...UNSEEN, state: 'down' } });
    const { changes } = flips.read();
    expect([...changes].map(([cluster, { down }]) => [cluster, down])).toEqual([
      ['eu-west', 1],
      ['us-east', 1],
    ]);
  });
});

describe('drills', () => {
  it('tell their state and their end, and are gone when they are over', async () => {
    const fixture = createMetricsFixture();
    expect(await valuesOf(fixture, 'azimuth_drill_state')).toEqual({
      'drill="eu-gone",state="planned"': 0,
      'drill="eu-gone",state="running"': 1,
      'drill="eu-gone",state="rolling-back"': 0,
    });
    const end = { 'drill="eu-gone"': NOW / 1000 - 60 + 600 };
    expect(await valuesOf(fixture, 'azimuth_drill_end_timestamp_seconds')).toEqual(end);
    fixture.drill({ state: 'rolling-back' });
    expect(await valuesOf(fixture, 'azimuth_drill_end_timestamp_seconds')).toEqual(end);
    fixture.drill({ state: 'over' });
    expect(await valuesOf(fixture, 'azimuth_drill_state')).toEqual({});
    expect(await valuesOf(fixture, 'azimuth_drill_end_timestamp_seconds')).toEqual({});
  });

  it('that were ended before their time have that moment for their end', async () => {
    const fixture = createMetricsFixture();
    const begun = { at: NOW - 60_000, kind: 'begun', detail: '' } as const;
    const ended = { at: NOW - 57_000, kind: 'ended', detail: 'stopped: by ops' } as const;
    fixture.drill({ state: 'rolling-back', timeline: [begun, ended] });
    expect(await valuesOf(fixture, 'azimuth_drill_end_timestamp_seconds')).toEqual({
      'drill="eu-gone"': NOW / 1000 - 57,
    });
  });

  it('that are planned have no end yet', async () => {
    const fixture = createMetricsFixture();
    fixture.drill({ state: 'planned', timeline: [] });
    expect(await valuesOf(fixture, 'azimuth_drill_end_timestamp_seconds')).toEqual({});
  });
});

describe('overrides', () => {
  it('are counted by kind, each of which has a series', async () => {
    const fixture = createMetricsFixture();
    await fixture.director.drain({ cluster: 'us-east', at: NOW, by: 'ops', reason: 'x' }, 'forced');
    expect(await valuesOf(fixture, 'azimuth_overrides')).toEqual({
      'kind="up"': 0,
      'kind="down"': 0,
      'kind="drain"': 1,
      'kind="weight"': 0,
      'kind="pin"': 0,
    });
  });
});

describe('reasons', () => {
  it('have a series each, also where none holds', async () => {
    const values = await valuesOf(createMetricsFixture(), 'azimuth_monitor_reasons');
    expect(Object.keys(values)).toHaveLength(6);
    expect(new Set(Object.values(values))).toEqual(new Set([0]));
  });
});
