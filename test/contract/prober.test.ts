import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SYSTEM_CLOCK } from '../../src/compose/system-clock.ts';
import type { ProbeResult } from '../../src/core/health/monitor-health.ts';
import type { Prober } from '../../src/core/ports.ts';
import { createProber } from '../../src/prober/prober.ts';
import { eventually } from '../support/eventually.ts';
import { startTestGateway, type TestGateway } from '../support/gateway.ts';
import { monitorOf, verdictOf } from '../unit/prober/probe-once.ts';

/** The contract of the port `Prober`, over real gateways and the time of this machine. */
describe('a prober', () => {
  let prober: Prober;
  let gateway: TestGateway;
  let results: ProbeResult[];
  const take = (result: ProbeResult): void => void results.push(result);

  beforeEach(async () => {
    gateway = await startTestGateway({ address: '127.0.0.3' });
    prober = createProber({ clock: SYSTEM_CLOCK });
    results = [];
  });
  afterEach(async () => {
    await prober.close();
    await eventually(() => expect(gateway.connections().open).toBe(0));
    await gateway.stop();
  });

  const monitor = (id: string, intervalMs = 60_000) =>
    monitorOf({ address: gateway.address, port: gateway.port, path: `/${id}`, id, intervalMs });
  const seen = (id: string): number => gateway.seen.filter((request) => request.path === `/${id}`).length;
  const resultsOf = (id: string): readonly ProbeResult[] => results.filter((result) => result.monitor === id);

  it('settles the first round when every monitor had one result', async () => {
    prober.watch([monitor('a'), monitor('b'), monitorOf({ address: '127.0.0.3', port: 1, id: 'closed' })]);
    prober.start(take);
    await prober.firstRound();
    expect(results).toHaveLength(3);
    const verdicts = Object.fromEntries(results.map((result) => [result.monitor, verdictOf(result)]));
    expect(verdicts).toEqual({ a: 'success', b: 'success', closed: 'refused' });
    prober.watch([monitor('a'), monitor('c')]);
    await prober.firstRound();
    expect(resultsOf('c')).toHaveLength(1);
    expect([seen('a'), seen('b'), seen('c')]).toEqual([1, 1, 1]);
  });

  it('makes nothing before its start, and one probe for monitors of the same id', async () => {
    prober.watch([monitor('a'), monitor('a')]);
    const round = prober.firstRound();
    expect(gateway.seen).toEqual([]);
    prober.start(take);
    await round;
    expect(seen('a')).toBe(1);
    expect(results).toHaveLength(1);
  });

  it('settles the first round of no monitors, and of those that were taken away', async () => {
    await prober.firstRound();
    gateway.behave({ kind: 'hang' });
    prober.watch([monitor('a')]);
    prober.start(take);
    const round = prober.firstRound();
    await eventually(() => expect(seen('a')).toBe(1));
    prober.watch([]);
    await round;
    expect(results).toEqual([]);
  });

  it('keeps probing on the interval, and sees a gateway die and come back', async () => {
    prober.watch([monitor('a', 200)]);
    prober.start(take);
    const last = (): string => (results.at(-1) === undefined ? '' : verdictOf(results.at(-1)!));
    await eventually(() => expect(last()).toBe('success'));
    await gateway.stop();
    await eventually(() => expect(last()).toBe('refused'));
    await gateway.start();
    await eventually(() => expect(last()).toBe('success'));
    expect(results.every((result) => Object.isFrozen(result))).toBe(true);
  });

  it('lets a monitor in both sets keep its rhythm', async () => {
    prober.watch([monitor('a')]);
    prober.start(take);
    await prober.firstRound();
    for (let i = 0; i < 20; i++) prober.watch([monitor('a'), monitor(`new-${i}`)]);
    await prober.firstRound();
    expect(seen('a')).toBe(1);
  });

  it('has a result for every probe that it makes', async () => {
    prober.watch(Array.from({ length: 20 }, (_, i) => monitor(`m${i}`, 100)));
    prober.start(take);
    await eventually(() => expect(results.length).toBeGreaterThan(100), { timeout: 5000 });
    prober.watch([]);
    const requests = gateway.seen.length;
    expect(results.length).toBeLessThanOrEqual(requests);
    expect(requests - results.length).toBeLessThanOrEqual(20);
  });

  it('closes within a second with probes in flight, says nothing after it, and closes again', async () => {
    gateway.behave({ kind: 'hang' });
    prober.watch(Array.from({ length: 50 }, (_, i) => monitor(`m${i}`)));
    prober.start(take);
    await eventually(() => expect(gateway.seen).toHaveLength(50));
    const round = prober.firstRound();
    const before = Date.now();
    await prober.close();
    expect(Date.now() - before).toBeLessThan(1000);
    await round;
    await prober.close();
    prober.watch([monitor('late')]);
    await eventually(() => expect(gateway.connections().open).toBe(0));
    expect(results).toEqual([]);
    expect(seen('late')).toBe(0);
  });
});
