/** Octets to be laid down one behind the other, without an array element per octet. */
export type GrowingOctets = {
  readonly length: () => number;
  /** Returns where they start. */
  readonly append: (more: Uint8Array) => number;
  /** The same at the next multiple of four, filled up with zeros to one: to be read as words. */
  readonly appendWords: (more: Uint8Array) => number;
  /** All octets so far; stands until the next `append`. */
  readonly written: () => Uint8Array;
};

/** Octets that there is room for at the beginning. */
const FIRST_OCTETS = 4096;

/** Nothing written yet. The room doubles where it is needed. */
export function createGrowingOctets(): GrowingOctets {
  let room = new Uint8Array(FIRST_OCTETS);
  let length = 0;
  const advance = (by: number): number => {
    const start = length;
    length += by;
    if (length > room.length) {
      const old = room;
      room = new Uint8Array(Math.max(length, old.length * 2));
      room.set(old);
    }
    return start;
  };
  const append = (more: Uint8Array): number => {
    const start = advance(more.length);
    room.set(more, start);
    return start;
  };
  return {
    length: () => length,
    append,
    appendWords(more) {
      advance(-length & 3);
      const start = append(more);
      advance(-length & 3);
      return start;
    },
    written: () => room.subarray(0, length),
  };
}
