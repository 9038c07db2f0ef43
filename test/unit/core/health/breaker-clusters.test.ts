import { describe, expect, it } from 'vitest';
import type { CalculatedMonitor } from '../../../../src/core/desired/model.ts';
import { createMonitorClusters, createTally, type WatchedModel } from '../../../../src/core/health/breaker-clusters.ts';

const ALL: CalculatedMonitor = { id: 'all', kind: 'all', need: 2, members: ['m', 'some'] };
const SOME: CalculatedMonitor = { id: 'some', kind: 'any', need: 1, members: ['n', 'o'] };

function hostname(...endpoints: readonly (readonly [cluster: string, monitor: string])[]) {
  return { endpoints: endpoints.map(([cluster, monitor]) => ({ cluster, monitor })) };
}

describe('the clusters of monitors', () => {
  it('are those of the endpoints, each once, and of what is made of the monitors', () => {
    const hostnames = [hostname(['a', 'x'], ['b', 'x'], ['a', 'all']), hostname(['a', 'x'], ['c', 'some'])];
    const clusters = createMonitorClusters(() => ({ hostnames, calculated: [SOME, ALL] }));
    expect(['x', 'm', 'n', 'o', 'nobody'].map((id) => [...clusters.of(id)].toSorted())).toEqual([
      ['a', 'b'],
      ['a'],
      ['a', 'c'],
      ['a', 'c'],
      [],
    ]);
  });

  it('are counted anew when the model is another, and in step in between', () => {
    let model: WatchedModel = { hostnames: [hostname(['a', 'x'], ['b', 'y'], ['b', 'x'])] };
    const tally = createTally(createMonitorClusters(() => model));
    tally.add('x');
    tally.add('x');
    expect(Object.fromEntries(tally.by())).toEqual({ a: 1, b: 1 });
    tally.add('y');
    tally.delete('nobody');
    expect(Object.fromEntries(tally.by())).toEqual({ a: 1, b: 2 });
    model = { hostnames: [hostname(['c', 'x'], ['c', 'y'])] };
    tally.delete('y');
    expect(Object.fromEntries(tally.by())).toEqual({ c: 1 });
    expect([tally.size, [...tally.ids()]]).toEqual([1, ['x']]);
  });
});
