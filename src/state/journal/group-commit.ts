import { JournalError } from './journal-error.ts';

/** Most octets that wait for the disk: more than that come only while it stands still. */
const MAX_WAITING_OCTETS = 64 * 2 ** 20;
/** Most octets that are written and synced together. */
const MAX_BATCH_OCTETS = 8 * 2 ** 20;

/** What is added while others are written waits, and is then written and synced together. */
export type GroupCommit<T> = {
  /** Resolves when the item is on stable storage; rejects with the reason where it is not, and then it counts for nothing. */
  add(item: T, octets: number): Promise<void>;
  /** Runs `work` while nothing is written: after what waits now, before what comes later. Rejects where it does. */
  alone(work: () => Promise<void>): Promise<void>;
};

/**
 * `commit` writes all of them or none; `rest` comes behind each commit, who waits does not wait for it. It never rejects.
 * `goesWith`: whether an item may be written together with the one before it; absent: each may.
 */
export type GroupCommitOptions<T> = {
  readonly goesWith?: (item: T, before: T) => boolean;
  readonly commit: (items: readonly T[]) => Promise<void>;
  readonly rest?: () => Promise<void>;
};

type Waiting<T> = { readonly resolve: () => void; readonly reject: (error: unknown) => void } & (
  | { readonly kind: 'item'; readonly item: T; readonly octets: number }
  | { readonly kind: 'work'; readonly work: () => Promise<void> }
);

/** A queue that is empty. */
export function createGroupCommit<T>({ commit, rest, goesWith }: GroupCommitOptions<T>): GroupCommit<T> {
  const waiting: Waiting<T>[] = [];
  let octets = 0;
  let running: 'yes' | 'no' = 'no';

  /** The first that wait: some work, or items up to the next work. */
  function next(): readonly Waiting<T>[] {
    let [count, sum] = [0, 0];
    let before: T | undefined;
    for (const each of waiting) {
      if (each.kind === 'work' && count > 0) break;
      if (each.kind === 'item') {
        if (before !== undefined && goesWith?.(each.item, before) === false) break;
        before = each.item;
      }
      sum += each.kind === 'item' ? each.octets : 0;
      if (count > 0 && sum > MAX_BATCH_OCTETS) break;
      count += 1;
      if (each.kind === 'work') break;
    }
    return waiting.splice(0, count);
  }

  async function carryOut(batch: readonly Waiting<T>[]): Promise<void> {
    const [first] = batch;
    if (first?.kind === 'work') return first.work();
    return commit(batch.flatMap((each) => (each.kind === 'item' ? [each.item] : [])));
  }

  async function run(): Promise<void> {
    running = 'yes';
    while (waiting.length > 0) {
      const batch = next();
      for (const each of batch) if (each.kind === 'item') octets -= each.octets;
      try {
        await carryOut(batch);
        for (const { resolve } of batch) resolve();
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
      await rest?.();
    }
    running = 'no';
  }

  function push(entry: Waiting<T>): void {
    waiting.push(entry);
    // It runs to its first wait at once: what else is added in this turn goes with the next batch.
    if (running === 'no') void run();
  }

  return {
    add(item, size) {
      if (octets + size > MAX_WAITING_OCTETS && waiting.length > 0) {
        return Promise.reject(new JournalError('journal-busy', 'too much is waiting to be written'));
      }
      octets += size;
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      push({ kind: 'item', item, octets: size, resolve, reject });
      return promise;
    },
    alone(work) {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      push({ kind: 'work', work, resolve, reject });
      return promise;
    },
  };
}
