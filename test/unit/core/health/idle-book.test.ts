import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CalculatedMonitor, Hostname, Monitor, NamedMonitor, Policy } from '../../../../src/core/desired/model.ts';
import { createIdleBook, type IdleView } from '../../../../src/core/health/idle-book.ts';
import type { MonitorHealth } from '../../../../src/core/health/monitor-health.ts';
import { endpoint, FRANKFURT, policy } from '../steering/world.ts';
import { MONITOR } from './monitored.ts';

const SETTINGS = { afterMs: 300_000, intervalMs: 60_000 };
const TTL_S = 30;
/** Nobody asked for so long: idle. */
const QUIET_S = SETTINGS.afterMs / 1000 + TTL_S;

const UP: MonitorHealth = { state: 'up', since: 1, contrary: 0, secondsToChange: Number.POSITIVE_INFINITY };

function hostname(name: string, monitors: readonly string[], more: Partial<Policy> = {}): Hostname {
  const endpoints = monitors.map((monitor) => endpoint('eu', FRANKFURT, { monitor }));
  return { name, zone: 'example', policy: policy({ ttl: TTL_S, ...more }), endpoints, askers: [] };
}

type Names = Readonly<Record<string, readonly string[]>>;
type Others = { readonly calculated?: readonly CalculatedMonitor[]; readonly named?: readonly NamedMonitor[] };

function modelOf(names: Names, others: Others = {}, own: Partial<Monitor> = {}): IdleView['model'] {
  const hostnames = Object.entries(names).map(([name, monitors]) => hostname(name, monitors));
  const made = new Set((others.calculated ?? []).map(({ id }) => id));
  const probed = new Set([...Object.values(names), ...(others.calculated ?? []).map(({ members }) => members)].flat());
  const ids = [...probed].filter((id) => id !== 'unchecked' && !made.has(id));
  return { hostnames, monitors: ids.map((id) => ({ ...MONITOR, ...own, id })), ...others };
}

/** A book, swept once a second. */
function createWorld(model: IdleView['model']) {
  const book = createIdleBook(SETTINGS);
  const counts = new Map<string, number>();
  const health = new Map<string, MonitorHealth>(model.monitors.map(({ id }) => [id, UP]));
  const world = {
    book,
    health,
    model,
    prober: 'trusting' as IdleView['prober'],
    kept: undefined as IdleView['isKept'],
    second: 0,
    ask(name: string): void {
      counts.set(name, (counts.get(name) ?? 0) + 1);
    },
    /** Changes of the pace, as `SECOND ID PACE`, in so many seconds. */
    pass(seconds: number): readonly string[] {
      const said: string[] = [];
      for (const end = world.second + seconds; world.second < end; ) {
        world.second += 1;
        const view = {
          model: world.model,
          health,
          asked: (name: string) => (counts.get(name) ?? 0) >>> 0,
          isKept: world.kept,
          prober: world.prober,
        };
        for (const change of book.sweep(view, world.second * 1000)) {
          const how = change.pace === 'idle' ? `idle ${change.intervalMs}` : change.next;
          said.push(`${world.second} ${change.monitor} ${how}`);
        }
      }
      return said;
    },
    idle: () => [...book.idle()].toSorted(),
  };
  return world;
}

/** Among so many others one that fails is nothing amiss. */
const CROWD = Object.fromEntries(Array.from({ length: 120 }, (_, i) => [`c${i}.example`, [`c${i}`]]));

describe('an idle monitor', () => {
  it('is one none of whose hostnames was asked for since it is known, and for as long as answers may be used', () => {
    const world = createWorld(modelOf({ 'a.example': ['a', 'both'], 'b.example': ['b', 'both', 'unchecked'] }));
    expect(world.pass(60)).toEqual([]);
    world.ask('b.example');
    expect(world.pass(QUIET_S - 60)).toEqual([]);
    expect(world.pass(1)).toEqual([`${QUIET_S + 1} a idle 60000`]);
    expect(world.pass(59)).toEqual([]);
    expect(world.pass(1).toSorted()).toEqual([`${QUIET_S + 61} b idle 60000`, `${QUIET_S + 61} both idle 60000`]);
  });

  it('counts from the longest TTL that its answers may have', () => {
    const model = modelOf({ 'a.example': ['a'] });
    const hostnames = [hostname('a.example', ['a'], { stableTtl: 600 })];
    const world = createWorld({ ...model, hostnames });
    expect(world.pass(QUIET_S - TTL_S + 600)).toEqual([]);
    expect(world.pass(1)).toHaveLength(1);
  });

  it('is probed at once when somebody asks for one of its hostnames, and is told once', () => {
    const world = createWorld(modelOf({ 'a.example': ['a', 'both'], 'b.example': ['b', 'both'] }));
    world.pass(QUIET_S + 1);
    world.ask('a.example');
    const at = world.second + 1;
    expect(world.pass(1)).toEqual([`${at} a at-once`, `${at} both at-once`]);
    expect(world.pass(10)).toEqual([]);
    expect(world.idle()).toEqual(['b']);
  });

  it('is asked for by a count that goes round, too', () => {
    const world = createWorld(modelOf({ 'a.example': ['a'] }));
    for (let i = 0; i < 3; i++) world.ask('a.example');
    world.pass(QUIET_S + 1);
    expect(world.idle()).toEqual(['a']);
    const view = { model: world.model, health: world.health, prober: 'trusting' as const };
    expect(world.book.sweep({ ...view, asked: () => 0 }, 1_000_000)).toEqual([
      { monitor: 'a', pace: 'own', next: 'at-once' },
    ]);
  });

  it('keeps an interval of its own that is as long', () => {
    const world = createWorld(modelOf({ 'a.example': ['a'] }, {}, { intervalMs: 60_000 }));
    expect(world.pass(3 * QUIET_S)).toEqual([]);
  });

  it('has its own pace back when a result speaks against it, and for six intervals after the last one', () => {
    const world = createWorld(modelOf({ ...CROWD, 'a.example': ['a'] }));
    world.pass(QUIET_S + 1);
    world.health.set('a', { ...UP, contrary: 1, secondsToChange: 20 });
    expect(world.pass(1)).toEqual([`${world.second} a within-interval`]);
    world.health.set('a', UP);
    expect(world.pass(59)).toEqual([]);
    expect(world.pass(1)).toEqual([`${world.second} a idle 60000`]);
  });

  it.each([
    ['down', { state: 'down' }],
    ['held', { state: 'held', reason: 'failback' }],
    ['unseen', { state: 'unseen' }],
    ['degraded', { state: 'degraded', reason: 'latency' }],
    ['failing', { reason: 'failover-delay', contrary: 3 }],
    ['ramping', { admits: 16 }],
    ['stale', { freshness: 'stale' }],
    ['withheld', { withheld: { ...UP, state: 'down' } }],
  ] satisfies readonly (readonly [string, Partial<MonitorHealth>])[])('is none that is %s', (_, is) => {
    const world = createWorld(modelOf({ ...CROWD, 'a.example': ['a'] }));
    world.health.set('a', { ...UP, ...is });
    world.pass(2 * QUIET_S);
    expect(world.book.idle().has('a')).toBe(false);
    expect(world.book.idle().size).toBe(120);
    world.health.set('a', UP);
    world.pass(60);
    expect(world.book.idle().has('a')).toBe(true);
  });

  it('is asked for by what is made of it, and is never one of the configuration', () => {
    const calculated: readonly CalculatedMonitor[] = [
      { id: 'paths', kind: 'all', need: 2, members: ['p1', 'p2'] },
      { id: 'all', kind: 'all', need: 2, members: ['paths', 'named'] },
    ];
    const source = { kind: 'probe', monitor: { ...MONITOR, id: 'named' } } as const;
    const named = [{ name: 'named', id: 'named', source }];
    const world = createWorld(modelOf({ 'a.example': ['all'], 'b.example': ['b'] }, { calculated, named }));
    world.pass(QUIET_S + 1);
    expect(world.idle()).toEqual(['b', 'p1', 'p2']);
    world.ask('a.example');
    world.pass(1);
    expect(world.idle()).toEqual(['b']);
  });

  it('is none whose hostname is kept, until that is over for long enough', () => {
    const world = createWorld(modelOf({ 'a.example': ['a'], 'b.example': ['b'] }));
    world.kept = ({ name }) => name === 'a.example';
    world.pass(2 * QUIET_S);
    expect(world.idle()).toEqual(['b']);
    world.kept = undefined;
    expect(world.pass(QUIET_S - 1)).toEqual([]);
    world.pass(1);
    expect(world.idle()).toEqual(['a', 'b']);
  });
});

describe('a model that changes', () => {
  it('keeps what is known of names and monitors that stay, and begins with what is new', () => {
    const world = createWorld(modelOf({ 'a.example': ['a'], 'b.example': ['b'] }));
    world.pass(QUIET_S + 1);
    world.model = modelOf({ 'a.example': ['a'], 'c.example': ['b', 'c'] });
    world.health.set('c', UP);
    const at = world.second + 1;
    // The monitor of b speaks for a name that is new, and for that it is asked for.
    expect(world.pass(1)).toEqual([`${at} b at-once`]);
    expect(world.idle()).toEqual(['a']);
    expect(world.pass(QUIET_S - 1)).toEqual([]);
    world.pass(1);
    expect(world.idle()).toEqual(['a', 'b', 'c']);
  });

  it('brings back a monitor that was gone at its own pace', () => {
    const world = createWorld(modelOf({ 'a.example': ['a'], 'b.example': ['b'] }));
    world.pass(QUIET_S + 1);
    world.book.keep(new Set(['b']));
    expect(world.idle()).toEqual(['b']);
    // Both changes of the model came between two sweeps; the name was quiet all the time.
    expect(world.pass(1)).toEqual([]);
    expect(world.pass(120)).toEqual([expect.stringMatching(/ a idle 60000$/)]);
  });
});

describe('when many fail at once', () => {
  it('all are looked at within their intervals, and for a minute after the last of them', () => {
    const world = createWorld(modelOf(CROWD));
    world.pass(QUIET_S + 1);
    expect(world.book.idle().size).toBe(120);
    // 120 are looked at in a minute, 20 in ten seconds: two that fail in that time are a tenth, three are more.
    for (const id of ['c1', 'c2']) world.health.set(id, { ...UP, contrary: 1 });
    expect(world.pass(1)).toHaveLength(2);
    world.health.set('c3', { ...UP, contrary: 1 });
    const woken = world.pass(1);
    expect(woken).toHaveLength(118);
    expect(woken.every((change) => change.endsWith('within-interval'))).toBe(true);
    for (const id of ['c1', 'c2', 'c3']) world.health.set(id, UP);
    expect(world.pass(59)).toEqual([]);
    world.pass(12);
    expect(world.book.idle().size).toBe(120);
  });

  it('one after the other is not at once', () => {
    const world = createWorld(modelOf(CROWD));
    world.pass(QUIET_S + 1);
    for (let i = 0; i < 30; i++) {
      world.health.set(`c${i}`, { ...UP, contrary: 1 });
      world.pass(11);
    }
    expect(world.book.idle().size).toBe(90);
  });

  it('or the prober is not believed, nobody is idle', () => {
    const world = createWorld(modelOf(CROWD));
    world.pass(QUIET_S + 1);
    world.prober = 'blind';
    expect(world.pass(1)).toHaveLength(120);
    expect(world.pass(300)).toEqual([]);
    world.prober = 'trusting';
    world.pass(61);
    expect(world.book.idle().size).toBe(120);
  });
});

describe('whatever is asked and whatever fails', () => {
  it('nobody is idle who was asked for, is not at rest, or was told nothing', () => {
    const step = fc.record({
      ask: fc.option(fc.integer({ min: 0, max: 5 })),
      flip: fc.option(fc.tuple(fc.integer({ min: 0, max: 5 }), fc.constantFrom('up', 'down', 'contrary'))),
      seconds: fc.integer({ min: 1, max: 200 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const names = Object.fromEntries([0, 1, 2, 3, 4, 5].map((i) => [`n${i}`, [`m${i}`, `m${(i + 1) % 6}`]]));
        const world = createWorld(modelOf(names));
        const paces = new Map<string, string>();
        const askedAt = new Map<string, number>();
        for (const { ask, flip, seconds } of steps) {
          if (ask !== null) {
            world.ask(`n${ask}`);
            for (const id of names[`n${ask}`]!) askedAt.set(id, world.second + 1);
          }
          if (flip !== null) {
            const [at, to] = flip;
            const is = to === 'down' ? { state: 'down' as const } : { contrary: to === 'up' ? 0 : 1 };
            world.health.set(`m${at}`, { ...UP, ...is });
          }
          for (const change of world.pass(seconds)) {
            const [, id = '', how = ''] = change.split(' ');
            const pace = how === 'idle' ? 'idle' : 'own';
            // A change is one.
            expect(paces.get(id) ?? 'own').not.toBe(pace);
            paces.set(id, pace);
          }
          const told = [...paces].filter(([, pace]) => pace === 'idle').map(([id]) => id);
          expect(world.idle()).toEqual(told.toSorted());
          for (const id of told) {
            expect(world.health.get(id)).toMatchObject({ state: 'up', contrary: 0 });
            expect(world.second - (askedAt.get(id) ?? 1)).toBeGreaterThanOrEqual(QUIET_S);
          }
        }
      }),
      { numRuns: 50 },
    );
  });
});
