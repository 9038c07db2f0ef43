import type { Clock, WriteOutcome } from '../core/ports.ts';
import { MAX_PAUSE_MS, MIN_PAUSE_MS, RECHECK_MS, WRITE_INTERVAL_MS } from './limits.ts';

/** One write, and what is to be noted of its outcome. */
export type Job = { run(): Promise<WriteOutcome>; settle(outcome: WriteOutcome): void };

/** Does the writes of one cluster, one after the other. */
export type Lane = {
  /** There may be something to write. */
  wake(): void;
  /** What the cluster said when it last took no write; undefined while it takes them. */
  trouble(): string | undefined;
  /** Nothing more is begun; what is under way ends with its cluster's connection. */
  close(): void;
};

/** What a lane works with. */
export type LaneOptions = {
  readonly clock: Clock;
  /** From [0, 1): without it the directors of a cluster would write at the same moment. */
  readonly jitter: () => number;
  /** What is to be written next, looked for when it can be. */
  readonly next: (now: number) => Job | undefined;
  /** Something was written, or there is nothing to write. */
  readonly onTurn: () => void;
};

/**
 * One write at a time, `WRITE_INTERVAL_MS` apart. Where the cluster takes none, the lane rests longer and longer; where
 * there is nothing to write it looks again every `RECHECK_MS`.
 */
export function createLane({ clock, jitter, next, onTurn }: LaneOptions): Lane {
  let state: 'idle' | 'writing' | 'closed' = 'idle';
  let cancel: (() => void) | undefined;
  let failures = 0;
  let restUntil = Number.NEGATIVE_INFINITY;
  let trouble: string | undefined;

  function plan(ms: number): void {
    cancel?.();
    if (state !== 'closed') cancel = clock.after(ms, step);
  }

  function step(): void {
    cancel = undefined;
    if (state !== 'idle') return;
    const job = next(clock.now());
    if (job !== undefined) {
      void write(job);
      return;
    }
    plan(RECHECK_MS * (1 - jitter() / 2));
    onTurn();
  }

  async function write(job: Job): Promise<void> {
    state = 'writing';
    const outcome = await job.run();
    if (isClosed()) return;
    state = 'idle';
    job.settle(outcome);
    const ms = pauseAfter(outcome);
    restUntil = clock.now() + ms;
    plan(ms);
    onTurn();
  }

  // The compiler does not see that a lane may be closed while it waits.
  const isClosed = (): boolean => state === 'closed';

  function pauseAfter(outcome: WriteOutcome): number {
    const isTaken = outcome.kind !== 'denied' && outcome.kind !== 'failed';
    trouble = isTaken ? undefined : outcome.problem;
    failures = isTaken ? 0 : failures + 1;
    if (isTaken) return WRITE_INTERVAL_MS;
    return Math.min(MAX_PAUSE_MS, MIN_PAUSE_MS * 2 ** Math.min(failures - 1, 16)) * (1 - jitter() / 2);
  }

  return {
    wake() {
      if (state !== 'idle') return;
      // The wall clock may have been set back.
      plan(Math.min(Math.max(jitter() * WRITE_INTERVAL_MS, restUntil - clock.now()), MAX_PAUSE_MS));
    },
    trouble: () => trouble,
    close() {
      state = 'closed';
      cancel?.();
    },
  };
}
