import type { JournalChange } from './entry.ts';

/** The latest values of a journal, by kind and key, as JSON texts: what nobody here knows is kept as it is. */
export type JournalValues = {
  apply(change: Pick<JournalChange, 'kind' | 'put' | 'drop'>): void;
  /** In the order in which they were put first. */
  of(kind: string): ReadonlyMap<string, string>;
  all(): Iterable<readonly [kind: string, values: ReadonlyMap<string, string>]>;
  /** About how many octets they take in a file. */
  octets(): number;
};

/** Octets that a value takes beside its key and text. */
const AROUND = 6;
const NONE: ReadonlyMap<string, string> = new Map();

/** No values. */
export function createValues(): JournalValues {
  const kinds = new Map<string, Map<string, string>>();
  let octets = 0;

  function drop(values: Map<string, string>, key: string): void {
    const text = values.get(key);
    if (text === undefined) return;
    octets -= sizeOf(key, text);
    values.delete(key);
  }

  return {
    apply({ kind, put, drop: gone }) {
      const values = kinds.get(kind) ?? new Map<string, string>();
      for (const key of gone) drop(values, key);
      for (const [key, text] of put) {
        octets += sizeOf(key, text) - (values.has(key) ? sizeOf(key, values.get(key)!) : 0);
        values.set(key, text);
      }
      if (values.size > 0) kinds.set(kind, values);
      else kinds.delete(kind);
    },
    of: (kind) => kinds.get(kind) ?? NONE,
    all: () => kinds,
    octets: () => octets,
  };
}

/** About how many octets a value takes: what is not ASCII counts for more than its characters. */
export function sizeOf(key: string, text: string): number {
  return Buffer.byteLength(key) + Buffer.byteLength(text) + AROUND;
}
