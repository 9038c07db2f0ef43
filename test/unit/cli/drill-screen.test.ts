import { describe, expect, it } from 'vitest';
import { fittingText } from '../../../src/cli/drill-screen.ts';

const samples = Array.from({ length: 20 }, (_, second) => ({
  at: `2026-11-26T10:00:${String(second + 10)}.000Z`,
  planned: [1],
  answered: [1],
}));
const timeline = Array.from({ length: 6 }, (_, index) => ({
  at: '2026-11-26T10:00:00.000Z',
  kind: 'step',
  detail: `number ${index} ${'x'.repeat(80)}`,
}));
const VIEW = {
  name: 'd',
  action: 'fail',
  state: 'running',
  percent: 50,
  scope: { clusters: ['eu'] },
  by: 'ops',
  reason: 'proof',
  timeline,
  plan: { verdict: 'fine', changed: 1, clusters: [{ cluster: 'eu', before: 1, after: 0 }] },
  shares: { clusters: ['eu'], samples },
};
const lines = (rows: number, columns = 200) => fittingText(VIEW, rows, columns).split('\n');
const shares = (rows: number) => lines(rows).filter((line) => /^10:00:\d\d /.test(line));

describe('a drill on a terminal', () => {
  it('is never higher than the terminal, and says first what it is', () => {
    for (let rows = 2; rows <= 60; rows++) {
      expect(lines(rows).length, `${rows} rows`).toBeLessThan(rows);
      expect(lines(rows)[0]).toMatch(/^drill d {2}fail {2}running {2}50 %/);
    }
  });

  it('leaves out shares first, then the plan, and then the oldest of the timeline', () => {
    expect([shares(60).length, shares(22).length]).toEqual([12, 3]);
    expect(shares(22).at(-1)).toMatch(/^10:00:29 /);
    expect(lines(20).join('\n')).toContain('Plan  fine');
    expect(lines(17).join('\n')).not.toContain('Plan');
    expect(lines(8).filter((line) => line.includes('number'))).toHaveLength(4);
    expect(lines(8).at(-1)).toContain('number 5');
  });

  it('is never wider than the terminal', () => {
    const narrow = lines(40, 60);
    expect(Math.max(...narrow.map(({ length }) => length))).toBe(60);
    expect(narrow.find((line) => line.includes('number 0'))).toMatch(/…$/);
  });
});
