import type { Monitor, MonitorId } from '../core/desired/model.ts';
import { createDueHeap } from '../core/health/due-heap.ts';
import { createSteadyTime } from '../core/health/steady-time.ts';
import type { Clock } from '../core/ports.ts';
import { createFlights, type FlightSlot, type Fly } from './flights.ts';
import { beginRhythm, continueRhythm, isMissed, type Rhythm } from './rhythm.ts';

/** Longest sleep of the timer, in ms: rather than overflow it wakes for nothing. */
const MAX_SLEEP_MS = 3_600_000;

/** Its multiples, modulo 1, spread evenly however many there are and whenever they come. */
const GOLDEN_RATIO = 0.618_033_988_749_895;

/** What the schedule needs. */
export type ScheduleOptions = {
  readonly clock: Clock;
  /** Flights at the same time, over all monitors. */
  readonly concurrency: number;
  /** From [0, 1). */
  jitter(): number;
  readonly fly: Fly;
};

/** The rhythm of all monitors. */
export type Schedule = {
  replace(monitors: readonly Monitor[]): void;
  start(): void;
  /** Settles when each monitor scheduled so far was probed once or is gone. */
  firstRound(): Promise<void>;
  /** Aborts all flights and settles when they have ended. */
  close(): Promise<void>;
};

type Entry = Rhythm & FlightSlot;

/**
 * Starts probes on their intervals. A new monitor is probed at once and gets a phase that spreads the load. A slot that
 * comes due during a flight starts when that flight ends; a slot missed by more than half an interval is left out.
 */
export function createSchedule(options: ScheduleOptions): Schedule {
  const { clock } = options;
  const time = createSteadyTime(() => clock.now());
  const flights = createFlights(options.concurrency, options.fly);
  let entries = new Map<MonitorId, Entry>();
  let heap = createDueHeap<Entry>([]);
  let state: 'waiting' | 'running' | 'closed' = 'waiting';
  let cancelTimer: (() => void) | undefined;
  let phase = 0;

  function tick(expected: number): void {
    const now = time.atLeast(expected);
    for (let entry = heap.peek(); entry !== undefined && entry.due <= now; entry = heap.peek()) {
      heap.pop();
      if (!isMissed(entry, now)) flights.launch(entry);
      continueRhythm(entry, now, options.jitter());
      heap.push(entry);
    }
    arm(now);
  }

  function arm(now: number): void {
    cancelTimer?.();
    const next = heap.peek();
    if (next === undefined) return;
    const sleep = Math.min(Math.max(0, next.due - now), MAX_SLEEP_MS);
    cancelTimer = clock.after(sleep, () => tick(now + sleep));
  }

  /** Begins what is new and puts all in order again. */
  function run(): void {
    const now = time.now();
    for (const entry of entries.values()) {
      if (entry.slot !== Number.NEGATIVE_INFINITY) continue;
      phase = (phase + GOLDEN_RATIO) % 1;
      beginRhythm(entry, now, 1 - phase, options.jitter());
      flights.launch(entry);
    }
    heap = createDueHeap(entries.values());
    arm(now);
  }

  return {
    replace(monitors) {
      if (state === 'closed') return;
      const before = entries;
      entries = new Map(monitors.map((monitor) => [monitor.id, before.get(monitor.id) ?? newEntry(monitor)]));
      for (const [id, entry] of before) if (entries.get(id) !== entry) flights.abandon(entry);
      if (state === 'running') run();
    },
    start() {
      if (state !== 'waiting') return;
      state = 'running';
      run();
    },
    async firstRound() {
      await Promise.all([...entries.values()].map((entry) => entry.first.promise));
    },
    async close() {
      state = 'closed';
      cancelTimer?.();
      for (const entry of entries.values()) flights.abandon(entry);
      await flights.landed();
    },
  };
}

/** Equal ids are equal monitors, so an entry keeps the monitor it was made with. */
function newEntry(monitor: Monitor): Entry {
  const never = Number.NEGATIVE_INFINITY;
  return { monitor, slot: never, due: never, landing: undefined, owed: false, first: Promise.withResolvers() };
}
