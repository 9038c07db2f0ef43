/**
 * Finding the closest encloser of a name (RFC 4592 §3.3.1) in the hash of all existing names. The hash of a name runs
 * over its labels from the right, so that one pass over a question gives the hashes of all its suffixes.
 */
import type { NamesPart } from './answer-table.ts';
import { NODE_LENGTH, NODE_NAME, NODE_WILDCARD, NODE_WORDS, NONE, SLOT_WORDS } from './layout.ts';

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
export type NameIndex = Pick<NamesPart, 'slots' | 'nodes' | 'octets'>;

/** A name of 255 octets has 127 labels at most. */
const MAX_LABELS = 127;
const FNV_OFFSET = 0x811c9dc5 | 0;
const FNV_PRIME = 0x01000193;

// Filled again by each call; a lookup is never interrupted by another one of the same thread.
const labelAt = new Uint8Array(MAX_LABELS + 1);
const suffixHash = new Int32Array(MAX_LABELS + 1);

/** The spot of a lower-case wire name without compression. */
export function locate(index: NameIndex, wire: Uint8Array, length: number): number {
  const labels = hashSuffixes(wire, length);
  for (let label = 0; label <= labels; label++) {
    const at = labelAt[label]!;
    const node = find(index, suffixHash[label]!, wire, at, length - at);
    if (node === NONE) continue;
    if (label === 0) return (node << 2) | EXACT;
    // A cut has none: whatever is below it is not in the table.
    const wildcard = index.nodes[node * NODE_WORDS + NODE_WILDCARD]!;
    if (wildcard === NONE) return (node << 2) | BELOW;
    return (wildcard << 2) | WILDCARD;
  }
  return OUTSIDE;
}

/** The hash of a whole name as it stands in `slots`. */
export function hashName(wire: Uint8Array, length: number): number {
  hashSuffixes(wire, length);
  return suffixHash[0]!;
}

/** The slot where the search for a hash begins. */
export function firstSlot(hash: number, mask: number): number {
  // FNV's low bits depend on low bits alone; this brings the high ones down.
  const mixed = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return (mixed ^ (mixed >>> 13)) & mask;
}

/** Fills `labelAt` and `suffixHash` and returns the number of labels without the root, which stands last. */
function hashSuffixes(wire: Uint8Array, length: number): number {
  let labels = 0;
  let at = 0;
  while (at < length - 1 && labels < MAX_LABELS) {
    labelAt[labels] = at;
    labels += 1;
    at += wire[at]! + 1;
  }
  labelAt[labels] = length - 1;
  let hash = FNV_OFFSET;
  suffixHash[labels] = hash;
  for (let label = labels - 1; label >= 0; label--) {
    const end = labelAt[label + 1]!;
    for (let i = labelAt[label]!; i < end; i++) hash = Math.imul(hash ^ wire[i]!, FNV_PRIME);
    suffixHash[label] = hash;
  }
  return labels;
}

function find({ slots, nodes, octets }: NameIndex, hash: number, wire: Uint8Array, at: number, length: number): number {
  const mask = slots.length / SLOT_WORDS - 1;
  // Ends: at most half of the slots are taken.
  for (let slot = firstSlot(hash, mask); ; slot = (slot + 1) & mask) {
    const node = slots[slot * SLOT_WORDS + 1]! - 1;
    if (node < 0) return NONE;
    if (slots[slot * SLOT_WORDS] !== hash) continue;
    const base = node * NODE_WORDS;
    if (nodes[base + NODE_LENGTH] !== length) continue;
    if (isSame(octets, nodes[base + NODE_NAME]!, wire, at, length)) return node;
  }
}

function isSame(a: Uint8Array, atA: number, b: Uint8Array, atB: number, length: number): boolean {
  for (let i = 0; i < length; i++) if (a[atA + i] !== b[atB + i]) return false;
  return true;
}
