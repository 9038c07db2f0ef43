import pLimit from 'p-limit';
import type { Monitor } from '../core/desired/model.ts';

/**
 * Makes one probe and never rejects. `landing` is aborted with the reason `abandoned` when nobody wants the result any
 * more; the promise must settle soon after.
 */
export type Fly = (monitor: Monitor, landing: AbortController) => Promise<void>;

/** The flights of one monitor: one at a time. */
export type FlightSlot = {
  readonly monitor: Monitor;
  /** Under way, or waiting for its turn. */
  landing: AbortController | undefined;
  /** Another flight was asked for meanwhile. */
  owed: boolean;
  /** Settles after the first flight, or when there will be none. */
  readonly first: PromiseWithResolvers<void>;
};

/** All flights, bounded in number. */
export type Flights = {
  /** Starts a flight; while one is under way, one more follows at its end. */
  launch(slot: FlightSlot): void;
  /** Aborts the flight under way. The slot must not be launched again. */
  abandon(slot: FlightSlot): void;
  /** Settles when no flight is under way. */
  landed(): Promise<void>;
};

/** Makes the flights; at most `concurrency` (from 1) are under way, the others wait in their order. */
export function createFlights(concurrency: number, fly: Fly): Flights {
  const limit = pLimit(concurrency);
  const underWay = new Set<Promise<void>>();

  function launch(slot: FlightSlot): void {
    if (slot.landing !== undefined) {
      slot.owed = true;
      return;
    }
    const landing = new AbortController();
    slot.landing = landing;
    const flight = limit(() => (landing.signal.aborted ? undefined : fly(slot.monitor, landing))).finally(() => {
      underWay.delete(flight);
      slot.landing = undefined;
      slot.first.resolve();
      if (!slot.owed) return;
      slot.owed = false;
      launch(slot);
    });
    underWay.add(flight);
  }

  return {
    launch,
    abandon(slot) {
      slot.owed = false;
      slot.landing?.abort('abandoned');
      slot.first.resolve();
    },
    async landed() {
      await Promise.allSettled(underWay);
    },
  };
}
