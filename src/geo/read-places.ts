import { Reader } from 'maxmind';
import { type Place, UNKNOWN_PLACE } from '../core/desired/area.ts';
import type { PlaceTable } from '../core/snapshot/place-table.ts';
import { buildTrie, MAX_PLACES, networkTree } from '../core/snapshot/place-trie.ts';
import { mmdbTree } from './mmdb-tree.ts';
import { placeOfRecord } from './place-record.ts';

/** What the file calls itself is cut to this many characters. */
const MAX_TYPE_LENGTH = 60;

/** What a database holds: a place table, and the database's own name for its kind (`GeoLite2-City`). */
export type ReadPlaces = Omit<PlaceTable, 'source'> & { readonly databaseType: string };

/**
 * Makes the place table of an mmdb file. Blocks for as long as it takes (0.5 to some seconds), so it belongs into a
 * worker thread. Throws an Error that says what is wrong with the file.
 */
export function readPlaces(file: Buffer): ReadPlaces {
  if (file[0] === 0x1f && file[1] === 0x8b) throw new Error('it is compressed by gzip; unpack it first');
  const reader = new Reader(file);
  const places = createPlaceIndex();
  const tree = mmdbTree(file, reader, (data) => places.indexOf(placeOfRecord(data)));
  const v4 = buildTrie(4, tree.v4);
  const v6 = buildTrie(6, tree.v6 ?? networkTree([]));
  if (places.all.length === 1) throw new Error('no network of it has a country or coordinates that we can read');
  const builtAt = reader.metadata.buildEpoch.getTime();
  return {
    v4,
    v6,
    places: places.all,
    databaseType: readableType(reader.metadata.databaseType),
    builtAt: Number.isFinite(builtAt) ? builtAt : 0,
  };
}

/** Numbers the distinct places; 0 is the unknown one. */
function createPlaceIndex() {
  const all: Place[] = [UNKNOWN_PLACE];
  const known = new Map<string, number>();
  function indexOf(place: Place): number {
    if (place.kind === 'unknown') return 0;
    const key = `${place.country} ${place.continent} ${place.lat} ${place.lon}`;
    const index = known.get(key) ?? all.length;
    if (index === MAX_PLACES) throw new Error(`it has more than ${MAX_PLACES} different places`);
    if (index === all.length) {
      all.push(place);
      known.set(key, index);
    }
    return index;
  }
  return { all, indexOf };
}

/** The file may hold anything where its type should be: only printable ASCII of a bounded length is kept. */
function readableType(type: unknown): string {
  return typeof type === 'string' ? type.slice(0, MAX_TYPE_LENGTH).replaceAll(/[^ -~]/g, '?') : 'unnamed';
}
