/**
 * SipHash-2-4 with a 128-bit key and a 64-bit result (RFC 9018 §4.4), in 32-bit halves: BigInt would allocate. The
 * state lives in one array per hash, so a hash must not be shared between threads.
 */

/** Hashes `input[0, length)` and writes the eight octets of the result, least significant first, to `out` at `at`. */
export type SipHash = (input: Uint8Array, length: number, out: Uint8Array, at: number) => void;

/** Octets of a key. */
const SIPHASH_KEY_OCTETS = 16;

/** A hash under one key of 16 octets. Throws a RangeError on a key of another length. */
export function createSipHash(key: Uint8Array): SipHash {
  if (key.length !== SIPHASH_KEY_OCTETS) throw new RangeError(`a SipHash key has 16 octets, not ${key.length}`);
  const k0 = readLow(key, 0);
  const k1 = readLow(key, 4);
  const k2 = readLow(key, 8);
  const k3 = readLow(key, 12);
  // v0 to v3, low half before high half.
  const v = new Int32Array(8);
  return (input, length, out, at) => {
    v[0] = k0 ^ 0x70736575;
    v[1] = k1 ^ 0x736f6d65;
    v[2] = k2 ^ 0x6e646f6d;
    v[3] = k3 ^ 0x646f7261;
    v[4] = k0 ^ 0x6e657261;
    v[5] = k1 ^ 0x6c796765;
    v[6] = k2 ^ 0x79746573;
    v[7] = k3 ^ 0x74656462;
    const whole = length & ~7;
    for (let i = 0; i < whole; i += 8) compress(v, readLow(input, i), readLow(input, i + 4));
    const rest = length - whole;
    const low = readPart(input, whole, Math.min(rest, 4));
    const high = readPart(input, whole + 4, Math.max(0, rest - 4));
    compress(v, low, high | (length << 24));
    v[4] = at32(v, 4) ^ 0xff;
    for (let i = 0; i < 4; i++) round(v);
    writeLow(out, at, at32(v, 0) ^ at32(v, 2) ^ at32(v, 4) ^ at32(v, 6));
    writeLow(out, at + 4, at32(v, 1) ^ at32(v, 3) ^ at32(v, 5) ^ at32(v, 7));
  };
}

function compress(v: Int32Array, low: number, high: number): void {
  v[6] = at32(v, 6) ^ low;
  v[7] = at32(v, 7) ^ high;
  round(v);
  round(v);
  v[0] = at32(v, 0) ^ low;
  v[1] = at32(v, 1) ^ high;
}

function round(v: Int32Array): void {
  add(v, 0, 2);
  rotateXor(v, 2, 13, 0);
  swap(v, 0);
  add(v, 4, 6);
  rotateXor(v, 6, 16, 4);
  add(v, 0, 6);
  rotateXor(v, 6, 21, 0);
  add(v, 4, 2);
  rotateXor(v, 2, 17, 4);
  swap(v, 4);
}

/** 64-bit `v[a] += v[b]`. */
function add(v: Int32Array, a: number, b: number): void {
  const low = (at32(v, a) >>> 0) + (at32(v, b) >>> 0);
  v[a] = low | 0;
  v[a + 1] = at32(v, a + 1) + at32(v, b + 1) + (low > 0xffffffff ? 1 : 0);
}

/** 64-bit `v[a] = rotl(v[a], bits) ^ v[b]`, for fewer than 32 bits. */
function rotateXor(v: Int32Array, a: number, bits: number, b: number): void {
  const low = at32(v, a);
  const high = at32(v, a + 1);
  v[a] = ((low << bits) | (high >>> (32 - bits))) ^ at32(v, b);
  v[a + 1] = ((high << bits) | (low >>> (32 - bits))) ^ at32(v, b + 1);
}

/** 64-bit rotation by 32. */
function swap(v: Int32Array, a: number): void {
  const low = at32(v, a);
  v[a] = at32(v, a + 1);
  v[a + 1] = low;
}

function at32(v: Int32Array, index: number): number {
  return v[index] ?? 0;
}

function readLow(octets: Uint8Array, at: number): number {
  return readPart(octets, at, 4);
}

function readPart(octets: Uint8Array, at: number, count: number): number {
  let value = 0;
  for (let i = 0; i < count; i++) value |= (octets[at + i] ?? 0) << (8 * i);
  return value;
}

function writeLow(octets: Uint8Array, at: number, value: number): void {
  for (let i = 0; i < 4; i++) octets[at + i] = value >>> (8 * i);
}
