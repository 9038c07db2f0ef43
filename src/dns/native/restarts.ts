import type { Clock } from '../../core/ports.ts';

/** How long after its first death a worker is started again, in ms; each further death in a row doubles it. */
const FIRST_RESTART_MS = 250;
/** Deaths in a row that make a worker a failed one. */
const MAX_DEATHS = 5;
/** How long after a death a failed worker is tried again, in ms. */
const FAILED_RESTART_MS = 60_000;
/** A worker that served so long is steady, in ms: its next death is the first one again. */
const STEADY_MS = 60_000;

/** What a death leads to. */
type AfterDeath = { readonly state: 'restarting' | 'failed'; readonly afterMs: number };

/** The deaths of one worker, and what follows from them: one that dies at once again and again must not cost the machine. */
export type Restarts = {
  /** The worker serves. */
  served(): void;
  /** It died. */
  died(): AfterDeath;
  /** No more is wanted of it. */
  stop(): void;
};

/** No deaths yet. */
export function createRestarts(clock: Clock): Restarts {
  let deaths = 0;
  let stop = (): void => undefined;
  return {
    served() {
      stop();
      stop = clock.after(STEADY_MS, () => {
        deaths = 0;
      });
    },
    died() {
      stop();
      deaths += 1;
      if (deaths >= MAX_DEATHS) return { state: 'failed', afterMs: FAILED_RESTART_MS };
      return { state: 'restarting', afterMs: FIRST_RESTART_MS * 2 ** (deaths - 1) };
    },
    stop: () => stop(),
  };
}
