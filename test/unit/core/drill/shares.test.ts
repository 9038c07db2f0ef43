import { describe, expect, it } from 'vitest';
import { asked, noted } from '../../../../src/core/drill/drill.ts';
import {
  MAX_SAMPLED_CLUSTERS,
  MAX_SAMPLED_HOSTNAMES,
  MAX_SAMPLES,
  noShares,
  sampled,
  withSample,
} from '../../../../src/core/drill/drill-shares.ts';
import { specOf } from './world.ts';

describe('shares over time', () => {
  it('are bounded, whatever the length, and lose no answer', () => {
    let shares = noShares(['eu', 'us']);
    const total = 10_000;
    for (let at = 1; at <= total; at++) {
      const answered = new Map([
        ['us', 2],
        ['elsewhere', 9],
      ]);
      shares = withSample(shares, { at, planned: new Map([['us', 1 / 3]]), answered });
      expect(shares.samples.length).toBeLessThanOrEqual(MAX_SAMPLES);
    }
    expect(shares.samples.length).toBeGreaterThan(MAX_SAMPLES / 4);
    expect(shares.samples.at(-1)).toEqual({ at: total, planned: [0, 0.3333], answered: [0, 2] });
    expect(shares.samples.reduce((sum, { answered }) => sum + answered[1]!, 0)).toBe(2 * total);
    const times = shares.samples.map(({ at }) => at);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
  });

  it('are of so many clusters and hostnames at most, picked evenly', () => {
    const many = Array.from({ length: 1234 }, (_, index) => `n${index}`);
    expect(noShares(many).clusters).toHaveLength(MAX_SAMPLED_CLUSTERS);
    const picked = sampled(many);
    expect(picked.length).toBeLessThanOrEqual(MAX_SAMPLED_HOSTNAMES);
    expect(picked.length).toBeGreaterThan(MAX_SAMPLED_HOSTNAMES / 2);
    expect(picked.at(-1)).toBe('n1222');
    expect(sampled(['a', 'b'])).toEqual(['a', 'b']);
  });
});

describe('a timeline', () => {
  it('is in the order of time, has each kind once but for steps, and is bounded but for the end', () => {
    let drill = asked(specOf(), 1_000, 'ops');
    drill = noted(drill, { at: 5_000, kind: 'ended', detail: '' });
    drill = noted(drill, { at: 3_000, kind: 'last-old-answer', detail: 'known late' });
    expect(noted(drill, { at: 9_000, kind: 'ended', detail: 'again' })).toBe(drill);
    expect(drill.timeline.map(({ kind }) => kind)).toEqual(['planned', 'last-old-answer', 'ended']);
    for (let at = 0; at < 500; at++) drill = noted(drill, { at: 6_000 + at, kind: 'step', detail: '' });
    expect(drill.timeline).toHaveLength(200);
    expect(noted(drill, { at: 9_000, kind: 'rolled-back', detail: '' }).timeline.at(-1)?.kind).toBe('rolled-back');
  });
});
