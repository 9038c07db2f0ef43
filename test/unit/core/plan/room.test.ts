import { describe, expect, it } from 'vitest';
import { NO_LOAD, reported } from '../../../../src/core/health/load-standing.ts';
import { measuredLoads } from '../../../../src/core/plan/measured-loads.ts';
import type { OutlookOptions } from '../../../../src/core/plan/outlook.ts';
import { compile } from '../../../../src/core/snapshot/compile.ts';
import type { Snapshot } from '../../../../src/core/snapshot/snapshot.ts';
import { drained, hostname } from '../snapshot/build.ts';
import { at, losing, worldOf } from './worlds.ts';

const NEAR = hostname('a.example', { steering: 'nearest' }, [at('eu'), at('us'), at('asia')]);

/** Frankfurt, Virginia and Tokyo have a quarter, a half and a quarter of the clients. */
function limited(capacity: Readonly<Record<string, string>>): Snapshot {
  const world = worldOf([NEAR]);
  const clusters = world.model.clusters.map((one) => {
    const own = capacity[one.name];
    return own === undefined ? one : { ...one, annotations: { capacity: own } };
  });
  return compile({ ...world, model: { ...world.model, clusters } });
}

function room(world: Snapshot, lost: readonly string[], options: Partial<OutlookOptions>) {
  const { clusters, verdict } = losing(world, lost, options);
  return { verdict, ...Object.fromEntries(clusters.map(({ cluster, load }) => [cluster, load])) };
}

describe('the room of clusters, by what is measured', () => {
  const world = limited({ eu: '500', us: '600' });
  const measured = (eu: number, us: number) => ({
    measured: new Map([
      ['eu', eu],
      ['us', us],
    ]),
  });

  it('grows with the share of the clients', () => {
    // Virginia has half of the clients, and three quarters without Frankfurt.
    expect(room(world, ['eu'], measured(200, 400))).toEqual({
      verdict: 'fine',
      eu: { source: 'measured', before: 200, after: 0, verdict: 'fits' },
      us: { source: 'measured', before: 400, after: 600, verdict: 'fits' },
      asia: { source: 'none', verdict: 'not-known', reason: 'no-capacity' },
    });
    expect(room(world, ['eu'], measured(200, 402))).toMatchObject({
      verdict: 'harm',
      us: { before: 402, after: 603, verdict: 'over' },
    });
  });

  it('is no harm of the plan where the cluster is over its capacity already and gets no more', () => {
    expect(room(world, [], measured(501, 100))).toMatchObject({
      verdict: 'fine',
      eu: { before: 501, after: 501, verdict: 'over-already' },
    });
  });

  it('is told by a load that is given, whatever is measured', () => {
    expect(room(world, ['eu'], { ...measured(1, 1), load: 1000 })).toEqual({
      verdict: 'harm',
      eu: { source: 'given', before: 250, after: 0, verdict: 'fits' },
      us: { source: 'given', before: 500, after: 750, verdict: 'over' },
      asia: { source: 'given', before: 250, after: 250, verdict: 'not-known', reason: 'no-capacity' },
    });
  });

  it('is not known without a load, and without clients that the load could be of', () => {
    const idle = compile({ ...world, model: drained(world.model, ['us']) });
    const lifted = room(limited({ us: '600' }), ['eu'], { measured: new Map() });
    expect(lifted).toMatchObject({ us: { source: 'none', verdict: 'not-known', reason: 'no-load' } });
    // A drained cluster keeps what others ask of it.
    expect(room(idle, [], measured(1, 50))).toMatchObject({ us: { before: 50, after: 50, verdict: 'fits' } });
    const spare = hostname('a.example', { steering: 'failover' }, [at('eu'), at('us', { tier: 1 })]);
    const failover = compile({ ...world, model: { ...world.model, hostnames: [spare] } });
    expect(room(failover, ['eu'], measured(400, 2))).toMatchObject({
      verdict: 'fine',
      us: { source: 'measured', before: 2, verdict: 'not-known', reason: 'no-share' },
    });
  });
});

it('a load that is not known any more is none', () => {
  const from = { kind: 'external', expiresMs: 1000 } as const;
  const named = ['eu', 'us', 'asia'].map((cluster) => ({
    name: cluster,
    id: `monitor:${cluster}`,
    source: { kind: 'load', cluster, from } as const,
  }));
  const known = reported(NO_LOAD, { rate: 7, by: 'ops', expiresMs: 1000 }, undefined, { wall: 0, steady: 0 });
  const loads = new Map([
    ['monitor:eu', known],
    ['monitor:us', { ...known, freshness: 'lost' as const }],
    ['monitor:asia', NO_LOAD],
  ]);
  expect([...measuredLoads({ named }, loads)]).toEqual([['eu', 7]]);
  expect([...measuredLoads({}, loads)]).toEqual([]);
});
