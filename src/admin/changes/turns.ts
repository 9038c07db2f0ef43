/** Lets works on the same thing run one after the other, in the order in which they came. */
export type Turns = { take<T>(key: string, work: () => Promise<T>): Promise<T> };

/** Nobody waits at first. A work that fails ends its turn as any other. */
export function createTurns(): Turns {
  const last = new Map<string, Promise<unknown>>();
  return {
    async take(key, work) {
      const before = last.get(key) ?? Promise.resolve();
      const mine = before.then(work, work);
      const settled = Promise.allSettled([mine]);
      last.set(key, settled);
      try {
        return await mine;
      } finally {
        if (last.get(key) === settled) last.delete(key);
      }
    },
  };
}
