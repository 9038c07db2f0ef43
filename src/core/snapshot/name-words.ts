/**
 * Wire names as words of four octets: lower-cased, hashed and compared four octets at a time. The octets behind the root
 * in the last word are 0. Hash and order of octets are those of this machine: they never leave it.
 */

/** One name; 256 octets are reserved, so that whole words are. */
export type NameBuffer = { readonly octets: Uint8Array; readonly words: Int32Array };

/** Octets of the longest wire name (RFC 1035 §3.1), up to whole words. */
const NAME_ROOM_OCTETS = 256;

/** By octets in the last word (0 stands for all four): what belongs to the name. Little-endian, as all that we run on. */
const LAST_WORD = Int32Array.of(-1, 0xff, 0xffff, 0xffffff);

/** An empty buffer for a name. */
export function createNameBuffer(): NameBuffer {
  const memory = new ArrayBuffer(NAME_ROOM_OCTETS);
  return { octets: new Uint8Array(memory), words: new Int32Array(memory) };
}

/** How many words a name of so many octets has. */
export function wordsOf(length: number): number {
  return (length + 3) >> 2;
}

/**
 * Copies the name of `length` octets from `from[first…]` in lower case (ASCII only, RFC 4343 §3) and returns its hash.
 * Length octets are below 64, and so no letters: the case of all four octets of a word is changed at once.
 */
export function copyName(from: Int32Array, first: number, length: number, to: Int32Array): number {
  const last = (length - 1) >> 2;
  let hash = length;
  for (let i = 0; i < last; i++) {
    const word = lowerCase(from[first + i]!);
    to[i] = word;
    hash = stir(hash, word);
  }
  const end = lowerCase(from[first + last]! & LAST_WORD[length & 3]!);
  to[last] = end;
  return finish(stir(hash, end));
}

/** The hash of the name that is `octets[at, end)`, lower-case; `scratch` is overwritten with it. */
export function hashOf(octets: Uint8Array, at: number, end: number, scratch: NameBuffer): number {
  const length = end - at;
  for (let i = 0; i < length; i++) scratch.octets[i] = octets[at + i]!;
  return copyName(scratch.words, 0, length, scratch.words);
}

/** Whether the words from `a[atA]` and from `b[0]` on are the same. */
export function sameWords(a: Int32Array, atA: number, b: Int32Array, count: number): boolean {
  for (let i = 0; i < count; i++) if (a[atA + i] !== b[i]) return false;
  return true;
}

/** Sets bit 5 in each octet from 0x41 to 0x5a. The sums never carry into the next octet, as each is below 256. */
function lowerCase(word: number): number {
  const low = word & 0x7f7f7f7f;
  const fromA = (low + 0x3f3f3f3f) | 0;
  const behindZ = (low + 0x25252525) | 0;
  return word | (((fromA ^ behindZ) & ~word & 0x80808080) >>> 2);
}

/** FNV-1a by words, with the high bits brought down: a multiplication alone only carries differences upwards. */
function stir(hash: number, word: number): number {
  const product = Math.imul(hash ^ word, 0x9e3779b1);
  return product ^ (product >>> 15);
}

/** The last mixing of MurmurHash3: every bit of the hash depends on every bit of the name. */
function finish(hash: number): number {
  let h = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}
