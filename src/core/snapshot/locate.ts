/**
 * Finding the closest encloser of a name (RFC 4592 §3.3.1) in the hash of all existing names: the whole name first, which
 * is what nearly all questions find, then the names above it.
 */
import type { NamesPart } from './answer-table.ts';
import { NODE_LENGTH, NODE_NAME, NODE_WILDCARD, NODE_WORDS, NONE, SLOT_WORDS } from './layout.ts';
import { createNameBuffer, hashOf, type NameBuffer, sameWords, wordsOf } from './name-words.ts';

// A spot is where a name stands, in one number: a node, and how the name meets it.

/** The node is the name. */
export const EXACT = 0;
/** The name does not exist; the node is the wildcard that speaks for it. */
const WILDCARD = 1;
/** The node is the closest encloser: a zone cut above the name, or else the name does not exist. */
export const BELOW = 2;
/** The spot of a name in no zone of ours. */
export const OUTSIDE = -1;

/** The node of a spot that is not OUTSIDE. */
export function nodeOf(spot: number): number {
  return spot >>> 2;
}

/** EXACT, WILDCARD or BELOW. */
export function meetingOf(spot: number): number {
  return spot & 3;
}

/** What `locate` reads; the same while the table is being made. */
export type NameIndex = Pick<NamesPart, 'slots' | 'nodes' | 'words' | 'deepest'>;

/** The name above, while it is looked for. A lookup is never interrupted by another one of the same thread. */
const above = createNameBuffer();
const given = createNameBuffer();

/** The spot of a lower-case wire name without compression, whose hash is known. */
export function locate(index: NameIndex, name: NameBuffer, length: number, hash: number): number {
  const node = find(index, hash, name.words, length);
  return node === NONE ? locateAbove(index, name.octets, length) : (node << 2) | EXACT;
}

/** The spot of a lower-case wire name without compression. */
export function locateWire(index: NameIndex, wire: Uint8Array): number {
  return locate(index, given, wire.length, hashOf(wire, 0, wire.length, given));
}

/** The slot where the search for a hash begins. */
export function firstSlot(hash: number, mask: number): number {
  return hash & mask;
}

/** The hash of a whole name as it stands in `slots`. */
export function hashName(wire: Uint8Array): number {
  return hashOf(wire, 0, wire.length, given);
}

function locateAbove(index: NameIndex, octets: Uint8Array, length: number): number {
  let labels = labelsOf(octets);
  for (let at = 0; labels > 0; ) {
    at += octets[at]! + 1;
    labels -= 1;
    // No name has so many labels. Without this a long name of short labels would cost hundreds of times as much.
    if (labels > index.deepest) continue;
    const node = find(index, hashOf(octets, at, length, above), above.words, length - at);
    if (node === NONE) continue;
    // A cut has none: whatever is below it is not in the table.
    const wildcard = index.nodes[node * NODE_WORDS + NODE_WILDCARD]!;
    return wildcard === NONE ? (node << 2) | BELOW : (wildcard << 2) | WILDCARD;
  }
  return OUTSIDE;
}

/** How many labels a wire name has, the root not counted. */
export function labelsOf(wire: Uint8Array): number {
  let labels = 0;
  for (let at = 0; wire[at]! > 0; at += wire[at]! + 1) labels += 1;
  return labels;
}

function find({ slots, nodes, words }: NameIndex, hash: number, name: Int32Array, length: number): number {
  const mask = slots.length / SLOT_WORDS - 1;
  // Ends: at most half of the slots are taken.
  for (let slot = firstSlot(hash, mask); ; slot = (slot + 1) & mask) {
    const node = slots[slot * SLOT_WORDS + 1]! - 1;
    if (node < 0) return NONE;
    if (slots[slot * SLOT_WORDS] !== hash) continue;
    const base = node * NODE_WORDS;
    if (nodes[base + NODE_LENGTH] !== length) continue;
    if (sameWords(words, nodes[base + NODE_NAME]! >> 2, name, wordsOf(length))) return node;
  }
}
