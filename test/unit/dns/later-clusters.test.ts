import { expect, test } from 'vitest';
import { createDnsTotals, MAX_LATER_CLUSTERS } from '../../../src/dns/counters.ts';
import { clustersAt } from '../../../src/dns/counts-block.ts';

/** Totals with one zone and one declared cluster, and the counters of a thread that began before any other cluster came. */
function begin() {
  const totals = createDnsTotals({ zones: ['z'], clusters: ['eu'], later: 'some' });
  const { totals: block } = totals.addBlock();
  const count = (slot: number): void => {
    block[clustersAt(1) + slot]! += 1;
  };
  return { totals, count };
}

test('a cluster that comes later is counted by its name, also by threads that were there before', () => {
  const { totals, count } = begin();
  expect(totals.slotOf('eu')).toBe(0);
  count(totals.slotOf('late'));
  count(totals.slotOf('other'));
  count(totals.slotOf('late'));
  expect(totals.read().clusters).toEqual([
    { cluster: 'eu', count: 0 },
    { cluster: 'late', count: 2 },
    { cluster: 'other', count: 1 },
  ]);
});

test('those over the limit are counted as one, and nobody else with them', () => {
  const { totals, count } = begin();
  for (let i = 0; i < MAX_LATER_CLUSTERS + 5; i++) count(totals.slotOf(`c${i}`));
  count(totals.slotOf('c0'));
  const { clusters } = totals.read();
  expect(clusters).toHaveLength(1 + MAX_LATER_CLUSTERS + 1);
  expect(clusters[1]).toEqual({ cluster: 'c0', count: 2 });
  expect(clusters.at(-1)).toEqual({ cluster: '(others)', count: 5 });
});
