import type { QueryCounts } from '../core/dns-ports.ts';
import { createSteadyTime } from '../core/health/steady-time.ts';
import { createQueryMixBook, type QueryMix } from '../core/plan/query-mix.ts';
import type { Clock } from '../core/ports.ts';
import type { PlaceTable } from '../core/snapshot/place-table.ts';
import type { Snapshot } from '../core/snapshot/snapshot.ts';
import { MIX_COUNTERS } from '../dns/query-mix.ts';
import type { Stage } from '../lifecycle.ts';

/** From one reading of what was asked to the next, in ms. */
const READ_INTERVAL_MS = 60_000;

/** Keeps what is asked, and from where. */
export type Asked = {
  /** Told of each new snapshot, before anybody answers from it: its places may be others. */
  onSnapshot(snapshot: Snapshot): void;
  /** As of now. */
  mix(): QueryMix;
  /** Reads the counts from now on. */
  start(): void;
  stop(): void;
};

/** What is asked by these counts, of what is said at that time. */
export function createAsked(clock: Clock, counts: () => QueryCounts, current: () => Snapshot): Asked {
  const book = createQueryMixBook(MIX_COUNTERS);
  const time = createSteadyTime(() => clock.steady?.() ?? clock.now());
  let places: PlaceTable | undefined;
  let cancel: (() => void) | undefined;

  function take({ model: { hostnames }, places: table }: Snapshot): void {
    places = table;
    book.take({ hostnames, places: table, counts: counts(), steady: time.now() });
  }
  function readOn(): void {
    take(current());
    cancel = clock.after(READ_INTERVAL_MS, readOn);
  }

  return {
    onSnapshot(snapshot) {
      if (places !== undefined && places !== snapshot.places) take(snapshot);
    },
    mix() {
      if (cancel !== undefined) take(current());
      return book.mix();
    },
    start: readOn,
    stop() {
      cancel?.();
      cancel = undefined;
    },
  };
}

/** Before DNS listens: every question counts. */
export function askedStage(asked: Asked): Stage {
  return {
    name: 'asked',
    waitsFor: 'the counts of questions',
    start: async () => asked.start(),
    stop: async () => asked.stop(),
  };
}
