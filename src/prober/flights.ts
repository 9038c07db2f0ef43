import pLimit from 'p-limit';
import type { Monitor } from '../core/desired/model.ts';
import type { SteadyTime } from '../core/health/steady-time.ts';
import type { Clock } from '../core/ports.ts';
import type { Ending } from './retries.ts';
import { createRunway } from './runway.ts';

/**
 * Makes one probe and never rejects. `landing` is aborted with the reason `abandoned` when nobody wants the result any
 * more; the promise must settle soon after.
 */
export type Fly = (monitor: Monitor, landing: AbortController) => Promise<Ending>;

/** The flights of one monitor: one at a time. */
export type FlightSlot = {
  readonly monitor: Monitor;
  state: 'idle' | 'waiting' | 'flying';
  /** Of the flight that waits for its turn or is under way. */
  landing: AbortController | undefined;
  /** When the flight that waits for its turn was due. */
  waitsSince: number;
  /** When another flight that was asked for meanwhile was due. */
  owed: number | undefined;
  /** Settles after the first flight, or when there will be none. */
  readonly first: PromiseWithResolvers<void>;
};

/** What flights need. */
export type FlightOptions<T extends FlightSlot> = {
  readonly clock: Pick<Clock, 'after'>;
  readonly time: SteadyTime;
  /** See `createRunway`. */
  readonly concurrency: number;
  readonly fly: Fly;
  /** Told how many ms after it was due each flight starts; 0 where it is before its time. */
  readonly onStart?: ((lateMs: number) => void) | undefined;
  /** Told of each flight that was not abandoned, when another one can start. */
  readonly onLanded: (slot: T, ending: Ending) => void;
};

/** What became of a flight that was asked for. `left-out`: one that is late still waits, and stands for this as well. */
type Launched = 'taken' | 'left-out';

/** All flights, bounded in number. */
export type Flights<T extends FlightSlot> = {
  /**
   * Starts a flight that was due then, in steady ms. While one is under way, one more follows at its end; one that still
   * waits for its turn will do for this as well, so that who is behind does not fall behind further.
   */
  launch(slot: T, due: number): Launched;
  /** Aborts the flight under way. The slot must not be launched again. */
  abandon(slot: T): void;
  /** Settles when no flight is under way. */
  landed(): Promise<void>;
};

/** Makes the flights; those that find no room wait in their order. */
export function createFlights<T extends FlightSlot>(options: FlightOptions<T>): Flights<T> {
  const { clock, time, concurrency, fly, onStart, onLanded } = options;
  const limit = pLimit(concurrency);
  const runway = createRunway(limit, { clock, time });
  const underWay = new Set<Promise<void>>();

  async function take(slot: T, landing: AbortController, due: number): Promise<Ending> {
    if (landing.signal.aborted) return 'unknown';
    slot.state = 'flying';
    onStart?.(Math.max(0, time.now() - due));
    const giveBack = runway.lend();
    const ending = await fly(slot.monitor, landing);
    giveBack();
    return ending;
  }

  async function land(slot: T, landing: AbortController, due: number): Promise<void> {
    const ending = await limit(() => take(slot, landing, due));
    slot.landing = undefined;
    slot.state = 'idle';
    slot.first.resolve();
    if (landing.signal.reason !== 'abandoned') onLanded(slot, ending);
  }

  function launch(slot: T, due: number): Launched {
    // One that waits and is not due yet, as in a first round, is early for this one.
    if (slot.state === 'waiting') return slot.waitsSince < time.now() ? 'left-out' : 'taken';
    // A server that takes longer than the interval is no fault of ours.
    if (slot.state === 'flying') slot.owed ??= due;
    else begin(slot, due);
    return 'taken';
  }

  function begin(slot: T, due: number): void {
    const landing = new AbortController();
    slot.landing = landing;
    slot.state = 'waiting';
    slot.waitsSince = due;
    const flight = land(slot, landing, due).finally(() => {
      underWay.delete(flight);
      const { owed } = slot;
      if (owed === undefined) return;
      slot.owed = undefined;
      launch(slot, owed);
    });
    underWay.add(flight);
  }

  return {
    launch,
    abandon(slot) {
      slot.owed = undefined;
      slot.landing?.abort('abandoned');
      slot.first.resolve();
    },
    async landed() {
      await Promise.allSettled(underWay);
    },
  };
}
