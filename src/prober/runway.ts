/**
 * Room for flights. So many may be busy at the same time, lest all of a first round have their handshakes at once and none
 * is done in time. One that only waits for a server that says nothing costs a socket and no more: after a while it makes
 * room for another, or a few clusters that are gone would keep all others from being probed.
 */
import type { LimitFunction } from 'p-limit';
import type { SteadyTime } from '../core/health/steady-time.ts';
import type { Clock } from '../core/ports.ts';

/** After so long a flight only waits, in ms. */
const PATIENCE_MS = 500;
/** Most flights that only wait, for each that may be busy. */
const WAITING_PER_BUSY = 15;
/** Most flights that only wait. */
const MAX_WAITING = 4096;
/** Later than this, in ms, a timer says that it is this process which is slow, and not the server. */
const MAX_LAG_MS = 50;

/** Lends room. */
export type Runway = {
  /** A flight has begun; to be told by what is returned when it has ended. */
  lend(): () => void;
};

/** Makes the runway of a limit: the concurrency that it has now is that of the busy. */
export function createRunway(
  limit: LimitFunction,
  { clock, time }: { readonly clock: Pick<Clock, 'after'>; readonly time: SteadyTime },
): Runway {
  const most = limit.concurrency + Math.min(MAX_WAITING, limit.concurrency * WAITING_PER_BUSY);
  return {
    lend() {
      let isWaiting = false;
      let lookAt = 0;
      let cancel = look();

      function look(): () => void {
        lookAt = time.now() + PATIENCE_MS;
        return clock.after(PATIENCE_MS, judge);
      }

      function judge(): void {
        const isLagging = time.now() - lookAt > MAX_LAG_MS;
        if (isLagging || limit.concurrency >= most) {
          cancel = look();
          return;
        }
        isWaiting = true;
        limit.concurrency += 1;
      }

      return () => {
        cancel();
        if (isWaiting) limit.concurrency -= 1;
      };
    },
  };
}
