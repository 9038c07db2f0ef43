/**
 * Hashes that are the same on every director: whole numbers alone, nothing that a runtime may round its own way. Signed,
 * so that a runtime keeps them without allocating.
 */

/** Spreads 32 bits over 32 bits, one to one: the finalizer of MurmurHash3. Signed. */
export function scrambled(word: number): number {
  let hash = Math.imul(word ^ (word >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}

/** A text in 32 bits, signed: FNV-1a over its UTF-16 code units, spread. */
export function hashOfText(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return scrambled(hash);
}
