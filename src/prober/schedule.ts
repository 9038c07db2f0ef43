import type { Monitor, MonitorId } from '../core/desired/model.ts';
import type { PaceChange } from '../core/health/pace.ts';
import { createSteadyTime, type SteadyTime } from '../core/health/steady-time.ts';
import { NO_STREAK } from '../core/health/streak.ts';
import type { Clock } from '../core/ports.ts';
import { createAgenda } from './agenda.ts';
import { createFlights, type FlightSlot, type Flights, type Fly } from './flights.ts';
import { createPaces } from './paces.ts';
import { createRetries, type Retried, type Retries } from './retries.ts';
import { continueRhythm, keptInterval, lateness, putOff, type Rhythm, rateOf, takeFirstDue } from './rhythm.ts';

/** Longest sleep of the timer, in ms: rather than overflow it wakes for nothing. */
const MAX_SLEEP_MS = 3_600_000;

/** A slot that is later than this, in ms, comes of a pause of the process: what is due with it does not start at once. */
const MAX_PROMPT_MS = 250;

/** What the schedule needs. */
export type ScheduleOptions = {
  readonly clock: Clock;
  /** Flights that are busy at the same time, over all monitors. */
  readonly concurrency: number;
  /** From [0, 1). */
  readonly jitter: () => number;
  readonly fly: Fly;
  /** Told how many ms after it was first due each probe starts, whatever put it off; 0 where it is before its time. */
  readonly onStart?: ((lateMs: number) => void) | undefined;
  /** Told of slots that are left out, how many: the process stood still, or the one before still waits for room. */
  readonly onMissed?: ((slots: number) => void) | undefined;
};

/** The rhythm of all monitors. */
export type Schedule = {
  replace(monitors: readonly Monitor[]): void;
  /** Changes the pace of some; those that are not there are passed over. */
  pace(changes: readonly PaceChange[]): void;
  start(): void;
  /** Settles when each monitor scheduled so far was probed once or is gone. */
  firstRound(): Promise<void>;
  /** Aborts all flights and settles when they have ended. */
  close(): Promise<void>;
};

type Entry = Rhythm &
  FlightSlot &
  Retried & {
    /** Until then, in steady ms, its own slots are early. */
    newUntil: number;
  };

/**
 * Starts probes on their intervals. A new monitor is probed at once and gets a phase that spreads the load. A slot that
 * comes due during a flight starts when that flight ends. After a pause of the process what was missed comes beside what is
 * due then, at no more than twice the usual rate; a slot missed by half an interval is left out.
 */
export function createSchedule(options: ScheduleOptions): Schedule {
  const { clock } = options;
  const time = createSteadyTime(() => clock.steady?.() ?? clock.now());
  const flights = createTraffic(options, time);
  const agenda = createAgenda<Entry>();
  const paces = createPaces(options);
  let entries = new Map<MonitorId, Entry>();
  let state: 'waiting' | 'running' | 'closed' = 'waiting';
  let cancelTimer: (() => void) | undefined;

  /** A timer may fire a moment too early: nothing is due then, and it is set again. */
  function tick(): void {
    const now = time.now();
    for (let entry = agenda.take(now); entry !== undefined; entry = agenda.take(now)) {
      begin(entry, now);
      agenda.set(entry);
    }
    arm(now);
  }

  function begin(entry: Entry, now: number): void {
    const isPrompt = lateness(entry, now) <= MAX_PROMPT_MS;
    if (!isPrompt && putOff(entry, now)) return;
    const launched = isPrompt ? flights.launch(entry, Math.max(takeFirstDue(entry), entry.newUntil)) : 'left-out';
    const missed = continueRhythm(entry, now, options.jitter()) - (launched === 'taken' ? 1 : 0);
    if (missed > 0) options.onMissed?.(missed);
  }

  function arm(now: number): void {
    cancelTimer?.();
    const nextAt = agenda.nextAt();
    if (nextAt === undefined) return;
    cancelTimer = clock.after(Math.min(Math.max(0, nextAt - now), MAX_SLEEP_MS), tick);
  }

  /** Begins what is new and puts all in order again. */
  function run(): void {
    const now = time.now();
    const fresh = [...entries.values()].filter(({ slot }) => slot === Number.NEGATIVE_INFINITY);
    for (const entry of fresh) paces.begin(entry, now);
    launchRound(fresh, now, flights);
    agenda.replace(entries.values());
    arm(now);
  }

  return {
    replace(monitors) {
      if (state === 'closed') return;
      const before = entries;
      entries = new Map(monitors.map((monitor) => [monitor.id, before.get(monitor.id) ?? newEntry(monitor)]));
      for (const [id, entry] of before) if (entries.get(id) !== entry) flights.abandon(entry);
      const perSecond = rateOf(monitors);
      flights.refill(perSecond);
      paces.refill(perSecond);
      if (state === 'running') run();
    },
    pace(changes) {
      if (state !== 'running' || changes.length === 0) return;
      const now = time.now();
      for (const change of changes) {
        const entry = entries.get(change.monitor);
        if (entry !== undefined && paces.change(entry, change, now)) agenda.set(entry);
      }
      arm(now);
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

/**
 * What is new is probed as soon as there is room, and in the same interval on its phase: twice the usual work. Of that half is
 * due: the first round as if it were spread over the interval, in its order. So who waits for room is late only if the prober is
 * behind the rate at which it has to go on.
 */
function launchRound(fresh: readonly Entry[], now: number, { launch }: Pick<Flights<Entry>, 'launch'>): void {
  for (const [index, entry] of fresh.entries()) {
    entry.newUntil = now + entry.intervalMs;
    launch(entry, now + (index / fresh.length) * entry.intervalMs);
  }
}

/** Flights, and those that confirm the failure of another. */
function createTraffic(options: ScheduleOptions, time: SteadyTime): Flights<Entry> & Pick<Retries<Entry>, 'refill'> {
  const { clock } = options;
  const flights = createFlights<Entry>({
    ...options,
    time,
    onLanded: (entry, ending) => retries.landed(entry, ending),
  });
  const retries = createRetries<Entry>({ clock, time, launch: (entry, due) => void flights.launch(entry, due) });
  return {
    ...flights,
    refill: (perSecond) => retries.refill(perSecond),
    abandon(entry) {
      retries.cancel(entry);
      flights.abandon(entry);
    },
  };
}

/** Equal ids are equal monitors, so an entry keeps the monitor it was made with. */
function newEntry(monitor: Monitor): Entry {
  const never = Number.NEGATIVE_INFINITY;
  const idle = { state: 'idle', landing: undefined, waitsSince: never, owed: undefined } as const;
  const quiet = { streak: NO_STREAK, cancelRetry: undefined };
  const intervalMs = keptInterval(monitor.intervalMs);
  return {
    monitor,
    intervalMs,
    slot: never,
    due: never,
    overdueSince: undefined,
    newUntil: never,
    ...idle,
    ...quiet,
    first: Promise.withResolvers(),
  };
}
