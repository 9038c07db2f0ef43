import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Place } from '../../../../src/core/desired/area.ts';
import { MIX_HALF_LIFE_MS } from '../../../../src/core/plan/limits.ts';
import { createQueryMixBook, type QueryMix } from '../../../../src/core/plan/query-mix.ts';
import type { PlaceTable } from '../../../../src/core/snapshot/place-table.ts';
import { PLACES, placesOf } from '../snapshot/build.ts';
import { round } from './worlds.ts';

const MINUTE = 60_000;
const [FRANKFURT, VIRGINIA, TOKYO] = Object.values(PLACES).map((where): Place => ({ kind: 'known', ...where }));
const TABLE = placesOf([FRANKFURT!, VIRGINIA!]);
/** Names whose first letters are the same share a counter. */
const COUNTERS = { names: 128, places: 4, counterOf: (name: string) => name.charCodeAt(0) };

/** A book, and the servers whose counts it reads. */
function listening(first: readonly string[] = ['a', 'b'], table: PlaceTable = TABLE) {
  const book = createQueryMixBook(COUNTERS);
  const [names, places] = [new Uint32Array(COUNTERS.names), new Uint32Array(COUNTERS.places)];
  let hostnames = first.map((name) => ({ name }));
  let now = 5_000_000;
  const counts = {
    ofCounter: (counter: number) => names[counter]!,
    ofPlace: (place: number) => places[place] ?? 0,
  };
  return {
    ask: (name: string, place: number, times: number): void => {
      names[COUNTERS.counterOf(name)]! += times;
      if (place < COUNTERS.places) places[place]! += times;
    },
    serve: (...others: readonly string[]): void => {
      hostnames = others.map((name) => ({ name }));
    },
    locate: (other: PlaceTable): void => {
      table = other;
    },
    read: (after = 0): QueryMix => {
      now += after;
      book.take({ hostnames, places: table, counts, steady: now });
      return book.mix();
    },
  };
}

/** `a 3, b 1`: questions per second, or fractions of them. */
function text(rates: ReadonlyMap<string | number, number>, of = 1): string {
  return [...rates].map(([key, rate]) => `${key} ${round(rate / of)}`).join(', ');
}

describe('the mix of what is asked', () => {
  it('is in questions per second, by name and by place', () => {
    const { ask, read } = listening();
    read();
    ask('a', 1, 120);
    ask('b', 0, 60);
    const mix = read(MINUTE);
    expect([text(mix.names), text(mix.places)]).toEqual(['a 2, b 1', '0 1, 1 2']);
    expect(mix).toMatchObject({ state: 'observed', questions: 180, observedMs: MINUTE, table: TABLE, others: 0 });
    expect(round(mix.perSecond)).toBe(3);
  });

  it('does not count what was asked before the first reading', () => {
    const { ask, read } = listening();
    ask('a', 1, 1000);
    expect(read()).toMatchObject({ state: 'nothing', questions: 0, observedMs: 0, perSecond: 0 });
    ask('b', 2, 60);
    expect(text(read(MINUTE).names)).toBe('b 1');
  });

  it('is told without a reading, and right after one', () => {
    expect(createQueryMixBook(COUNTERS).mix()).toMatchObject({ state: 'nothing', observedMs: 0, table: undefined });
    const { ask, read } = listening();
    read();
    ask('a', 1, 5);
    expect(read()).toMatchObject({ state: 'nothing', questions: 5 });
    expect(read(1000).names.get('a')).toBeCloseTo(5, 2);
  });

  it('counts a question half after the half-life, however often it is read in between', () => {
    const shares = [1, 60, 7].map((readings) => {
      const { ask, read } = listening();
      read();
      ask('a', 1, 1000);
      read(1);
      for (let i = 0; i < readings; i++) read(MIX_HALF_LIFE_MS / readings);
      ask('b', 2, 500);
      const { names, places, perSecond } = read(1);
      return [names, places].flatMap((rates) => [...rates.values()].map((rate) => rate / perSecond));
    });
    for (const found of shares) for (const share of found) expect(share).toBeCloseTo(0.5, 6);
  });

  it('keeps the rate of what is asked evenly, whatever the readings', () => {
    const { ask, read } = listening();
    read();
    for (const minutes of [1, 1, 30, 200, 1, 600]) {
      ask('a', 1, minutes * 60);
      expect(read(minutes * MINUTE).perSecond).toBeCloseTo(1, 9);
    }
  });

  it('has nothing left when less than one question is', () => {
    const { ask, read } = listening();
    read();
    ask('a', 1, 4);
    expect(read(MINUTE).state).toBe('observed');
    expect(read(3 * MIX_HALF_LIFE_MS)).toMatchObject({ state: 'nothing', questions: 4 });
    // And of that, in the end, not a trace.
    expect(read(25 * MIX_HALF_LIFE_MS).perSecond).toBeGreaterThan(0);
    expect(read(MINUTE)).toMatchObject({ perSecond: 0, names: new Map(), places: new Map() });
  });

  it('goes round with the counts', () => {
    const { ask, read } = listening();
    ask('a', 1, 2 ** 32 - 30);
    read();
    ask('a', 1, 60);
    const { names, places } = read(MINUTE);
    expect([text(names), text(places)]).toEqual(['a 1', '1 1']);
  });

  it('divides the count of a counter among the names that have it', () => {
    const { ask, read } = listening(['a1', 'a2', 'b']);
    read();
    ask('a1', 1, 120);
    ask('b', 1, 60);
    const mix = read(MINUTE);
    expect(text(mix.names)).toBe('a1 1, a2 1, b 1');
    expect(round(mix.perSecond)).toBe(3);
  });
});

describe('names that come and go', () => {
  it('count from when they come, and no more when they are gone', () => {
    const { ask, read, serve } = listening(['a']);
    read();
    ask('a', 1, 60);
    read(MINUTE);
    serve('a', 'c');
    ask('c', 1, 120);
    ask('a', 1, 60);
    const both = read(MINUTE).names;
    expect([...both.keys()]).toEqual(['a', 'c']);
    for (const rate of both.values()) expect(rate).toBeCloseTo(1, 1);
    serve('c');
    expect([...read().names.keys()]).toEqual(['c']);
    serve('x');
    expect(read()).toMatchObject({ state: 'nothing', names: new Map() });
    serve('a', 'c');
    expect([...read().names.keys()]).toEqual(['a', 'c']);
  });
});

it('names keep their counters, however the list of them changes', () => {
  const name = fc.constantFrom(...'abcdefgh'.split(''));
  const steps = fc.array(fc.uniqueArray(name, { maxLength: 8 }), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(steps, (lists) => {
      const { ask, serve, read } = listening([]);
      read();
      const expected = new Map<string, number>();
      for (const [step, names] of lists.entries()) {
        serve(...names);
        for (const one of names) {
          ask(one, 1, step + 1);
          expected.set(one, (expected.get(one) ?? 0) + step + 1);
        }
        // All of it at one time, so that nothing is old.
        read();
      }
      const { names, perSecond } = read(1000);
      const all = [...expected.values()].reduce((sum, count) => sum + count, 0);
      const found = [...names].map(([one, rate]) => [one, Math.round((rate / perSecond) * all)]);
      expect(found).toEqual((lists.at(-1) ?? []).map((one) => [one, expected.get(one)]));
    }),
  );
});

describe('other places', () => {
  it('are given what was asked from equal ones, wherever these stand in the list', () => {
    const { ask, read, locate } = listening();
    read();
    ask('a', 0, 60);
    ask('a', 1, 120);
    ask('b', 2, 180);
    read(MINUTE);
    locate(placesOf([TOKYO!, { ...FRANKFURT! }]));
    const { places, table } = read();
    expect([text(places), table?.places.length]).toEqual(['0 1, 2 2', 3]);
    ask('a', 1, 360);
    const later = read(MINUTE).places;
    for (const [place, rate] of [0.5, 3, 1].entries()) expect(later.get(place)).toBeCloseTo(rate, 1);
  });

  it('attribute what was asked since the last reading to the places that were then', () => {
    const { ask, read, locate } = listening();
    read();
    ask('a', 1, 60);
    locate(placesOf([VIRGINIA!, FRANKFURT!]));
    expect(text(read(MINUTE).places)).toBe('2 1');
  });

  it('are told apart by what custom maps say of them, and not by the number of the rule', () => {
    const mapped = (rule: number, text: string): Place => ({
      ...FRANKFURT!,
      mapped: { partners: { rule, text, clusters: ['eu'] } },
    });
    const { ask, read, locate } = listening(['a'], placesOf([mapped(1, 'a'), FRANKFURT!]));
    read();
    ask('a', 1, 120);
    ask('a', 2, 60);
    read(MINUTE);
    locate(placesOf([FRANKFURT!, mapped(9, 'b'), mapped(2, 'a')]));
    expect(text(read().places)).toBe('1 1, 3 2');
  });

  it('are no reason to plan by when none of them is known from before', () => {
    const { ask, read, locate } = listening();
    read();
    ask('a', 1, 60);
    locate(placesOf([TOKYO!]));
    expect(read(MINUTE)).toMatchObject({ state: 'nothing', questions: 60 });
  });

  it('beyond the counted ones are one sum', () => {
    const many = placesOf([FRANKFURT!, VIRGINIA!, TOKYO!, { kind: 'known', ...PLACES['tokyo']!, country: 'KR' }]);
    const { ask, read, locate } = listening(['a'], many);
    read();
    ask('a', 1, 60);
    ask('a', 4, 120);
    const mix = read(MINUTE);
    expect([text(mix.places), round(mix.others), mix.counted]).toEqual(['1 1', 2, 4]);
    // Nobody is beyond them in a smaller table.
    locate(TABLE);
    expect(read().others).toBe(0);
  });
});
