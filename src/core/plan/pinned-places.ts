/** What the places would be with one more pin, worked out where nobody waits for a thread: for what somebody wants to know. */
import type { MapNetwork } from '../desired/maps/client-map.ts';
import type { Pin } from '../desired/maps/pin.ts';
import type { PlaceTable } from '../snapshot/place-table.ts';
import { MAX_PLACES, placeIndex } from '../snapshot/place-trie.ts';

/** Bits that the root of a trie, and each block below it, tells apart (`place-trie.ts`). */
const ROOT_BITS = 16;
const BLOCK_BITS = 4;
const BLOCK_SIZE = 2 ** BLOCK_BITS;
const IPV4_BITS = 32;
/** A leaf has the length of its prefix in these bits. */
const LENGTH = 0xff;

/**
 * The table with a pin over its IPv4 addresses: those are what clients are counted by (`clients.ts`). The one that is given
 * stays as it is. Prefixes may be longer than they need be. Without room for more places it is the same table.
 */
export function withPin(table: PlaceTable, pin: Pin): PlaceTable {
  const places = createPinnedPlaces(table, pin);
  const trie = createOverlaidTrie(table.v4, places.pinned);
  for (const network of pin.networks) if (network.family === 4) trie.lay(network);
  if (places.all.length > MAX_PLACES) return table;
  const pins = Object.freeze([...(table.pins ?? []), pin.key]);
  return Object.freeze({ ...table, v4: trie.whole(), places: Object.freeze(places.all), pins });
}

/** Places with the pin behind those without it; the pin's place of a place is made when it is asked for. */
function createPinnedPlaces({ places }: PlaceTable, { key, name, cluster }: Pin) {
  const all = [...places];
  const known = new Map<number, number>();
  const pinned = (place: number): number => {
    const own = known.get(place);
    if (own !== undefined || place >= places.length) return own ?? place;
    const before = places[place]!;
    known.set(place, all.length);
    return all.push(Object.freeze({ ...before, pinned: { ...before.pinned, [key]: { name, cluster } } })) - 1;
  };
  return { all, pinned };
}

/** A trie whose blocks are copied before they are written: equal ones are stored once. */
function createOverlaidTrie(trie: Int32Array, placeFor: (place: number) => number) {
  const root = trie.slice(0, 2 ** ROOT_BITS).map((entry) => cut(entry, ROOT_BITS));
  const added: number[] = [];
  const laid = new Map<number, number>();
  const blockAt = (entry: number): readonly number[] => {
    const own = -entry - trie.length;
    return own >= 0 ? added.slice(own, own + BLOCK_SIZE) : [...trie.subarray(-entry, -entry + BLOCK_SIZE)];
  };
  const add = (block: readonly number[]): number => -(trie.length + added.push(...block) - BLOCK_SIZE);

  /** The entry where all that lies under it is in the network. */
  const layAll = (entry: number, depth: number): number => {
    if (entry >= 0) return (placeFor(placeIndex(entry)) << 8) | (entry & LENGTH);
    const known = laid.get(entry);
    if (known !== undefined) return known;
    const made = add(blockAt(entry).map((each) => layAll(cut(each, depth + BLOCK_BITS), depth + BLOCK_BITS)));
    laid.set(entry, made);
    return made;
  };
  /** The entry of a prefix of this depth in which the network lies. */
  const layIn = (entry: number, depth: number, network: MapNetwork): number => {
    const before = entry < 0 ? blockAt(entry) : Array.from({ length: BLOCK_SIZE }, () => entry);
    const below = depth + BLOCK_BITS;
    const block = before.map((each) => cut(each, below));
    const at = (addressOf(network) >>> (IPV4_BITS - below)) & (BLOCK_SIZE - 1);
    if (network.length > below) block[at] = layIn(block[at]!, below, network);
    else for (let i = 0; i < 2 ** (below - network.length); i++) block[at + i] = layAll(block[at + i]!, below);
    return add(block);
  };
  return {
    lay(network: MapNetwork): void {
      const at = addressOf(network) >>> (IPV4_BITS - ROOT_BITS);
      if (network.length > ROOT_BITS) root[at] = layIn(root[at]!, ROOT_BITS, network);
      else for (let i = 0; i < 2 ** (ROOT_BITS - network.length); i++) root[at + i] = layAll(root[at + i]!, ROOT_BITS);
    },
    whole(): Int32Array<SharedArrayBuffer> {
      const octets = (trie.length + added.length) * Int32Array.BYTES_PER_ELEMENT;
      const all = new Int32Array(new SharedArrayBuffer(octets));
      all.set(trie);
      all.set(root);
      all.set(added, trie.length);
      return all;
    },
  };
}

/** A leaf that may reach over more than its own slot, as one that does not: what is beside it may become another. */
function cut(entry: number, depth: number): number {
  return entry >= 0 && (entry & LENGTH) < depth ? (entry & ~LENGTH) | depth : entry;
}

function addressOf({ octets }: MapNetwork): number {
  return new DataView(octets.buffer, octets.byteOffset, octets.byteLength).getUint32(0);
}
