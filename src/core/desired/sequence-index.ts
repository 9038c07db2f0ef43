import { isSameList } from './same-list.ts';

/** What a sequence is made of: its number is its identity. */
export type Numbered = { readonly number: number };

/** Values by the sequence of things that they are made of: equal sequences find one value. */
export type SequenceIndex<T extends Numbered, V extends { readonly parts: readonly T[] }> = {
  find(parts: readonly T[]): V | undefined;
  /** The sequence must not be there yet. */
  add(value: V): void;
  delete(value: V): void;
};

/** An empty index. It holds on to each value until that is deleted. */
export function createSequenceIndex<T extends Numbered, V extends { readonly parts: readonly T[] }>(): SequenceIndex<
  T,
  V
> {
  // Nearly every hash has one value: a list for each would be most of the memory.
  const single = new Map<number, V>();
  const crowded = new Map<number, V[]>();
  return {
    find(parts) {
      const hash = hashOf(parts);
      const known = single.get(hash);
      if (known === undefined || isSameList(known.parts, parts)) return known;
      return crowded.get(hash)?.find((value) => isSameList(value.parts, parts));
    },
    add(value) {
      const hash = hashOf(value.parts);
      if (!single.has(hash)) single.set(hash, value);
      else if (crowded.get(hash)?.push(value) === undefined) crowded.set(hash, [value]);
    },
    delete(value) {
      const hash = hashOf(value.parts);
      const others = crowded.get(hash);
      if (single.get(hash) !== value) {
        if (others?.includes(value) === true) others.splice(others.indexOf(value), 1);
        return;
      }
      const heir = others?.pop();
      if (heir === undefined) single.delete(hash);
      else single.set(hash, heir);
    },
  };
}

/** 32 bits; the golden ratio spreads numbers that follow each other. */
function hashOf(parts: readonly Numbered[]): number {
  let hash = parts.length;
  for (const { number } of parts) {
    hash = Math.imul(hash ^ number, 0x9e3779b1);
    hash ^= hash >>> 15;
  }
  return hash;
}
