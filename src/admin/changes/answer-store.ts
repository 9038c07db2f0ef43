import { ANSWER_KEPT_MS, MAX_KEPT_ANSWER_OCTETS, MAX_KEPT_ANSWERS, MAX_KEYS_UNDER_WAY } from '../limits.ts';

/** An answer as it was sent. */
export type KeptAnswer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
};

/** What is known of a key: nothing (it is under way from now on), its answer, or why it cannot be used. */
type Standing = KeptAnswer | 'new' | 'under-way' | 'other-request' | 'full';

/** Answers by key, in memory: a restart forgets them. */
export type AnswerStore = {
  /** `print` stands for the whole request. */
  begin(key: string, print: string): Standing;
  /** The answer of what `begin` called new. */
  keep(key: string, answer: KeptAnswer): void;
  /** There is no answer worth keeping: the key is as new. */
  drop(key: string): void;
};

type Entry = { readonly print: string; readonly at: number; readonly answer: KeptAnswer };

/** An empty store. `now` in ms, on a clock that nobody should set: a key that is forgotten early is an order given twice. */
export function createAnswerStore(now: () => number): AnswerStore {
  const underWay = new Map<string, string>();
  /** Oldest first. */
  const kept = new Map<string, Entry>();
  let octets = 0;

  const forget = (key: string, { answer }: Entry): void => {
    kept.delete(key);
    octets -= answer.body.length;
  };
  const isOver = (at: number): boolean => Math.abs(now() - at) >= ANSWER_KEPT_MS;
  const makeRoom = (): void => {
    for (const [key, entry] of kept) {
      const isFull = kept.size > MAX_KEPT_ANSWERS || octets > MAX_KEPT_ANSWER_OCTETS;
      if (!isFull && !isOver(entry.at)) return;
      forget(key, entry);
    }
  };

  return {
    begin(key, print) {
      makeRoom();
      const running = underWay.get(key);
      if (running !== undefined) return running === print ? 'under-way' : 'other-request';
      const entry = kept.get(key);
      if (entry !== undefined) return entry.print === print ? entry.answer : 'other-request';
      if (underWay.size >= MAX_KEYS_UNDER_WAY) return 'full';
      underWay.set(key, print);
      return 'new';
    },
    keep(key, answer) {
      const print = underWay.get(key);
      if (print === undefined) return;
      underWay.delete(key);
      kept.set(key, { print, at: now(), answer });
      octets += answer.body.length;
      makeRoom();
    },
    drop: (key) => void underWay.delete(key),
  };
}
