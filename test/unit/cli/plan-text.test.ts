import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { planText } from '../../../src/cli/plan-text.ts';

const PLAN = {
  basis: { kind: 'director', snapshot: 1, serial: 1 },
  lose: [],
  clients: { counted: 'ipv4-addresses', source: 'a database' },
  verdict: 'fine',
  hostnames: { before: 1, after: 1, changed: 0 },
  clusters: [],
  nobody: { before: 0, after: 0 },
  lastResortAddresses: { before: 0, after: 0 },
  moved: 0,
  cachedSeconds: 0,
  affected: [],
  worst: [],
};

function text(changes: object): string {
  return stripVTControlCharacters(planText({ ...PLAN, ...changes }));
}

function cluster(name: string, load: object, capacity?: number): object {
  return { cluster: name, before: 0.5, after: 0.5, ...(capacity === undefined ? {} : { capacity }), load };
}

describe('the room of clusters, for people', () => {
  const measured = (before: number, after: number, verdict: string) => ({ source: 'measured', before, after, verdict });

  it('tells who has too little, and who has so already', () => {
    const clusters = [
      cluster('eu', measured(80, 120, 'over'), 100),
      cluster('us', measured(120, 110, 'over-already'), 100),
      cluster('asia', measured(50, 50, 'fits'), 100),
    ];
    const shown = text({ clusters });
    expect(shown).toContain(
      'error too little room: eu would get 120/s of 100/s\ninfo too little room: us would have 110/s of 100/s, as now\n',
    );
    expect(shown).toMatch(/^asia +50\.0 % +50\.0 % +- +100\/s +- +50\/s +50\/s$/m);
    expect(shown).not.toContain('room not known');
  });

  it('says of whom it is not known, and why, and names a few', () => {
    const unknown = (reason: string) => ({ source: 'none', verdict: 'not-known', reason });
    const many = Array.from({ length: 10 }, (_, index) => cluster(`c${index}`, unknown('no-capacity')));
    const clusters = [cluster('eu', unknown('no-load'), 100), ...many, cluster('us', unknown('no-share'), 100)];
    expect(text({ clusters })).toContain(
      [
        'info room not known: c0, c1, c2, c3, c4, c5, c6, c7 and 2 more (no capacity is set)',
        'info room not known: eu (no monitor tells the load, and there is no --load)',
        'info room not known: us (too few clients now to tell from their load)',
        '',
      ].join('\n'),
    );
  });

  it('reads what an older director tells, which has no load where none is known', () => {
    expect(text({ clusters: [{ cluster: 'eu', before: 1, after: 1 }] })).toMatch(/^eu +100\.0 % +100\.0 % +-$/m);
  });
});

it('what is asked is told with what came from places that are not counted each', () => {
  const observed = { seconds: 7260, questions: 90, perSecond: 1.25, halfLifeSeconds: 3600, unplaced: 0.125 };
  const worst = [{ name: 'a.example', asked: 0.9, moved: 0.5, usable: { before: 2, after: 1 }, clusters: [] }];
  const shown = text({ clients: { counted: 'queries', source: 'a database', observed }, worst });
  expect(shown.split('\n').slice(1, 5)).toEqual([
    'Clients are counted by what they ask: 90 questions in 2 h, 1.3/s; after 60 min a question counts half.',
    'Hostnames count by theirs and places by theirs: who asks for which is not known.',
    '12.5 % came from places beyond the counted ones, and are divided among those by addresses.',
    'a database',
  ]);
  expect(shown).toMatch(/^a\.example +90\.0 % +50\.0 % +2 → 1/m);
});
