import type { DnsWorkerState } from '../../core/dns-ports.ts';
import type { Clock } from '../../core/ports.ts';
import type { AnswerTable } from '../../core/snapshot/answer-table.ts';
import { newsBetween, postable, type WorkerOrders } from './orders.ts';
import { createRestarts } from './restarts.ts';
import type { StandIn } from './stand-in.ts';
import { type Spawn, startThread, type Thread } from './thread.ts';

/** One worker for as long as it is wanted, in however many threads one after the other. */
export type Post = {
  /** Resolves when the socket is answered; rejects where the first thread dies before it is and `insist` is set. */
  ready(): Promise<void>;
  /** Hands over what is new in the table. The caller raises the generation afterwards. */
  publish(table: AnswerTable): void;
  /** `leaving`: it is not wanted any more. */
  state(): DnsWorkerState | 'leaving';
  /** Threads started in the place of one that died. */
  restarts(): number;
  /** Resolves when nobody reads the socket any more. The caller raised the generation to STOP before. */
  ended(): Promise<void>;
  /** Ends a thread that does not end. */
  abandon(): void;
};

/** What a post is manned with. */
export type PostOptions = {
  /** For the logs. */
  readonly name: string;
  readonly orders: () => Omit<WorkerOrders, 'news' | 'table'>;
  /** What is said now. */
  readonly table: () => AnswerTable;
  readonly clock: Clock;
  /** Whether the first thread has to start. */
  readonly start: 'insist' | 'as-can';
  /** Who answers while there is no thread. */
  readonly standIn: StandIn;
  readonly onTrouble: (message: string) => void;
  /** The state is another one now. */
  readonly onChange: () => void;
  readonly spawn: Spawn;
};

/**
 * Mans a post. A thread that dies is replaced, after a wait that grows while it dies again and again; meanwhile the
 * stand-in answers on the same socket.
 */
export function createPost(options: PostOptions): Post {
  const { name, clock, standIn, onTrouble } = options;
  const ready = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<void>();
  const restarts = createRestarts(clock);
  let state: DnsWorkerState | 'leaving' = 'starting';
  let last = options.table();
  let cancelRestart = (): void => undefined;
  let starts = 0;
  let thread: Thread | undefined = start();

  function start(): Thread {
    last = options.table();
    starts += 1;
    return startThread({
      orders: { ...options.orders(), table: postable(last) },
      spawn: options.spawn,
      clock,
      onReady,
      onTrouble: (call, error) => onTrouble(`${name}: ${call} says ${error}`),
      onEnd,
    });
  }

  function become(next: DnsWorkerState): void {
    if (state === next) return;
    state = next;
    options.onChange();
  }

  function onReady(): void {
    if (state === 'leaving') return;
    restarts.served();
    void standIn.leave();
    become('running');
    ready.resolve();
  }

  function onEnd(reason: string): void {
    thread = undefined;
    if (state === 'leaving') ended.resolve();
    else if (state === 'starting' && options.start === 'insist') {
      state = 'leaving';
      ready.reject(new Error(`${name} did not start: ${reason}`));
      ended.resolve();
    } else onDeath(reason);
  }

  function onDeath(reason: string): void {
    const after = restarts.died();
    void standIn.take().then(ready.resolve);
    onTrouble(`${name} is started again in ${after.afterMs / 1000} s: ${reason}`);
    cancelRestart = clock.after(after.afterMs, () => {
      thread = start();
    });
    become(after.state);
  }

  return {
    ready: () => ready.promise,
    publish(now) {
      const news = newsBetween(last, now);
      last = now;
      if (news !== undefined) thread?.tell(news);
    },
    state: () => state,
    restarts: () => starts - 1,
    async ended() {
      state = 'leaving';
      restarts.stop();
      cancelRestart();
      ready.resolve();
      if (thread === undefined) ended.resolve();
      await ended.promise;
      await standIn.leave();
    },
    abandon: () => thread?.terminate(),
  };
}
