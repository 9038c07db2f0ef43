import { read16 } from './wire.ts';

/** RFC 1035 §4.2.2: the length before each message. */
export const LENGTH_OCTETS = 2;
const FIRST_CAPACITY = 512;
/** A buffer above this is given back when it is empty: idle connections cost little. */
const KEPT_CAPACITY = 4096;

/**
 * Puts the messages of a stream together, however it was cut. Its buffer never holds more than one unfinished message
 * (65,537 octets) and one chunk of the socket (65,536 octets), because the reader takes all whole messages before the
 * next chunk comes.
 */
export type Framer = {
  push(chunk: Uint8Array): void;
  /** The next whole message without its length, good until the next call; undefined where it has not come yet. */
  next(): Uint8Array | undefined;
};

/** A framer for one connection. */
export function createFramer(): Framer {
  let buffer = new Uint8Array(0);
  let start = 0;
  let end = 0;

  const push = (chunk: Uint8Array): void => {
    const held = end - start;
    if (end + chunk.length > buffer.length) {
      const size = held + chunk.length;
      const target = size > buffer.length ? new Uint8Array(Math.max(FIRST_CAPACITY, roundUp(size))) : buffer;
      target.set(buffer.subarray(start, end));
      buffer = target;
      start = 0;
      end = held;
    }
    buffer.set(chunk, end);
    end += chunk.length;
  };

  const next = (): Uint8Array | undefined => {
    const held = end - start;
    if (held === 0) {
      start = 0;
      end = 0;
      if (buffer.length > KEPT_CAPACITY) buffer = new Uint8Array(0);
    }
    if (held < LENGTH_OCTETS) return undefined;
    const length = read16(buffer, start);
    if (held < LENGTH_OCTETS + length) return undefined;
    const from = start + LENGTH_OCTETS;
    start = from + length;
    return buffer.subarray(from, start);
  };

  return { push, next };
}

/** To a power of two, so that a stream in small pieces is not copied each time. */
function roundUp(size: number): number {
  return 2 ** Math.ceil(Math.log2(size));
}
