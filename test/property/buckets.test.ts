/** Consistent hashing with exact shares: whose each bucket of client subnets is, whatever happens to the members. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BUCKETS, dealBuckets, type Member } from '../../src/core/steering/buckets.ts';

const name = fc.oneof(
  { weight: 3, arbitrary: fc.integer({ min: 0, max: 99 }).map((n) => `cluster-${n}`) },
  { weight: 1, arbitrary: fc.string({ minLength: 1, maxLength: 8 }) },
);

const weight = fc.oneof(fc.constantFrom(1, 100, 100, 65_535), fc.integer({ min: 1, max: 65_535 }));

const members: fc.Arbitrary<readonly Member[]> = fc.uniqueArray(
  fc.record({ name, weight, use: fc.constantFrom('usable', 'usable', 'unusable') }),
  { minLength: 1, maxLength: 12, selector: (member) => member.name },
);

const RUNS = { numRuns: 1_000 };

/** Bucket → name of its owner. */
function ownersOf(all: readonly Member[]): (string | undefined)[] {
  return Array.from(dealBuckets(all), (owner) => all[owner]?.name);
}

function allUsable(all: readonly Member[]): Member[] {
  return all.map((member) => ({ ...member, use: 'usable' }));
}

function without(all: readonly Member[], gone: string): Member[] {
  return all.map((member) => (member.name === gone ? { ...member, use: 'unusable' } : member));
}

/** How many of these buckets each member has, and its exact share of them by weight among `sharers`. */
function expectShares(owners: readonly (string | undefined)[], sharers: readonly Member[]): void {
  const total = sharers.reduce((sum, member) => sum + member.weight, 0);
  for (const member of sharers) {
    const own = owners.filter((owner) => owner === member.name).length;
    const exact = (owners.length * member.weight) / total;
    expect(Math.abs(own - exact), `${member.name}: ${own} of ${exact}`).toBeLessThanOrEqual(1);
  }
}

describe('buckets', () => {
  it('are shared by weight, exact to one bucket', () => {
    fc.assert(
      fc.property(members, (all) => {
        const owners = ownersOf(allUsable(all));
        expect(owners).toHaveLength(BUCKETS);
        expectShares(owners, all);
      }),
      RUNS,
    );
  });

  it('belong to somebody usable wherever anybody is, and else to nobody', () => {
    fc.assert(
      fc.property(members, (all) => {
        const usable = new Set(all.filter(({ use }) => use === 'usable').map((member) => member.name));
        const owners = new Set(ownersOf(all));
        if (usable.size === 0) expect([...owners]).toEqual([undefined]);
        else expect(owners.difference(usable)).toEqual(new Set());
      }),
      RUNS,
    );
  });

  it('of one that goes away are dealt among the others by weight, and no other bucket moves, whoever is away already', () => {
    fc.assert(
      fc.property(members, fc.nat(), (all, pick) => {
        const usable = all.filter(({ use }) => use === 'usable');
        fc.pre(usable.length > 1);
        const gone = usable[pick % usable.length]!.name;
        const before = ownersOf(all);
        const after = ownersOf(without(all, gone));
        expect(after).not.toContain(gone);
        expect(after.map((owner, bucket) => (before[bucket] === gone ? gone : owner))).toEqual(before);
      }),
      RUNS,
    );
  });

  it('of one that is away alone are shared by weight, exact to one bucket', () => {
    fc.assert(
      fc.property(members, fc.nat(), (all, pick) => {
        fc.pre(all.length > 1);
        const gone = all[pick % all.length]!.name;
        const before = ownersOf(allUsable(all));
        const after = ownersOf(without(allUsable(all), gone));
        const moved = after.filter((_, bucket) => before[bucket] === gone);
        expectShares(
          moved,
          all.filter((member) => member.name !== gone),
        );
      }),
      RUNS,
    );
  });

  it('are the same in whatever order the members are named', () => {
    fc.assert(
      fc.property(
        members.chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray([...all], { minLength: all.length }))),
        ([all, shuffled]) => {
          expect(ownersOf(shuffled)).toEqual(ownersOf(all));
        },
      ),
      RUNS,
    );
  });

  it('follow a new member by little more than its share', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 0, max: 999 }), { minLength: 3, maxLength: 12 }), (numbers) => {
        const all = numbers.map((n): Member => ({ name: `cluster-${n}`, weight: 100, use: 'usable' }));
        const before = ownersOf(all.slice(1));
        const after = ownersOf(all);
        const moved = after.filter((owner, bucket) => owner !== before[bucket]).length;
        expect(moved).toBeLessThanOrEqual(BUCKETS / all.length + BUCKETS / 8);
      }),
      RUNS,
    );
  });
});
