import type { Clock } from '../../core/ports.ts';
import type { ApiFailure } from './api-error.ts';
import type { Connection } from './connection.ts';
import { MAX_ABSENCE_PAUSE_MS, MAX_PAUSE_MS, MIN_PAUSE_MS } from './limits.ts';
import { pause } from './pause.ts';

/** Rests after failures. */
export type BackOff = {
  /** Rests longer from failure to failure. */
  rest(failure: ApiFailure, signal: AbortSignal): Promise<void>;
  /** All is well again. */
  reset(): void;
};

/** What a back-off needs. `jitter` is from [0, 1): without it all watches of all directors would come back together. */
export type BackOffOptions = {
  readonly clock: Clock;
  readonly jitter: () => number;
  readonly connection: Pick<Connection, 'untilItAnswers'>;
};

/**
 * A rest doubles up to a limit, less up to a half by chance. Where the API server did not answer, it ends early when the
 * server answers somebody else.
 */
export function createBackOff({ clock, jitter, connection }: BackOffOptions): BackOff {
  let failures = 0;
  let last: ApiFailure | undefined;
  return {
    async rest(failure, signal) {
      // Another failure than before is a step on: a server that is back after an hour may say that a version expired.
      if (failure !== last) failures = 0;
      last = failure;
      const longest = failure === 'missing' || failure === 'forbidden' ? MAX_ABSENCE_PAUSE_MS : MAX_PAUSE_MS;
      const ms = Math.min(longest, MIN_PAUSE_MS * 2 ** Math.min(failures, 16)) * (1 - jitter() / 2);
      failures += 1;
      // Those that are called back must not call each other in circles: they rest a little, too.
      const least = failure === 'unreachable' ? Math.min(ms, MIN_PAUSE_MS) : ms;
      await pause(clock, least, signal);
      if (ms <= least) return;
      const over = new AbortController();
      const either = AbortSignal.any([signal, over.signal]);
      await Promise.race([pause(clock, ms - least, either), connection.untilItAnswers(either)]);
      over.abort();
    },
    reset() {
      failures = 0;
    },
  };
}
