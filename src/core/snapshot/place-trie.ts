/**
 * Address → place on the hot path: a multibit trie in one Int32Array. The root block has 2^16 entries, every other
 * block 16, so an IPv4 lookup reads 1 to 5 words (strides 16-4-4-4-4) and an IPv6 lookup 1 to 13 (16-4×12, to /64).
 * An entry below 0 is the negated offset of a child block; every other entry is a leaf: `place << 8 | prefix length`.
 */
import { parseAddress } from '../desired/address.ts';
import type { PlaceTable } from './place-table.ts';

/** The most places that a leaf has room for, the unknown place included. */
export const MAX_PLACES = 2 ** 22;

/** The most entries (4 octets each) of one trie: 256 MiB. A City database needs about 2 million. */
const MAX_TRIE_ENTRIES = 2 ** 26;

/** IPv6 networks longer than this are not told apart: the ECS source prefix of RFC 7871 §11.1 is shorter still. */
const MAX_PREFIX_IPV6 = 64;

const ROOT_BITS = 16;
const ROOT_SIZE = 2 ** ROOT_BITS;
const BLOCK_BITS = 4;
const BLOCK_SIZE = 2 ** BLOCK_BITS;

/**
 * The leaf of an IPv4 address, given as a 32-bit number (signed or not). Read it with `placeIndex` and `prefixLength`: every
 * address under that prefix has the same place. Allocates nothing.
 */
export function placeOf4(trie: Int32Array, address: number): number {
  let entry = trie[address >>> ROOT_BITS]!;
  for (let shift = 12; entry < 0; shift -= BLOCK_BITS) entry = trie[((address >>> shift) & 15) - entry]!;
  return entry;
}

/** The leaf of the IPv6 address in the 16 octets from `offset`; otherwise as `placeOf4`. Reads the first 8 octets. */
export function placeOf6(trie: Int32Array, octets: Uint8Array, offset: number): number {
  let entry = trie[(octets[offset]! << 8) | octets[offset + 1]!]!;
  for (let nibble = 4; entry < 0; nibble++) {
    const octet = octets[offset + (nibble >> 1)]!;
    entry = trie[((nibble & 1) === 0 ? octet >> 4 : octet & 15) - entry]!;
  }
  return entry;
}

/** Index in `PlaceTable.places` that a leaf holds; 0 is the unknown place. */
export function placeIndex(leaf: number): number {
  return leaf >>> 8;
}

/** Prefix length that a leaf holds, in bits: 0–32 for IPv4, 0–64 for IPv6. It is the scope of an ECS answer. */
export function prefixLength(leaf: number): number {
  return leaf & 0xff;
}

/**
 * The place of an address in text form and the prefix that shares it; IPv4 mapped into IPv6 (RFC 4291 §2.5.5.2) counts
 * as IPv4. Undefined where the text is not an IP address. Not for the hot path.
 */
export function placeOfAddress(table: PlaceTable, text: string): { place: number; prefix: number } | undefined {
  const address = parseAddress(text.replace(/^::ffff:(?=[\d.]+$)/i, ''));
  if (address === undefined) return undefined;
  const { octets } = address;
  const leaf =
    address.family === 4
      ? placeOf4(table.v4, new DataView(octets.buffer, octets.byteOffset, octets.byteLength).getUint32(0))
      : placeOf6(table.v6, octets, 0);
  return { place: placeIndex(leaf), prefix: prefixLength(leaf) };
}

/** One network and its place. `octets` is the address (4 or 16 octets), `length` the prefix length in bits. */
export type PlaceNetwork = { readonly octets: Uint8Array; readonly length: number; readonly place: number };

/** A binary tree over address bits, from the highest bit down. A record stands for a node or for a leaf. */
export type PrefixTree = {
  readonly root: number;
  /** The record below an inner one: `bit` 0 is left, 1 is right. */
  child(record: number, bit: 0 | 1): number;
  /** The place of a leaf, 0 where it has no data; -1 for an inner record. */
  place(record: number): number;
};

/**
 * Builds a trie. Neighbours of one place are merged, so that prefixes are as short as is right, and equal blocks are
 * stored once. Below /64 an IPv6 network keeps one place: that of the largest part that has data.
 * Throws a RangeError over `MAX_TRIE_ENTRIES`.
 */
export function buildTrie(family: 4 | 6, tree: PrefixTree): Int32Array<SharedArrayBuffer> {
  const maxDepth = family === 4 ? 32 : MAX_PREFIX_IPV6;
  const blocks = createBlockStore();

  /** The entry for what lies under `record`: a leaf where all of it has one place, else a stored block. */
  function entryOf(record: number, depth: number): number {
    const place = tree.place(record);
    if (place >= 0) return (place << 8) | depth;
    if (depth === maxDepth) return (widest(tree, record, depth, family === 4 ? 32 : 128).place << 8) | depth;
    const block = new Int32Array(BLOCK_SIZE);
    return fill(block, 0, BLOCK_SIZE, record, depth) ? block[0]! : -blocks.offsetOf(block);
  }

  /** Fills `block[from, to)` with what lies under `record`; true where all of it has become one leaf. */
  function fill(block: Int32Array, from: number, to: number, record: number, depth: number): boolean {
    if (to - from === 1 || tree.place(record) >= 0) {
      const entry = entryOf(record, depth);
      block.fill(entry, from, to);
      return entry >= 0;
    }
    const middle = (from + to) >> 1;
    const left = fill(block, from, middle, tree.child(record, 0), depth + 1);
    const right = fill(block, middle, to, tree.child(record, 1), depth + 1);
    if (!left || !right || placeIndex(block[from]!) !== placeIndex(block[middle]!)) return false;
    block.fill((placeIndex(block[from]!) << 8) | depth, from, to);
    return true;
  }

  const root = new Int32Array(ROOT_SIZE);
  fill(root, 0, ROOT_SIZE, tree.root, 0);
  return blocks.behind(root);
}

/** The largest part under `record` that has data, searched down to `maxDepth`. */
function widest(tree: PrefixTree, record: number, depth: number, maxDepth: number): { place: number; depth: number } {
  const place = tree.place(record);
  if (place >= 0) return { place, depth: place === 0 ? Number.POSITIVE_INFINITY : depth };
  if (depth >= maxDepth) return { place: 0, depth: Number.POSITIVE_INFINITY };
  const left = widest(tree, tree.child(record, 0), depth + 1, maxDepth);
  const right = widest(tree, tree.child(record, 1), depth + 1, maxDepth);
  return right.depth < left.depth ? right : left;
}

/** Blocks one behind the other, each distinct one once, found again by open addressing. */
function createBlockStore() {
  let entries = new Int32Array(1024 * BLOCK_SIZE);
  let count = 0;
  let slots = new Int32Array(4096);

  /** The slot of the block that begins at `at`, or the free slot where it belongs. A slot holds a block number + 1. */
  function slotOf(source: Int32Array, at: number): number {
    let hash = 0;
    for (let i = 0; i < BLOCK_SIZE; i++) {
      hash = Math.imul(hash ^ source[at + i]!, 0x9e3779b1);
      hash ^= hash >>> 15;
    }
    for (let slot = hash & (slots.length - 1); ; slot = (slot + 1) & (slots.length - 1)) {
      const number = slots[slot]!;
      if (number === 0 || sameBlock(entries, (number - 1) * BLOCK_SIZE, source, at)) return slot;
    }
  }

  function grow(): void {
    const wider = new Int32Array(entries.length * 2);
    wider.set(entries);
    entries = wider;
    slots = new Int32Array(slots.length * 2);
    for (let number = 0; number < count; number++) slots[slotOf(entries, number * BLOCK_SIZE)] = number + 1;
  }

  function offsetOf(block: Int32Array): number {
    const slot = slotOf(block, 0);
    if (slots[slot] !== 0) return ROOT_SIZE + (slots[slot]! - 1) * BLOCK_SIZE;
    if (ROOT_SIZE + (count + 1) * BLOCK_SIZE > MAX_TRIE_ENTRIES) {
      throw new RangeError(`the networks need more than ${MAX_TRIE_ENTRIES} trie entries`);
    }
    entries.set(block, count * BLOCK_SIZE);
    slots[slot] = ++count;
    if (count * BLOCK_SIZE === entries.length) grow();
    return ROOT_SIZE + (count - 1) * BLOCK_SIZE;
  }

  /** The finished trie: the root, then all blocks, in shared memory. */
  function behind(root: Int32Array): Int32Array<SharedArrayBuffer> {
    const used = entries.subarray(0, count * BLOCK_SIZE);
    const trie = new Int32Array(new SharedArrayBuffer((root.length + used.length) * Int32Array.BYTES_PER_ELEMENT));
    trie.set(root);
    trie.set(used, root.length);
    return trie;
  }

  return { offsetOf, behind };
}

function sameBlock(a: Int32Array, aAt: number, b: Int32Array, bAt: number): boolean {
  for (let i = 0; i < BLOCK_SIZE; i++) if (a[aAt + i] !== b[bAt + i]) return false;
  return true;
}

/** A tree of networks in any order, nested as they like: the longest match wins, and of equal networks the last. */
export function networkTree(networks: Iterable<PlaceNetwork>): PrefixTree {
  // A record ≥ 0 is a place, a record below 0 the complement of a node's index; a node is [left, right].
  const nodes: number[] = [];
  function put(record: number, network: PlaceNetwork, depth: number): number {
    if (depth === network.length) return network.place;
    const node = record < 0 ? ~record : nodes.push(record, record) - 2;
    const side = node + ((network.octets[depth >> 3]! >> (7 - (depth & 7))) & 1);
    nodes[side] = put(nodes[side]!, network, depth + 1);
    return ~node;
  }
  const sorted = [...networks].toSorted((a, b) => a.length - b.length);
  const root = sorted.reduce((record, network) => put(record, network, 0), 0);
  return {
    root,
    child: (record, bit) => nodes[~record + bit]!,
    place: (record) => (record < 0 ? -1 : record),
  };
}
