import { describe, expect, it } from 'vitest';
import type { QueryMix } from '../../../src/core/plan/query-mix.ts';
import { createExpectation } from '../../../src/metrics/expected.ts';
import { createDirectorFixture } from '../admin/director-fixture.ts';
import { MIX } from './metrics-fixture.ts';

/** An expectation whose readings are counted, with a clock of its own. */
function startExpectation(first: Partial<QueryMix> = {}) {
  const { director } = createDirectorFixture();
  let mix: QueryMix = { ...MIX, table: director.snapshot().places, ...first };
  let [now, readings] = [1_000_000, 0];
  const expectation = createExpectation(
    () => {
      readings += 1;
      return mix;
    },
    () => now,
  );
  return {
    readings: () => readings,
    look: () => expectation(director.snapshot()),
    drain: () => director.drain({ cluster: 'us-east', at: 0, by: 'ops', reason: 'x' }, 'forced'),
    ask: (next: Partial<QueryMix>): void => {
      mix = { ...mix, ...next };
    },
    go: (ms: number): void => {
      now += ms;
    },
  };
}

describe('what should be answered', () => {
  it('is worked out anew with every snapshot, by what was asked as it was read within a minute', async () => {
    const { readings, look, drain, go } = startExpectation();
    const before = look();
    expect(before?.clusters.get('eu-west')).toBeCloseTo(0.85, 9);
    expect(look()).toBe(before);
    await drain();
    expect(look()?.clusters.get('eu-west')).toBe(1);
    expect(readings()).toBe(1);
    go(60_000);
    look();
    expect(readings()).toBe(2);
  });

  it('is looked for more often while nothing was asked, and not at every scrape', () => {
    const { readings, look, go, ask } = startExpectation({ state: 'nothing' });
    expect([look(), look()]).toEqual([undefined, undefined]);
    expect(readings()).toBe(1);
    ask({ state: 'observed' });
    go(2_000);
    expect(look()?.clusters.get('us-east')).toBeCloseTo(0.15, 9);
    expect(readings()).toBe(2);
  });

  it('is not known of places that are others by now, nor where all that was asked for is gone', () => {
    const elsewhere = { ...createDirectorFixture().director.snapshot().places };
    expect(startExpectation({ table: elsewhere }).look()).toBeUndefined();
    expect(startExpectation({ names: new Map([['gone.gslb.example', 5]]) }).look()).toBeUndefined();
  });

  it('counts the rarely asked no more than the often asked: of more than 200 names those come first', () => {
    const rare = Array.from({ length: 500 }, (_, i) => [`n${i}.gslb.example`, 1e-9] as const);
    const { look } = startExpectation({ names: new Map([...rare, ['api.gslb.example', 1]]) });
    expect(look()?.clusters.get('us-east')).toBeCloseTo(0.2, 9);
  });
});
