import type { Clock } from '../core/ports.ts';
import { problem } from './problems.ts';

/** A plan that takes no longer is followed by no rest, in ms. */
const BRIEF_PLAN_MS = 50;
/** After any other the rest is so many times as long: the thread may serve DNS. */
const REST_TIMES = 4;
/** Longest rest after a plan, in ms. */
const MAX_REST_MS = 10_000;
/** Longest wait of an order for the end of a rest, in ms: it must be answered before `HANDLER_TIMEOUT_MS` is over. */
const MAX_ORDER_WAIT_MS = 5_000;

/** What the turns need. */
export type PlanTurnsOptions = {
  /** Ms on a clock that nobody sets: one that is set ahead while a plan is made would make it a long one. */
  readonly steady: () => number;
  /** Runs a task later. */
  readonly after: Clock['after'];
};

/** One clock of rests for all that works out what would happen: it holds the thread, which may serve DNS. */
export type PlanTurns = {
  /** Makes a plan, unless there is a rest: then it throws `rate-limited`. */
  plan<T>(work: () => T): T;
  /**
   * Carries out an order that plans on its way. It is never refused for a rest: it waits for its end, one after the other and
   * `MAX_ORDER_WAIT_MS` at most, and others rest after it. `stillWanted` throws where nobody waits for the answer any more.
   */
  order<T>(work: () => Promise<T>, stillWanted: () => void): Promise<T>;
  /** Whoever waits is refused at once (`stopping`). */
  close(): void;
};

/**
 * Plans one after the other, and after a long one a rest. An order is another matter than a plan: who starts a drill must not
 * be refused because somebody made a plan, and orders in a loop must not hold the thread either. What an order took is told by
 * the clock, what it waited for the disk included: a rest too long does less harm than none.
 */
export function createPlanTurns({ steady, after }: PlanTurnsOptions): PlanTurns {
  let [restedFrom, rest] = [0, 0];
  let last: Promise<unknown> = Promise.resolve();
  /** Of the one that waits. */
  let endWait = (): void => {};
  let state: 'open' | 'closed' = 'open';

  const leftMs = (): number => {
    const left = restedFrom + rest - steady();
    // Where even that clock goes back, the rest is not longer for it.
    return left > 0 && left <= rest ? left : 0;
  };
  const restAfter = (started: number): void => {
    const took = steady() - started;
    const own = took <= BRIEF_PLAN_MS ? 0 : Math.min(MAX_REST_MS, took * REST_TIMES);
    // An order that did not wait for the whole of a rest does not end it.
    [rest, restedFrom] = [Math.max(own, leftMs()), steady()];
  };
  const pause = async (ms: number): Promise<void> => {
    if (ms === 0) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const cancel = after(ms, resolve);
    endWait = () => {
      cancel();
      resolve();
    };
    await promise;
  };

  return {
    plan(work) {
      const seconds = Math.ceil(leftMs() / 1000);
      if (seconds > 0) {
        throw problem('rate-limited', `A large plan was just made. Try again in ${seconds} s.`, {
          'retry-after': String(seconds),
        });
      }
      const started = steady();
      try {
        return work();
      } finally {
        // What ends in a refusal held the thread as well.
        restAfter(started);
      }
    },
    async order(work, stillWanted) {
      const carryOut = async () => {
        stillWanted();
        await pause(Math.min(leftMs(), MAX_ORDER_WAIT_MS));
        if (state === 'closed') throw problem('stopping', 'The server is stopping.');
        stillWanted();
        const started = steady();
        return work().finally(() => restAfter(started));
      };
      const mine = last.then(carryOut);
      last = mine.catch(() => undefined);
      return mine;
    },
    close() {
      state = 'closed';
      endWait();
    },
  };
}
