import { describe, expect, it } from 'vitest';
import type { Model, MonitorId } from '../../../src/core/desired/model.ts';
import type { ProbeResult } from '../../../src/core/health/monitor-health.ts';
import { createCertificateEnds } from '../../../src/metrics/certificate-ends.ts';
import { MODEL, NOW } from '../admin/director-fixture.ts';
import { createMetricsFixture } from './metrics-fixture.ts';

const DAY_MS = 86_400_000;
const [EU, US] = MODEL.monitors;
const REFUSED: ProbeResult['outcome'] = { kind: 'failure', failure: 'refused', detail: '' };
const EXPIRED: ProbeResult['outcome'] = { kind: 'failure', failure: 'certificate-expired', detail: '' };

/** Metrics that hear of probes; `days`: until the end of the certificate that was seen, from the fixture's beginning. */
function createWorld(model: Model = MODEL) {
  const fixture = createMetricsFixture(model);
  return {
    ...fixture,
    probe(monitor: MonitorId, days: number | 'none', outcome: ProbeResult['outcome'] = { kind: 'success' }): void {
      const sight = days === 'none' ? {} : { sight: { certificateEndsAt: NOW + days * DAY_MS } };
      fixture.metrics.onProbe({ monitor, at: NOW, durationMs: 5, ...sight, outcome }, { protocol: 'https' });
    },
    /** Days by cluster. */
    async days(): Promise<Record<string, number>> {
      const found = (await fixture.lines()).flatMap((line) => {
        const [, cluster, value] =
          /^azimuth_probe_certificate_expiry_seconds\{cluster="(.*?)",gateway="infra\/public"\} (.*)$/.exec(line) ?? [];
        return cluster === undefined ? [] : [[cluster, (Number(value) * 1000) / DAY_MS] as const];
      });
      return Object.fromEntries(found);
    },
  };
}

describe('the end of the first certificate of a gateway', () => {
  it('is that of the last one that was seen, and comes nearer while nobody can be reached', async () => {
    const world = createWorld();
    expect(await world.days()).toEqual({});
    world.probe('eu', 3);
    expect(await world.days()).toEqual({ 'eu-west': 3 });
    world.probe('eu', 'none', REFUSED);
    world.probe('us', 'none', { kind: 'failure', failure: 'timeout', detail: '' });
    world.pass(1.5 * DAY_MS);
    expect(await world.days()).toEqual({ 'eu-west': 1.5 });
    world.pass(2 * DAY_MS);
    expect(await world.days()).toEqual({ 'eu-west': -0.5 });
  });

  it('is that of another one as soon as it is seen, whether it holds or not', async () => {
    const world = createWorld();
    world.probe('eu', 3);
    world.probe('eu', 90);
    expect(await world.days()).toEqual({ 'eu-west': 90 });
    world.probe('eu', -1, EXPIRED);
    expect(await world.days()).toEqual({ 'eu-west': -1 });
  });

  it('goes with its monitor, and not with those of others', async () => {
    const world = createWorld();
    world.probe('eu', 3);
    world.probe('us', 7);
    world.metrics.onWatch([US!]);
    expect(await world.days()).toEqual({ 'us-east': 7 });
    world.metrics.onWatch([EU!, US!]);
    expect(await world.days()).toEqual({ 'us-east': 7 });
  });

  it('is the first of all members of a calculated monitor, whichever decides', async () => {
    const calculated = [
      { id: 'both', kind: 'all', need: 2, members: ['eu', 'us'] },
      { id: 'more', kind: 'any', need: 1, members: ['nobody', 'both'] },
    ] as const;
    const hostnames = MODEL.hostnames.map((hostname) => ({
      ...hostname,
      endpoints: hostname.endpoints.map((endpoint) => ({ ...endpoint, monitor: 'more' })),
    }));
    const world = createWorld({ ...MODEL, hostnames, calculated });
    world.probe('eu', 9);
    expect(await world.days()).toEqual({ 'eu-west': 9, 'us-east': 9 });
    world.probe('us', 4, REFUSED);
    expect(await world.days()).toEqual({ 'eu-west': 4, 'us-east': 4 });
  });
});

describe('the book of certificates', () => {
  it('has no more entries than there are monitors, however many there were', () => {
    const book = createCertificateEnds();
    for (let round = 0; round < 50; round++) {
      const monitors = Array.from({ length: 10 }, (_, i) => ({ id: `${round}-${i}` }));
      book.keep(monitors);
      for (const { id } of monitors) book.take({ monitor: id, sight: { certificateEndsAt: NOW } });
    }
    expect(book.read().size).toBe(10);
  });
});
