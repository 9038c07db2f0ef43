import { describe, expect, it } from 'vitest';
import type { Monitor, MonitorId } from '../../src/core/desired/model.ts';
import type { MonitorState } from '../../src/core/health/monitor-health.ts';
import { EMPTY_PLACES } from '../../src/core/snapshot/empty-places.ts';
import { explain } from '../../src/core/snapshot/explain.ts';
import { RR_TYPE } from '../../src/core/snapshot/rr-type.ts';
import { createDirector } from '../../src/director.ts';
import { createSimulatedClock } from '../support/simulated-clock.ts';
import { declare, gateway, picture, route } from '../unit/core/desired/pictures.ts';

const START = Date.UTC(2026, 0, 1);
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const DAYS = 30;
/** Time of the processor that the month may take, in ms: how busy the machine is with others is none of it. */
const LONGEST_MS = 10_000;
/** Real time after which it is given up, in ms, on a machine with much else to do. */
const PATIENCE_MS = 120_000;

const CLUSTERS = ['ap', 'eu', 'sa', 'us'];
/** 50 hostnames in 4 clusters: 200 monitors. Each kind of judgement is asked of five hostnames. */
const HOSTNAMES = 50;
const KINDS: readonly Readonly<Record<string, string>>[] = [
  { 'stable-ttl': '3600' },
  { 'probe-forgive': '4' },
  { 'failover-delay': '10m' },
  { failback: '30m' },
  { failback: 'manual' },
  { 'slow-start': '1h' },
  { 'flap-damping': '6h' },
  { 'degraded-latency': '500ms' },
  { 'failover-delay': '3m', failback: '10m', 'slow-start': '20m', 'flap-damping': '2h', 'stable-ttl': '200' },
  { 'probe-forgive': '3', 'flap-damping': '24h', 'slow-start': '2h', 'degraded-latency': '300ms' },
];

/** mulberry32: the same month each time. */
function createDice(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** What is true of a target, whatever we believe of it. */
type Truth = { mood: 'well' | 'flaky' | 'dead' | 'slow'; until: number };

function createMonth() {
  const clock = createSimulatedClock(START);
  const dice = createDice(20_260_101);
  const truths = new Map<MonitorId, Truth>();
  /** Good results in a row, the longest such run since it was down, and whether it was down at all. */
  const runs = new Map<MonitorId, { run: number; longest: number; fell: boolean }>();
  const stateOf = new Map<MonitorId, MonitorState>();
  const cut = new Set<string>();
  const faults: string[] = [];
  const counts = {
    results: 0,
    changes: 0,
    published: 0,
    jumps: 0,
    asked: 0,
    raised: 0,
    states: new Set<MonitorState>(),
  };
  let monitors: readonly Monitor[] = [];
  let prober: 'works' | 'stands still' = 'works';

  const director = createDirector({
    declaration: declare({ clusters: CLUSTERS }),
    clock,
    store: { save: async () => undefined },
    places: EMPTY_PLACES,
    watch: (wanted) => {
      monitors = wanted;
    },
    onPublish: () => {
      counts.published += 1;
    },
    onStateChange({ monitor, before, after }) {
      counts.changes += 1;
      counts.states.add(after.state);
      stateOf.set(monitor.id, after.state);
      const known = runs.get(monitor.id)!;
      const isServed = after.state === 'up' || after.state === 'degraded';
      const wasServed = before.state === 'up' || before.state === 'degraded';
      if (isServed && !wasServed && known.fell && known.longest < monitor.rise)
        faults.push(`up too soon: ${monitor.id}`);
      if (after.state === 'held' && before.state !== 'down') faults.push(`held from ${before.state}: ${monitor.id}`);
      if (after.state === 'down') Object.assign(known, { longest: 0, fell: true });
    },
  });

  function moodOf(id: MonitorId): Truth['mood'] {
    const truth = truths.get(id)!;
    if (clock.steady() < truth.until) return truth.mood;
    const throwOf = dice();
    truth.mood = throwOf < 0.9 ? 'well' : throwOf < 0.95 ? 'flaky' : throwOf < 0.98 ? 'dead' : 'slow';
    truth.until = clock.steady() + (truth.mood === 'well' ? 12 * HOUR : 2 * HOUR) * (0.2 + dice());
    return truth.mood;
  }

  function isGood(monitor: Monitor, mood: Truth['mood']): boolean {
    if (cut.has(monitor.address)) return false;
    if (mood === 'flaky') return dice() < 0.5;
    return mood !== 'dead' && dice() < 0.999;
  }

  function probe(monitor: Monitor): void {
    clock.after(monitor.intervalMs * (0.95 + 0.1 * dice()), () => probe(monitor));
    if (prober !== 'works') return;
    counts.results += 1;
    const mood = moodOf(monitor.id);
    const good = isGood(monitor, mood);
    const known = runs.get(monitor.id)!;
    known.run = good ? known.run + 1 : 0;
    known.longest = Math.max(known.longest, known.run);
    const failed = { kind: 'failure', failure: 'refused', detail: '' } as const;
    director.onProbe({
      monitor: monitor.id,
      at: clock.now(),
      durationMs: mood === 'slow' ? 800 : 20,
      outcome: good ? { kind: 'success' } : failed,
    });
  }

  for (const [index, cluster] of CLUSTERS.entries()) {
    const routes = Array.from({ length: HOSTNAMES }, (_, i) => {
      const annotations = { 'probe-interval': `${10 + (i % 5)}m`, 'probe-timeout': '1s', ...KINDS[i % KINDS.length] };
      return route(`r${i}`, [`h${i}.gslb.example`], { annotations });
    });
    director.onPicture(picture(cluster, gateway('edge', { addresses: [`192.0.2.${index + 1}`] }), ...routes));
  }
  director.flush();
  for (const { id } of monitors) {
    truths.set(id, { mood: 'well', until: DAY * dice() });
    runs.set(id, { run: 0, longest: 0, fell: false });
  }
  for (const monitor of monitors) clock.after(monitor.intervalMs * dice(), () => probe(monitor));

  return {
    clock,
    dice,
    director,
    counts,
    faults,
    stateOf,
    cut,
    truths,
    monitors: () => monitors,
    work: (how: typeof prober) => {
      prober = how;
    },
  };
}

type Month = ReturnType<typeof createMonth>;

/** Asks for one hostname and checks what is said against what is believed. */
function check({ director, faults, counts, dice }: Month): void {
  const name = `h${Math.floor(dice() * HOSTNAMES)}.gslb.example`;
  const told = explain(director.snapshot(), {
    name,
    type: RR_TYPE.A,
    place: 0,
    prefix: 0,
    dice: Math.floor(dice() * 2 ** 32),
  });
  counts.asked += 1;
  const { policy, endpoints } = director.snapshot().model.hostnames.find((hostname) => hostname.name === name)!;
  const anyUp = told.candidates.some(({ state }) => state === 'up' || state === 'degraded');
  const said = told.candidates.filter(({ chosen }) => chosen === 'answered');
  if (told.agreement !== 'same') faults.push(`${name}: the table differs`);
  if (said.length === 0) faults.push(`${name}: nobody is named`);
  const { ttl = 0 } = told;
  if (ttl > (policy.stableTtl ?? policy.ttl) || ttl < 5) faults.push(`${name}: ttl ${ttl}`);
  if (ttl > policy.ttl) {
    counts.raised += 1;
    const moving = endpoints.filter(({ monitor }) => (director.health().get(monitor)?.contrary ?? 1) > 0);
    if (moving.length > 0) faults.push(`${name}: ttl ${ttl}, and ${moving.length} are moving`);
  }
  for (const { state, address } of said) {
    if (anyUp && state !== 'up' && state !== 'degraded') faults.push(`${name}: ${address} is ${state}, and is named`);
    if (state === 'degraded' && told.candidates.some((other) => other.state === 'up'))
      faults.push(`${name}: ${address} is degraded, and is named`);
  }
}

/** Sets the wall clock by hours: at that moment, and by that alone, nothing is believed otherwise. */
function jump({ clock, dice, director, counts, faults, stateOf }: Month): void {
  director.flush();
  const before = new Map(stateOf);
  const timers = clock.pending();
  clock.shiftWall((dice() < 0.5 ? -1 : 1) * HOUR * (1 + Math.floor(11 * dice())));
  director.flush();
  counts.jumps += 1;
  for (const [id, state] of stateOf)
    if (before.get(id) !== state) faults.push(`a clock that was set makes ${id} ${state}`);
  if (clock.pending() !== timers) faults.push('a clock that was set makes timers');
}

describe('a month of 200 monitors', () => {
  it(
    'with flapping, partitions, a prober that stands still and a wall clock that is set',
    () => {
      const startedAt = process.cpuUsage();
      const month = createMonth();
      const { clock, dice, director, counts, faults, stateOf, cut } = month;
      expect(month.monitors()).toHaveLength(200);
      for (let hour = 0; hour < DAYS * 24; hour++) {
        // A cluster is cut off now and then, for up to some hours; the prober stands still for an hour.
        if (dice() < 0.02) cut.add(`192.0.2.${1 + Math.floor(4 * dice())}`);
        if (dice() < 0.3) cut.clear();
        month.work(dice() < 0.01 ? 'stands still' : 'works');
        if (dice() < 0.05) jump(month);
        for (let part = 0; part < 4; part++) {
          clock.run(HOUR / 4);
          check(month);
        }
        // An operator looks once a day.
        if (hour % 24 === 9) for (const cluster of CLUSTERS) director.failback({ cluster });
        // A timer for each monitor, one for the beliefs, one for what is to be published.
        expect(clock.pending()).toBeLessThanOrEqual(200 + 2);
      }
      expect(faults.slice(0, 10)).toEqual([]);
      expect([...counts.states].toSorted()).toEqual(['degraded', 'down', 'held', 'up']);
      expect(counts.changes).toBeGreaterThan(1_000);
      expect(counts.jumps).toBeGreaterThan(10);
      expect(counts.raised).toBeGreaterThan(50);
      expect(counts.results).toBeGreaterThan(600_000);

      // All is well for two days, and then everything is believed to be.
      cut.clear();
      month.work('works');
      for (const truth of month.truths.values())
        Object.assign(truth, { mood: 'well', until: Number.POSITIVE_INFINITY });
      clock.run(2 * DAY);
      for (const cluster of CLUSTERS) director.failback({ cluster });
      clock.run(3 * HOUR);
      expect([...stateOf.values()].filter((state) => state !== 'up')).toEqual([]);
      for (const health of director.health().values()) expect(health).not.toHaveProperty('admits');
      director.close();
      const { user, system } = process.cpuUsage(startedAt);
      expect((user + system) / 1000).toBeLessThan(LONGEST_MS);
    },
    PATIENCE_MS,
  );
});
