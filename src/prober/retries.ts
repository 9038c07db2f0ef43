/**
 * The confirmation of a failure, sooner than on the interval: after a failed probe of an up monitor the next one comes
 * after its `retryMs`, until a success or the verdict. All of them together are a small part of the usual probes, so that a
 * failure of very many makes no storm: those that find no room wait for their next slot, as if nobody had asked for more.
 */
import type { Monitor } from '../core/desired/model.ts';
import type { SteadyTime } from '../core/health/steady-time.ts';
import { counted, type Streak } from '../core/health/streak.ts';
import type { Clock } from '../core/ports.ts';

/** Largest part of the usual rate of probes that confirmations add to it. */
const RETRY_SHARE = 0.1;
/** Most confirmations at once, in ms of that part, where there are many monitors. */
const RETRY_BURST_MS = 1000;
/** Most confirmations at once where there are few. */
const MIN_RETRY_BURST = 10;

/** How a flight ended, as far as the target goes; `unknown`: it says nothing about it. */
export type Ending = 'success' | 'failure' | 'unknown';

/** What is kept of one monitor. */
export type Retried = {
  readonly monitor: Monitor;
  /** When its next slot is, in steady ms. */
  readonly due: number;
  streak: Streak;
  cancelRetry: (() => void) | undefined;
};

/** The confirmations of all monitors. */
export type Retries<T extends Retried> = {
  /** The monitors are others: so many are probed in a second. */
  refill(perSecond: number): void;
  /** A flight has ended. */
  landed(entry: T, ending: Ending): void;
  /** There will be no confirmation. */
  cancel(entry: T): void;
};

/** What confirmations need; `launch` is told when one was due. */
type RetryOptions<T extends Retried> = {
  readonly clock: Pick<Clock, 'after'>;
  readonly time: SteadyTime;
  readonly launch: (entry: T, due: number) => void;
};

/** Makes the confirmations. */
export function createRetries<T extends Retried>({ clock, time, launch }: RetryOptions<T>): Retries<T> {
  let perMs = 0;
  let most = MIN_RETRY_BURST;
  let left = MIN_RETRY_BURST;
  let since = time.now();

  function take(now: number): boolean {
    left = Math.min(most, left + (now - since) * perMs);
    since = now;
    if (left < 1) return false;
    left -= 1;
    return true;
  }

  function cancel(entry: T): void {
    entry.cancelRetry?.();
    entry.cancelRetry = undefined;
  }

  return {
    cancel,
    refill(perSecond) {
      perMs = (RETRY_SHARE * perSecond) / 1000;
      most = Math.max(MIN_RETRY_BURST, perMs * RETRY_BURST_MS);
    },
    landed(entry, ending) {
      cancel(entry);
      if (ending === 'unknown') return;
      const { monitor } = entry;
      entry.streak = counted(entry.streak, ending === 'success' ? 'up' : 'down', monitor);
      const retryMs = monitor.judgement?.retryMs ?? 0;
      if (ending === 'success' || entry.streak.verdict !== 'up' || retryMs === 0) return;
      const now = time.now();
      const due = now + retryMs;
      // The usual one is as soon.
      if (due >= entry.due || !take(now)) return;
      entry.cancelRetry = clock.after(retryMs, () => {
        entry.cancelRetry = undefined;
        launch(entry, due);
      });
    },
  };
}
