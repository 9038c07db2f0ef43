/** Tuples of 32-bit words, each numbered once: a hash table without an object or a string per tuple. */
export type TupleIndex = {
  /** How many different tuples there are. */
  readonly size: () => number;
  /** The number of the tuple in the first `count` words, from 0 in the order in which tuples first came. */
  readonly idOf: (words: Int32Array, count: number) => number;
};

/** Words per entry: hash, start in `store`. The next entry's start ends it. */
const ENTRY_WORDS = 2;
/** Slots to begin with; a power of two. */
const FIRST_SLOTS = 64;

/** An index without tuples. It grows as long as new ones come: who asks bounds them. */
export function createTupleIndex(): TupleIndex {
  let slots = new Int32Array(FIRST_SLOTS);
  let entries = new Int32Array(FIRST_SLOTS * ENTRY_WORDS);
  let store = new Int32Array(FIRST_SLOTS * 8);
  let size = 0;

  const isSame = (id: number, words: Int32Array, count: number): boolean => {
    const start = entries[id * ENTRY_WORDS + 1]!;
    if (entries[(id + 1) * ENTRY_WORDS + 1]! - start !== count) return false;
    for (let i = 0; i < count; i++) if (store[start + i] !== words[i]) return false;
    return true;
  };
  const rehash = (): void => {
    slots = new Int32Array(slots.length * 2);
    entries = grown(entries, slots.length * ENTRY_WORDS);
    for (let id = 0; id < size; id++) {
      let slot = entries[id * ENTRY_WORDS]! & (slots.length - 1);
      while (slots[slot] !== 0) slot = (slot + 1) & (slots.length - 1);
      slots[slot] = id + 1;
    }
  };
  const add = (hash: number, words: Int32Array, count: number): number => {
    const start = entries[size * ENTRY_WORDS + 1]!;
    if (start + count > store.length) store = grown(store, Math.max(store.length * 2, start + count));
    for (let i = 0; i < count; i++) store[start + i] = words[i]!;
    entries[size * ENTRY_WORDS] = hash;
    entries[(size + 1) * ENTRY_WORDS + 1] = start + count;
    size += 1;
    return size - 1;
  };
  return {
    size: () => size,
    idOf(words, count) {
      if (size * 2 >= slots.length) rehash();
      const hash = hashOf(words, count);
      let slot = hash & (slots.length - 1);
      for (; slots[slot] !== 0; slot = (slot + 1) & (slots.length - 1)) {
        const id = slots[slot]! - 1;
        if (entries[id * ENTRY_WORDS] === hash && isSame(id, words, count)) return id;
      }
      slots[slot] = size + 1;
      return add(hash, words, count);
    },
  };
}

/** Multiply and fold, so that every bit of every word reaches the low bits that choose the slot. */
function hashOf(words: Int32Array, count: number): number {
  let hash = count;
  for (let i = 0; i < count; i++) {
    hash = Math.imul(hash ^ words[i]!, 0x9e3779b1);
    hash ^= hash >>> 15;
  }
  return hash | 0;
}

function grown(words: Int32Array<ArrayBuffer>, length: number): Int32Array<ArrayBuffer> {
  const more = new Int32Array(length);
  more.set(words);
  return more;
}
