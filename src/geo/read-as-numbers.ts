import { Reader, type Response } from 'maxmind';
import type { ClientMap } from '../core/desired/maps/client-map.ts';
import { networkTree } from '../core/snapshot/place-trie.ts';
import { type MmdbTree, mmdbTree } from './mmdb-tree.ts';
import { asnOfRecord } from './place-record.ts';

/** A tree whose places are indexes of AS numbers; 0 is none. */
export type AsNumbers = { readonly tree: MmdbTree; readonly all: readonly number[] };

/** No AS numbers at all. */
export const NO_AS_NUMBERS: AsNumbers = { tree: { v4: networkTree([]) }, all: [0] };

/**
 * The AS numbers of an mmdb file. Those that no rule names count as none, so that they split nothing. Throws an Error that
 * says what is wrong with the file; a tree that loops throws while it is walked.
 */
export function readAsNumbers(file: Buffer, maps: readonly ClientMap[]): AsNumbers {
  const reader = openDatabase(file);
  const named = maps.flatMap(({ rules }) =>
    rules.flatMap(({ clients }) => (clients.kind === 'asn' ? clients.numbers : [])),
  );
  const all = [0, ...new Set(named)];
  const indexes = new Map(all.map((number, index) => [number, index]));
  let isTold = false;
  const tree = mmdbTree(file, reader, (record) => {
    const number = asnOfRecord(record);
    isTold ||= number > 0;
    return indexes.get(number) ?? 0;
  });
  if (!isTold) throw new Error('no network of it has an AS number that we can read');
  return { tree, all };
}

/** Opens the bytes of an mmdb file. Throws an Error that says what is wrong with them. */
export function openDatabase(file: Buffer): Reader<Response> {
  if (file[0] === 0x1f && file[1] === 0x8b) throw new Error('it is compressed by gzip; unpack it first');
  return new Reader(file);
}
