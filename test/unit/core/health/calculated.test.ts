import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CalculatedMonitor } from '../../../../src/core/desired/model.ts';
import { calculatedOf } from '../../../../src/core/desired/named-monitors.ts';
import { combine } from '../../../../src/core/health/calculated.ts';
import { createCalculatedBook } from '../../../../src/core/health/calculated-book.ts';
import { causeOf } from '../../../../src/core/health/calculated-cause.ts';
import { UNSEEN } from '../../../../src/core/health/judge.ts';
import { MONITOR_STATES, type MonitorHealth, type MonitorState } from '../../../../src/core/health/monitor-health.ts';

const NEVER = Number.POSITIVE_INFINITY;
const STATES = ['up', 'degraded', 'unseen', 'held', 'down'] as const satisfies readonly MonitorState[];

function health(state: MonitorState, more: Partial<MonitorHealth> = {}): MonitorHealth {
  return { ...UNSEEN, state, since: state === 'unseen' ? 0 : 1000, ...more };
}

function stateOf(kind: CalculatedMonitor['kind'], need: number, ...states: readonly MonitorState[]): MonitorState {
  const members = states.map((state) => health(state));
  return combine({ kind, need }, members, UNSEEN).state;
}

describe('the truth table', () => {
  it('looks at all states', () => {
    expect(new Set(STATES)).toEqual(new Set(MONITOR_STATES));
  });

  it.each([
    ['up', 'up degraded unseen held down'],
    ['degraded', 'degraded degraded unseen held down'],
    ['unseen', 'unseen unseen unseen held down'],
    ['held', 'held held held held down'],
    ['down', 'down down down down down'],
  ] as const)('all: %s and each', (state, row) => {
    expect(STATES.map((other) => stateOf('all', 2, state, other))).toEqual(row.split(' '));
  });

  it.each([
    ['up', 'up up up up up'],
    ['degraded', 'up degraded degraded degraded degraded'],
    ['unseen', 'up degraded unseen unseen unseen'],
    ['held', 'up degraded unseen held held'],
    ['down', 'up degraded unseen held down'],
  ] as const)('any: %s and each', (state, row) => {
    expect(STATES.map((other) => stateOf('any', 1, state, other))).toEqual(row.split(' '));
  });

  it('not', () => {
    expect(STATES.map((state) => stateOf('not', 1, state))).toEqual(['down', 'down', 'unseen', 'up', 'up']);
  });

  it.each([
    [2, 'up up down', 'up'],
    [2, 'up down down', 'down'],
    [2, 'up unseen down', 'unseen'],
    [2, 'up up unseen', 'up'],
    [2, 'down down unseen', 'down'],
    [3, 'up up degraded up', 'up'],
    [4, 'up up degraded up', 'degraded'],
  ] as const)('at least %d of %s: %s', (need, states, state) => {
    expect(stateOf('at-least', need, ...states.split(' ').map((word) => STATES.find((each) => each === word)!))).toBe(
      state,
    );
  });
});

describe('since', () => {
  const two = { kind: 'all', need: 2 } as const;
  const a = (state: MonitorState, since: number) => health(state, { since });
  it.each([
    ['all is up since the last of them is', two, [a('up', 5), a('up', 9)], 9],
    ['all is down since the first of them is', two, [a('down', 9), a('down', 5)], 5],
    ['all is down since its one is', two, [a('up', 9), a('down', 5)], 5],
    ['any is up since the first', { kind: 'any', need: 1 }, [a('up', 9), a('up', 5)], 5],
    ['any is down since the last', { kind: 'any', need: 1 }, [a('down', 9), a('down', 5)], 9],
    ['2 of 3 are up since the second', { kind: 'at-least', need: 2 }, [a('up', 9), a('up', 5), a('up', 7)], 7],
    ['not, since its member', { kind: 'not', need: 1 }, [a('down', 5)], 5],
    ['unseen, since never', two, [a('up', 5), UNSEEN], 0],
  ] as const)('%s', (_, monitor, members, since) => {
    expect(combine(monitor, members, UNSEEN).since).toBe(since);
  });

  it('is kept while the state is', () => {
    const first = combine(two, [a('down', 5), a('down', 9)], UNSEEN);
    expect(combine(two, [a('up', 12), a('down', 9)], first)).toBe(first);
  });
});

describe('the time to a change', () => {
  const in20 = health('up', { secondsToChange: 20 });
  const in10 = health('up', { secondsToChange: 10 });
  const soonUp = health('down', { secondsToChange: 10 });
  it.each([
    ['one going is enough', { kind: 'all', need: 2 }, [in20, in10], 10],
    ['both must go', { kind: 'any', need: 1 }, [in20, in10], 20],
    ['who is settled does not go', { kind: 'any', need: 1 }, [health('up'), in10], NEVER],
    ['one can be spared', { kind: 'at-least', need: 2 }, [in20, in10, health('up')], 20],
    ['who is down comes', { kind: 'all', need: 2 }, [health('up'), soonUp], 10],
    ['another stays down', { kind: 'all', need: 2 }, [health('down'), soonUp], NEVER],
    ['not', { kind: 'not', need: 1 }, [in20], 20],
  ] as const)('%s', (_, monitor, members, seconds) => {
    expect(combine(monitor, members, UNSEEN).secondsToChange).toBe(seconds);
  });
});

describe('who ramps up', () => {
  const ramp = (admits: number) => health('up', { admits });
  it.each([
    ['lets all in by so many', { kind: 'all', need: 2 }, [ramp(4), health('up')], 4],
    ['is not waited for by any', { kind: 'any', need: 1 }, [ramp(4), health('up')], undefined],
    ['is counted where another is down', { kind: 'any', need: 1 }, [ramp(4), health('down')], 4],
    ['lets nobody in where all is down', { kind: 'all', need: 2 }, [ramp(4), health('down')], undefined],
  ] as const)('%s', (_, monitor, members, admits) => {
    expect(combine(monitor, members, UNSEEN).admits).toBe(admits);
  });
});

describe('how long it stood still', () => {
  const still = (state: MonitorState, stillness: number) => health(state, { stillness });
  it.each([
    ['as the last who moved', { kind: 'all', need: 2 }, [still('up', 5), still('up', 2)], 2],
    ['whoever decides', { kind: 'any', need: 1 }, [still('up', 5), still('down', 2)], 2],
    ['not while one moves', { kind: 'all', need: 2 }, [still('up', 5), health('up')], undefined],
    ['not', { kind: 'not', need: 1 }, [still('down', 7)], 7],
  ] as const)('%s', (_, monitor, members, stillness) => {
    expect(combine(monitor, members, UNSEEN).stillness).toBe(stillness);
  });

  it('is told anew when it is another, and the same while nothing is', () => {
    const two = { kind: 'all', need: 2 } as const;
    const first = combine(two, [still('up', 1), still('up', 1)], UNSEEN);
    expect(combine(two, [still('up', 2), still('up', 1)], first)).toBe(first);
    expect(combine(two, [still('up', 2), still('up', 2)], first)).toMatchObject({ stillness: 2 });
    expect(combine(two, [still('up', 2), health('up')], first)).not.toHaveProperty('stillness');
  });
});

/** A world of leaves `p0`… and monitors made of them and of each other, each by those before it. */
const LEAVES = 6;
const worlds = fc
  .array(
    fc.record({
      kind: fc.constantFrom('all', 'any', 'at-least', 'not'),
      chosen: fc.array(fc.nat(1000), { minLength: 1, maxLength: 4 }),
      need: fc.nat(3),
    }),
    { minLength: 1, maxLength: 12 },
  )
  .map((drafts) => {
    const ids = Array.from({ length: LEAVES }, (_, index) => `p${index}`);
    const calculated: CalculatedMonitor[] = [];
    for (const [index, { kind, chosen, need }] of drafts.entries()) {
      const members = chosen.slice(0, kind === 'not' ? 1 : 4).map((number) => ids[number % ids.length]!);
      const count = { all: members.length, any: 1, not: 1, 'at-least': 1 + (need % members.length) }[kind];
      calculated.push({ ...calculatedOf(kind, count, members), id: `c${index}` });
      ids.push(`c${index}`);
    }
    return calculated;
  });
const results = fc.array(fc.record({ leaf: fc.nat(LEAVES - 1), state: fc.constantFrom(...STATES) }), { maxLength: 40 });

/** The value by the definition, by recursion: how many are at least as good as each state, the best first. */
function plain(
  id: string,
  calculated: readonly CalculatedMonitor[],
  leaves: ReadonlyMap<string, MonitorState>,
): MonitorState {
  const monitor = calculated.find((each) => each.id === id);
  if (monitor === undefined) return leaves.get(id) ?? 'unseen';
  const members = monitor.members.map((member) => plain(member, calculated, leaves));
  if (monitor.kind === 'not') {
    if (members[0] === 'unseen') return 'unseen';
    return members[0] === 'up' || members[0] === 'degraded' ? 'down' : 'up';
  }
  const best = STATES.find((_, rank) => members.filter((one) => STATES.indexOf(one) <= rank).length >= monitor.need);
  return best ?? 'down';
}

describe('a book of calculated monitors', () => {
  it('holds what a plain recursive evaluation gives, whatever comes together', () => {
    fc.assert(
      fc.property(worlds, results, fc.infiniteStream(fc.boolean()), (calculated, events, breaks) => {
        const book = createCalculatedBook();
        book.watch(calculated);
        const beliefs = new Map<string, MonitorHealth>();
        const leaves = new Map<string, MonitorState>();
        let changed = new Set<string>();
        const told = new Map<string, MonitorState>();
        for (const [at, { leaf, state }] of events.entries()) {
          beliefs.set(`p${leaf}`, health(state, { since: at }));
          leaves.set(`p${leaf}`, state);
          changed.add(`p${leaf}`);
          if (breaks.next().value === true && at < events.length - 1) continue;
          book.settle(beliefs, changed);
          for (const { id } of calculated) {
            const now = plain(id, calculated, leaves);
            expect(beliefs.get(id)?.state ?? 'unseen').toBe(now);
            // Nothing changes without being named.
            if (now !== (told.get(id) ?? 'unseen')) expect(changed).toContain(id);
            told.set(id, now);
          }
          changed = new Set();
        }
      }),
      { numRuns: 300 },
    );
  });

  it('ends the same in whichever order the results of different monitors come', () => {
    const last = fc.uniqueArray(fc.record({ leaf: fc.nat(LEAVES - 1), state: fc.constantFrom(...STATES) }), {
      selector: ({ leaf }) => leaf,
    });
    fc.assert(
      fc.property(worlds, last, fc.boolean(), (calculated, events, isReversed) => {
        const outcomeOf = (order: typeof events) => {
          const book = createCalculatedBook();
          book.watch(calculated);
          const beliefs = new Map<string, MonitorHealth>();
          for (const { leaf, state } of order) {
            beliefs.set(`p${leaf}`, health(state, { secondsToChange: leaf * 10 }));
            book.settle(beliefs, new Set([`p${leaf}`]));
          }
          return calculated.map(({ id }) => {
            const { state, secondsToChange } = beliefs.get(id) ?? UNSEEN;
            return { id, state, secondsToChange };
          });
        };
        const other = isReversed ? events.toReversed() : events.toSorted((a, b) => a.leaf - b.leaf);
        expect(outcomeOf(other)).toEqual(outcomeOf(events));
      }),
      { numRuns: 300 },
    );
  });

  it('evaluates what is new by what is believed already', () => {
    const book = createCalculatedBook();
    const beliefs = new Map([['p0', health('up')]]);
    book.watch([calculatedOf('not', 1, ['p0'])]);
    // Once more before it was settled.
    book.watch([calculatedOf('not', 1, ['p0'])]);
    const changed = new Set<string>();
    book.settle(beliefs, changed);
    expect([...changed]).toEqual(['not("p0")']);
    expect(beliefs.get('not("p0")')?.state).toBe('down');
  });

  it('finds the probe that decides', () => {
    const inner = { ...calculatedOf('any', 1, ['p0', 'p1']), id: 'inner' };
    const outer = { ...calculatedOf('all', 2, ['p2', 'inner']), id: 'outer' };
    const calculated = [inner, outer];
    const book = createCalculatedBook();
    book.watch(calculated);
    const beliefs = new Map([
      ['p0', health('down')],
      ['p1', health('down')],
      ['p2', health('up')],
    ]);
    book.settle(beliefs, new Set(beliefs.keys()));
    expect(causeOf('outer', beliefs, calculated)).toBe('p0');
    beliefs.set('p1', health('up'));
    book.settle(beliefs, new Set(['p1']));
    expect(causeOf('outer', beliefs, calculated)).toBe('p2');
    expect(causeOf('inner', beliefs, calculated)).toBe('p1');
    expect(causeOf('p0', beliefs, calculated)).toBe('p0');
  });
});
