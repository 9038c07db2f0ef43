import { describe, expect, it } from 'vitest';
import { BUCKETS, dealBuckets, type Member } from '../../../../src/core/steering/buckets.ts';

function member(name: string, weight = 100, use: Member['use'] = 'usable'): Member {
  return { name, weight, use };
}

/** One letter per bucket: the owner's name, `-` for nobody. */
function dealt(members: readonly Member[]): string {
  return Array.from(dealBuckets(members), (owner) => members[owner]?.name ?? '-').join('');
}

function counts(text: string): Record<string, number> {
  const found: Record<string, number> = {};
  for (const letter of text) found[letter] = (found[letter] ?? 0) + 1;
  return found;
}

describe('buckets', () => {
  it('fall as they always did: directors of different versions share a zone', () => {
    const start = dealt([member('a', 70), member('b', 25), member('c', 5)]).slice(0, 64);
    expect(start).toBe('baccabcbbaacbbaaabcbaaccccbcbbbbcbbbbccbaaabbababbaaabaaabbabaab');
  });

  it('follow the weights to the bucket', () => {
    expect(counts(dealt([member('a', 70), member('b', 25), member('c', 5)]))).toEqual({ a: 179, b: 64, c: 13 });
    expect(counts(dealt([member('a'), member('b'), member('c')]))).toEqual({ a: 85, b: 86, c: 85 });
    expect(counts(dealt([member('a', 65_535), member('b', 1)]))).toEqual({ a: BUCKETS });
  });

  it('of a member that is away come back to it, and stay in between where they were taken', () => {
    const [a, b, c] = [member('a'), member('b'), member('c')];
    const away = { ...a, use: 'unusable' as const };
    const whole = dealt([a, b, c]);
    const less = dealt([away, b, c]);
    expect(less.replaceAll(/./g, (owner, bucket: number) => (whole[bucket] === 'a' ? 'a' : owner))).toBe(whole);
    expect(counts(less)['a']).toBeUndefined();
    expect(dealt([away, { ...b, use: 'unusable' }, c])).toBe('c'.repeat(BUCKETS));
    expect(dealt([a, b, c])).toBe(whole);
  });

  it('are nobody\u2019s where nobody is usable', () => {
    expect(dealt([member('a', 1, 'unusable')])).toBe('-'.repeat(BUCKETS));
    expect(dealt([])).toBe('-'.repeat(BUCKETS));
  });

  it('even few of them go to light members at times, when many members are away', () => {
    const heavy = Array.from({ length: 25 }, (_, i) => member(`heavy-${i}`, 2, i < 10 ? 'unusable' : 'usable'));
    const light = Array.from({ length: 25 }, (_, i) => member(`light-${i}`, 1));
    const members = [...heavy, ...light];
    const owners = dealBuckets(members);
    const toLight = owners.filter((owner) => members[owner]!.weight === 1).length;
    // Exact: 25 of 55 parts of all buckets.
    expect(Math.abs(toLight - (BUCKETS * 25) / 55)).toBeLessThan(13);
  });
});
