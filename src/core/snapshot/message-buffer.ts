/**
 * Memory for one DNS message in three views: octets, aligned words for what is done to many octets at once, and numbers
 * in network order at any offset.
 */
export type MessageBuffer = {
  readonly octets: Uint8Array;
  /** The same memory in the machine's order; as many whole words as fit. */
  readonly words: Int32Array;
  readonly view: DataView;
};

/** A message of its own memory, at least so many octets long. */
export function createMessageBuffer(octets: number): MessageBuffer {
  const length = roundUp(octets);
  return messageBufferAt(new ArrayBuffer(length), 0, length);
}

/** A message in a part of a larger memory. `at` is a multiple of 4: a RangeError otherwise. */
export function messageBufferAt(memory: ArrayBuffer, at: number, octets: number): MessageBuffer {
  return {
    octets: new Uint8Array(memory, at, octets),
    words: new Int32Array(memory, at, octets >> 2),
    view: new DataView(memory, at, octets),
  };
}

function roundUp(octets: number): number {
  return (octets + 3) & ~3;
}
