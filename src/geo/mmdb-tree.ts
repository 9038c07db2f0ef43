import type { Reader, Response } from 'maxmind';
import type { PrefixTree } from '../core/snapshot/place-trie.ts';

/**
 * The most records that the walk of one tree reads, for each node that the file has. A tree without shared nodes takes
 * 2; a hostile file can share its nodes so that it has 2^128 paths.
 */
const MAX_READS_PER_NODE = 8;

/** Octets between the search tree and the data section: part of the MaxMind DB format 2.0. */
const SEPARATOR_SIZE = 16;

/** The search trees of one mmdb file; `v6` is absent in an IPv4 file. */
export type MmdbTree = { readonly v4: PrefixTree; readonly v6?: PrefixTree };

/** Reads the left (0) or right (1) record of a node. */
type RecordReader = (node: number, side: 0 | 1) => number;

/**
 * The search tree of an mmdb file as prefix trees; `placeOf` gives the place index of a decoded record and is asked once
 * for each record of the data section. `reader` looks up addresses but cannot list networks, hence this walk.
 * IPv4 lies under ::/96 of an IPv6 file; it and its aliases (2002::/16, ::ffff:0:0/96, …) are without data in `v6`.
 * Throws an Error where the file does not hold what its metadata says, and while walking, where a tree loops.
 */
export function mmdbTree(file: Buffer, reader: Reader<Response>, placeOf: (data: unknown) => number): MmdbTree {
  const { nodeCount, recordSize, ipVersion, searchTreeSize } = reader.metadata;
  if (ipVersion !== 4 && ipVersion !== 6) throw new Error(`IP version ${ipVersion} is neither 4 nor 6`);
  if (!Number.isSafeInteger(nodeCount) || nodeCount < 1 || searchTreeSize + SEPARATOR_SIZE > file.length) {
    throw new Error(`the search tree of ${nodeCount} nodes does not fit into a file of ${file.length} octets`);
  }
  const recordAt = recordReader(file, recordSize);
  const places = placesByRecord(nodeCount, ipVersion === 4 ? 32 : 128, recordAt, (address) =>
    placeOf(reader.get(address)),
  );
  const tree = (root: number, hidden: number): PrefixTree => {
    let left = nodeCount * MAX_READS_PER_NODE;
    return {
      root,
      child(record, bit) {
        if (left-- === 0) throw new Error('the search tree loops or shares too many of its nodes');
        return recordAt(record, bit);
      },
      place: (record) => (record < nodeCount && record !== hidden ? -1 : (places.get(record) ?? 0)),
    };
  };
  if (ipVersion === 4) return { v4: tree(0, -1) };
  let ipv4Root = 0;
  for (let depth = 0; depth < 96 && ipv4Root < nodeCount; depth++) ipv4Root = recordAt(ipv4Root, 0);
  // Where ::/96 is part of a wider network there is no node to hide.
  return { v4: tree(ipv4Root, -1), v6: tree(0, ipv4Root < nodeCount ? ipv4Root : -1) };
}

/** The place of each data record, by one address that leads there. Visits each node once, whatever leads to it. */
function placesByRecord(
  nodeCount: number,
  bits: 32 | 128,
  recordAt: RecordReader,
  lookUp: (address: string) => number,
) {
  const places = new Map<number, number>();
  const visited = new Uint8Array(nodeCount);
  const octets = new Uint8Array(bits / 8);
  function visit(record: number, depth: number): void {
    if (record > nodeCount && !places.has(record)) places.set(record, lookUp(addressText(octets)));
    if (record >= nodeCount || depth === bits || visited[record] === 1) return;
    visited[record] = 1;
    visit(recordAt(record, 0), depth + 1);
    octets[depth >> 3]! |= 0x80 >> (depth & 7);
    visit(recordAt(record, 1), depth + 1);
    octets[depth >> 3]! &= ~(0x80 >> (depth & 7));
  }
  visit(0, 0);
  return places;
}

function addressText(octets: Uint8Array): string {
  if (octets.length === 4) return octets.join('.');
  return Buffer.from(octets)
    .toString('hex')
    .replaceAll(/(.{4})(?!$)/g, '$1:');
}

/** Records have 24, 28 or 32 bits. */
function recordReader(file: Buffer, bits: number): RecordReader {
  switch (bits) {
    case 24:
      return (node, side) => file.readUIntBE(node * 6 + side * 3, 3);
    case 28:
      // The middle octet holds the four high bits of the left record, then those of the right one.
      return (node, side) =>
        side === 0
          ? ((file[node * 7 + 3]! & 0xf0) << 20) | file.readUIntBE(node * 7, 3)
          : ((file[node * 7 + 3]! & 0x0f) << 24) | file.readUIntBE(node * 7 + 4, 3);
    case 32:
      return (node, side) => file.readUInt32BE(node * 8 + side * 4);
    default:
      throw new Error(`records of ${bits} bits are not 24, 28 or 32`);
  }
}
