import { describe, expect, it } from 'vitest';
import { EVERYWHERE } from '../../../../src/core/desired/area.ts';
import type { Endpoint, Model, Policy } from '../../../../src/core/desired/model.ts';
import { UNSEEN } from '../../../../src/core/health/judge.ts';
import { hostnamesLeftWithout } from '../../../../src/core/steering/drain-guard.ts';
import { drained } from '../snapshot/build.ts';

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
const EUROPE = { continents: ['EU'], countries: [] };

function endpoint(cluster: string, monitor = 'unchecked'): Endpoint {
  const continent = cluster.startsWith('eu') ? 'EU' : 'NA';
  return {
    cluster,
    gateway: 'web/public',
    address: '192.0.2.1',
    family: 4,
    monitor,
    weight: 100,
    tier: 0,
    bias: 0,
    serves: EVERYWHERE,
    drain: { kind: 'none' },
    location: { lat: 0, lon: 0, country: '', continent },
  };
}

function left(cluster: string, endpoints: readonly Endpoint[], policy: Partial<Policy> = {}, others: string[] = []) {
  const hostname = { name: 'a.example', zone: 'example', policy: { ...POLICY, ...policy }, endpoints, askers: [] };
  const model: Model = { zones: [], clusters: [], hostnames: [hostname], monitors: [], lookups: [], findings: [] };
  const health = new Map([
    ['up', { ...UNSEEN, state: 'up' as const }],
    ['down', { ...UNSEEN, state: 'down' as const }],
    ['held', { ...UNSEEN, state: 'held' as const }],
    ['slow', { ...UNSEEN, state: 'degraded' as const }],
  ]);
  const without = (clusters: readonly string[]) => ({ model: drained(model, clusters), health });
  return hostnamesLeftWithout(without(others), without([...others, cluster]), 0);
}

describe('hostnamesLeftWithout', () => {
  it('counts a hostname whose other clusters are down or drained', () => {
    expect(left('eu', [endpoint('eu')])).toEqual(['a.example']);
    expect(left('eu', [endpoint('eu'), endpoint('us', 'down')])).toEqual(['a.example']);
    expect(left('eu', [endpoint('eu'), endpoint('us')], {}, ['us'])).toEqual(['a.example']);
    expect(left('eu', [endpoint('eu'), endpoint('us', 'up')])).toEqual([]);
  });

  it('takes an unseen endpoint for usable: nobody has found it down', () => {
    expect(left('eu', [endpoint('eu'), endpoint('us', 'new')])).toEqual([]);
  });

  it('takes who is degraded for usable, and who is held for down', () => {
    expect(left('eu', [endpoint('eu'), endpoint('us', 'slow')])).toEqual([]);
    expect(left('eu', [endpoint('eu'), endpoint('us', 'held')])).toEqual(['a.example']);
  });

  it('does not count what the cluster does not serve, or nobody serves already', () => {
    expect(left('asia', [endpoint('eu'), endpoint('us')])).toEqual([]);
    expect(left('eu', [endpoint('eu', 'down'), endpoint('us', 'down')])).toEqual([]);
  });

  it('counts a hostname whose residency area would have nobody, wherever else it is served', () => {
    expect(left('eu', [endpoint('eu'), endpoint('us')], { residency: EUROPE })).toEqual(['a.example']);
    expect(left('us', [endpoint('eu'), endpoint('us')], { residency: EUROPE })).toEqual([]);
    expect(left('eu', [endpoint('eu'), endpoint('eu2'), endpoint('us')], { residency: EUROPE })).toEqual([]);
  });
});
