import { afterEach, describe, expect, it } from 'vitest';
import { DEFAULT_SAFETY, type SafetyRules } from '../../../src/core/plan/safety.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import { type OverrideWorld, START, startWorld } from './override-world.ts';

const EVEN = { eu: 33, jp: 33, us: 33 };
const DOWN = { scope: { clusters: ['eu'] }, action: 'down', reason: 'kernel update' };
const CANARY = { name: 'r', from: ['eu', 'jp'], to: ['us'], kind: 'canary', steps: [10, 100] };
const BLUE_GREEN = { name: 'bg', from: ['eu', 'jp'], to: ['us'], kind: 'blue-green' };

let world: OverrideWorld;
afterEach(() => world.stop());

async function start(rules: Partial<SafetyRules>, at = START): Promise<void> {
  world = await startWorld({ safety: { ...DEFAULT_SAFETY, ...rules }, clock: createManualClock(at) });
}

const drain = (cluster: string, more: object = {}) =>
  world.send('POST', `/v1/clusters/${cluster}/drain`, { reason: 'x', ...more });

describe('safety: max-moved', () => {
  it('stops an override, a drain and a rollout that move more, and lets smaller ones through', async () => {
    await start({ maxMoved: 0.2 });
    expect((await world.put('m', DOWN)).json()).toMatchObject({ status: 409, code: 'safety-max-moved' });
    expect((await drain('eu')).json()).toMatchObject({
      code: 'safety-max-moved',
      detail: expect.stringMatching(/^33\.\d % of the clients would be moved, more than 20 %\./),
    });
    expect(world.shares()).toEqual(EVEN);
    expect((await world.put('m', { ...DOWN, action: 'drain', percent: 20 })).status).toBe(200);
    expect((await world.send('POST', '/v1/rollouts', BLUE_GREEN)).json()).toMatchObject({ code: 'safety-max-moved' });
    expect(world.director.rollouts.list()).toEqual([]);
  });

  it('counts from the moment on which it would move: a planned one is looked at as if it had begun', async () => {
    await start({ maxMoved: 0.2 });
    const from = new Date(START + 86_400_000).toISOString();
    expect((await world.put('m', { ...DOWN, from })).json()).toMatchObject({ code: 'safety-max-moved' });
    expect((await drain('eu', { from })).json()).toMatchObject({ code: 'safety-max-moved' });
  });

  it('stops each order of a rollout that goes on, and never one that goes back', async () => {
    await start({ maxMoved: 0.2 });
    expect((await world.send('POST', '/v1/rollouts', CANARY)).json()).toMatchObject({
      code: 'safety-max-moved',
    });
    const forced = { ...CANARY, force: true, reason: 'agreed with the team' };
    const begun = await world.send('POST', '/v1/rollouts', forced);
    const why = 'started by ops, forced past safety-max-moved: agreed with the team';
    expect(begun.json()).toMatchObject({ state: 'running', percent: 10, why });
    expect(world.recorded.at(-1)).toMatchObject({ action: 'rollout.start', after: { why }, outcome: 'done' });
    expect((await world.send('POST', '/v1/rollouts/r/promote', {})).json()).toMatchObject({ code: 'safety-max-moved' });
    expect((await world.send('POST', '/v1/rollouts/r/promote', { force: true })).json()).toMatchObject({
      code: 'rollout-invalid',
    });
    const promoted = await world.send('POST', '/v1/rollouts/r/promote', { force: true, reason: 'now' });
    expect(promoted.json()).toMatchObject({
      state: 'promoted',
      why: 'promote by ops, forced past safety-max-moved: now',
    });
    expect(world.shares()).toEqual({ us: 100 });
    expect((await world.send('POST', '/v1/rollouts/r/rollback', {})).json()).toMatchObject({
      state: 'rolled-back',
      why: 'rollback by ops',
    });
    expect((await world.send('POST', '/v1/rollouts/r/end', {})).status).toBe(200);
    expect(world.shares()).toEqual(EVEN);
  });
});

describe('safety: min-clusters', () => {
  it('keeps so many usable clusters for each hostname that has them', async () => {
    await start({ minClusters: 2 });
    expect((await drain('eu')).status).toBe(200);
    const refused = await drain('jp');
    expect(refused.json()).toMatchObject({
      code: 'safety-min-clusters',
      detail: expect.stringContaining(
        'pay.gslb.example and 1 more would be left with 1 of 2 clusters (us), fewer than 2.',
      ),
    });
    expect((await world.put('m', { ...DOWN, scope: { clusters: ['us'] } })).json()).toMatchObject({
      code: 'safety-min-clusters',
    });
    expect(world.shares()).toEqual({ jp: 50, us: 50 });
  });

  it('counts clusters that have a share: weight 0 has none, and what is drained in part has one', async () => {
    await start({ minClusters: 2 });
    const weightless = (scope: object) => ({ ...DOWN, scope, action: 'weight', weight: 0 });
    const two = { clusters: ['eu', 'jp'] };
    expect((await world.put('w', weightless(two))).json()).toMatchObject({
      code: 'safety-min-clusters',
      detail: expect.stringContaining(
        'pay.gslb.example and 1 more would be left with 1 of 3 clusters (us), fewer than 2.',
      ),
    });
    const drill = { name: 'd', action: 'weight', weight: 0, scope: two, for: '1m', reason: 'proof' };
    expect((await world.send('POST', '/v1/drills/rehearse', drill)).json()).toMatchObject({
      broken: [{ rule: 'min-clusters' }],
    });
    expect((await world.put('p', { ...DOWN, scope: two, action: 'drain', percent: 99 })).status).toBe(200);
    expect((await world.send('DELETE', '/v1/overrides/p')).status).toBe(200);
    expect((await world.put('w', weightless({ clusters: ['eu'] }))).status).toBe(200);
    expect((await drain('jp')).json()).toMatchObject({ code: 'safety-min-clusters' });
    // All of them have one where none has a weight above 0.
    expect((await world.put('w', weightless({ clusters: ['*'] }))).status).toBe(200);
    expect(world.shares()).toEqual(EVEN);
  });

  it('counts a standby among the usable ones: the last of those are not taken away either', async () => {
    await start({ minClusters: 2 });
    const order = { ...DOWN, scope: { clusters: ['eu', 'jp'] }, action: 'weight', weight: 0, force: true };
    expect((await world.put('w', order)).status).toBe(200);
    expect((await drain('eu')).status).toBe(200);
    expect((await drain('jp')).json()).toMatchObject({
      code: 'safety-min-clusters',
      detail: expect.stringContaining('would be left with 1 of 2 clusters (us), fewer than 2.'),
    });
  });

  it('does not hold up what takes none away from a hostname with fewer', async () => {
    await start({ minClusters: 3 });
    await world.probe('jp', 'bad');
    expect((await world.put('up', { ...DOWN, scope: { clusters: ['jp'] }, action: 'up' })).status).toBe(200);
    expect((await world.put('w', { ...DOWN, action: 'weight', weight: 50 })).status).toBe(200);
  });

  it('counts what was ordered a moment ago: two at once do not slip through together', async () => {
    await start({ minClusters: 2 });
    const replies = await Promise.all([drain('eu'), drain('jp')]);
    expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([200, 409]));
  });
});

describe('safety: blackout', () => {
  const blackouts = [{ days: ['thu'], from: 8 * 60, to: 18 * 60 }] as const;
  const NINE = START + 9 * 3_600_000;

  it('changes nothing in its window, whatever moves; taking back is no change', async () => {
    await start({ blackouts }, NINE - 7_200_000);
    await drain('eu');
    await world.clock.advance(7_200_000);
    const refused = await world.put('m', { ...DOWN, action: 'weight', weight: 100 });
    expect(refused.json()).toMatchObject({
      code: 'safety-blackout',
      detail: 'Nothing is changed on thu from 08:00 to 18:00 UTC. Use force to do it all the same.',
    });
    expect((await world.send('POST', '/v1/rollouts', BLUE_GREEN)).json()).toMatchObject({ code: 'safety-blackout' });
    expect((await drain('jp')).json()).toMatchObject({ code: 'safety-blackout' });
    expect((await world.send('DELETE', '/v1/clusters/eu/drain')).status).toBe(200);
    expect(world.shares()).toEqual(EVEN);
  });

  it('counts for the moment at which it begins', async () => {
    await start({ blackouts }, NINE - 7_200_000);
    const during = new Date(NINE).toISOString();
    const after = new Date(NINE + 12 * 3_600_000).toISOString();
    expect((await world.put('m', { ...DOWN, from: during })).json()).toMatchObject({ code: 'safety-blackout' });
    expect((await world.put('m', { ...DOWN, from: after })).status).toBe(200);
  });
});

describe('safety: refusals', () => {
  it('are told by their codes, so that they can be counted', async () => {
    await start({ maxMoved: 0.1 });
    await world.put('m', DOWN);
    await world.put('m', { ...DOWN, scope: { clusters: ['mars'] } });
    await world.put('m', { ...DOWN, force: true });
    expect(world.refusals).toEqual(['safety-max-moved', 'override-nothing']);
  });
});

describe('safety: force', () => {
  it('names every rule that it went past, in the view, in the audit and in the drain', async () => {
    await start({ maxMoved: 0.1, minClusters: 3, blackouts: [{ days: ['thu'], from: 0, to: 1440 }] });
    const past = ['safety-min-clusters', 'safety-max-moved', 'safety-blackout'];
    expect((await world.put('m', { ...DOWN, force: true })).json()).toMatchObject({ forced: past });
    expect(world.recorded.at(-1)).toMatchObject({ after: { reason: 'kernel update', force: true, forced: past } });
    const drained = await drain('jp', { force: true });
    expect(drained.json()).toMatchObject({ drain: { forced: past } });
    expect(world.recorded.at(-1)).toMatchObject({ action: 'cluster.drain', after: { force: true, forced: past } });
  });

  it('says nothing of rules where none is broken', async () => {
    await start({ maxMoved: 0.5 });
    const set = await world.put('m', { ...DOWN, force: true });
    expect(set.status).toBe(200);
    expect(set.json()).not.toHaveProperty('forced');
  });
});
