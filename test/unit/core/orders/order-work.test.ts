/** What orders by pattern cost, counted: names and patterns are rewritten once, not once for each pair of them. */
import * as fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { nameTestOf, type TextTest } from '../../../../src/core/orders/glob.ts';
import { bitsOf, hasBit, hostnamesAt, nameListOf } from '../../../../src/core/orders/name-bits.ts';
import { createOrderOverlay } from '../../../../src/core/orders/overlay.ts';
import type { Override } from '../../../../src/core/orders/override.ts';
import { unfitIn } from '../../../../src/core/orders/unfit.ts';
import { endpoint, hostname, model, zone } from '../snapshot/build.ts';

const NAMES = 200;
const ORDERS = 40;

const world = () => {
  const ends = [endpoint('eu', '192.0.2.1'), endpoint('us', '192.0.2.2')];
  return model(
    [zone('z')],
    Array.from({ length: NAMES }, (_, index) => hostname(`h${index}.z`, {}, ends)),
  );
};
const orders = new Map(
  Array.from({ length: ORDERS }, (_, index): [string, Override] => {
    const scope = { hostnames: [`h${index}*.z`, `x${index}*`] };
    return [`o${index}`, { name: `o${index}`, scope, action: { kind: 'up' }, at: index, by: 'test', reason: 'test' }];
  }),
);

/** How often texts are put in lower case or split while something is done. */
function rewritten(work: () => void): number {
  const spies = [vi.spyOn(String.prototype, 'toLowerCase'), vi.spyOn(String.prototype, 'split')];
  work();
  return spies.reduce((sum, { mock }) => sum + mock.calls.length, 0);
}

describe('what orders by pattern cost', () => {
  afterEach(() => void vi.restoreAllMocks());

  it('is each name and each pattern once', () => {
    const from = world();
    expect(rewritten(() => createOrderOverlay().lay(from, orders, 100))).toBeLessThan(2 * (NAMES + 4 * ORDERS));
  });

  it('is nothing for another overlay of the same names', () => {
    const from = world();
    const before = createOrderOverlay().lay(from, orders, 100);
    let after = before;
    expect(rewritten(() => (after = createOrderOverlay().lay(from, orders, 100)))).toBe(0);
    expect(after).toEqual(before);
  });

  it('is a few walks over the names to say which patterns fit nothing, not one for each of them', () => {
    const [from, patterns] = [world(), Array.from({ length: 199 }, (_, index) => `zz*${index}*nothing`)];
    expect(rewritten(() => unfitIn({ hostnames: patterns }, from))).toBeLessThan(20 * NAMES);
  });

  it('is the names that are new, where the list of them changes', () => {
    const asked: string[] = [];
    const test: TextTest = (name) => asked.push(name) > 0 && name.startsWith('h1');
    const { hostnames } = world();
    // Models are sorted by name.
    const sorted = hostnames.toSorted((a, b) => (a.name < b.name ? -1 : 1));
    const first = nameListOf(sorted);
    bitsOf(test, first);
    expect(asked.splice(0)).toHaveLength(NAMES);
    expect(nameListOf([...sorted], first)).toBe(first);
    const next = nameListOf([hostname('a.z', {}, []), ...sorted.slice(2)], first);
    bitsOf(test, next);
    expect(asked).toEqual(['a.z']);
  });
});

describe('bits of names', () => {
  it('are what the patterns say, whatever list was asked about before, sorted or not', () => {
    const name = fc.string({ unit: fc.constantFrom('a', 'b', '.'), maxLength: 4 });
    const lists = fc.array(fc.array(name, { maxLength: 70 }), { minLength: 1, maxLength: 5 });
    const patterns = fc.array(fc.string({ unit: fc.constantFrom('a', 'b', '*', '.', 'B'), maxLength: 4 }), {
      maxLength: 3,
    });
    fc.assert(
      fc.property(lists, patterns, patterns, (all, some, picks) => {
        const [test, pick] = [nameTestOf(some), nameTestOf(picks)];
        for (const names of all) {
          const hostnames = names.map((one) => hostname(one, {}, []));
          const list = nameListOf(hostnames);
          const bits = bitsOf(test, list);
          expect(names.map((_, place) => hasBit(bits, place))).toEqual(list.names.map(test));
          const part = hostnamesAt(hostnames, bitsOf(pick, list));
          const own = nameListOf(part);
          expect(part.map(({ name: one }) => one)).toEqual(names.filter((_, place) => pick(list.names[place]!)));
          expect(own.names.map((_, place) => hasBit(bitsOf(test, own), place))).toEqual(own.names.map(test));
        }
      }),
      { numRuns: 300 },
    );
  });
});
