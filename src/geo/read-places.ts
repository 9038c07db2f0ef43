import type { Reader, Response } from 'maxmind';
import { UNKNOWN_PLACE } from '../core/desired/area.ts';
import type { ClientMap, MapNetwork } from '../core/desired/maps/client-map.ts';
import { createMatcher, type Matcher, type Traits } from '../core/desired/maps/match.ts';
import { networksOfPins, type Pin } from '../core/desired/maps/pin.ts';
import type { PlaceTable } from '../core/snapshot/place-table.ts';
import { buildTrie, networkTree, type PrefixTree } from '../core/snapshot/place-trie.ts';
import { type MmdbTree, mmdbTree } from './mmdb-tree.ts';
import { createPlaceIndex, type PlaceIndex } from './place-index.ts';
import { placeOfRecord, subdivisionOfRecord } from './place-record.ts';
import { productTree } from './product-tree.ts';
import { type AsNumbers, NO_AS_NUMBERS, openDatabase } from './read-as-numbers.ts';

/** What the file calls itself is cut to this many characters. */
const MAX_TYPE_LENGTH = 60;

/** What databases hold: a place table, and the location database's own name for its kind (`GeoLite2-City`). */
export type ReadPlaces = Omit<PlaceTable, 'source'> & {
  readonly databaseType: string;
  /** Whether it tells the subdivisions of countries. */
  readonly subdivisions: 'told' | 'untold';
};

/**
 * Makes the place table of an mmdb file, with custom maps and pins laid over it. Blocks for as long as it takes (0.5 to some seconds), so it
 * belongs into a worker thread. Throws an Error that says what is wrong with the file.
 */
export function readPlaces(
  file: Buffer,
  maps: readonly ClientMap[] = [],
  numbers: AsNumbers = NO_AS_NUMBERS,
  pins: readonly Pin[] = [],
): ReadPlaces {
  const matchers = maps.map(createMatcher);
  const reader = openDatabase(file);
  const locations = readLocations(file, reader, matchers);
  const pinned = networksOfPins(pins);
  const places = createPlaceIndex(matchers, pinned.sets);
  const trieOf = (family: 4 | 6): PlaceTable['v4'] => {
    const pick = (tree: MmdbTree): PrefixTree => (family === 4 ? tree.v4 : tree.v6) ?? networkTree([]);
    const rules = matchers.map(({ networks }) => treeOf(family, networks, ({ rule }) => rule));
    const sets = treeOf(family, pinned.networks, ({ set }) => set);
    const placeOf = combine(locations.all, numbers.all, places.indexOf);
    return buildTrie(family, productTree([pick(locations.tree), pick(numbers.tree), sets, ...rules], placeOf));
  };
  const [v4, v6] = [trieOf(4), trieOf(6)];
  if (places.all.every(({ kind }) => kind === 'unknown')) {
    throw new Error('no network of it has a country or coordinates that we can read');
  }
  const builtAt = reader.metadata.buildEpoch.getTime();
  return {
    v4,
    v6,
    places: places.all,
    databaseType: readableType(reader.metadata.databaseType),
    subdivisions: locations.subdivisions,
    builtAt: Number.isFinite(builtAt) ? builtAt : 0,
  };
}

/** A location as the maps ask for it: subdivisions that no rule names are left out, so that they split nothing. */
type Located = Omit<Traits, 'asn'>;

/** The tree of a location database; its places are indexes in `all`, where 0 is unknown. */
function readLocations(file: Buffer, reader: Reader<Response>, matchers: readonly Matcher[]) {
  const all: Located[] = [{ place: UNKNOWN_PLACE, subdivision: '' }];
  const known = new Map<string, number>();
  let subdivisions: ReadPlaces['subdivisions'] = 'untold';
  const tree = mmdbTree(file, reader, (record) => {
    const place = placeOfRecord(record);
    const told = subdivisionOfRecord(record);
    if (told !== '') subdivisions = 'told';
    const subdivision = matchers.some((matcher) => matcher.subdivisions.has(told)) ? told : '';
    if (place.kind === 'unknown' && subdivision === '') return 0;
    const key = JSON.stringify([place, subdivision]);
    const index = known.get(key) ?? all.push({ place, subdivision }) - 1;
    known.set(key, index);
    return index;
  });
  return { tree, all, subdivisions };
}

/** The networks of a map or of pins; their places are what `numberOf` says, from 1. */
function treeOf<T extends MapNetwork>(family: 4 | 6, all: readonly T[], numberOf: (network: T) => number): PrefixTree {
  const own = all.filter((network) => network.family === family);
  return networkTree(own.map((network) => ({ ...network, place: numberOf(network) })));
}

/** Location, AS number, set of pins and rules → place. Most addresses are in no network of a rule: they are remembered by location. */
function combine(
  locations: readonly Located[],
  numbers: readonly number[],
  indexOf: PlaceIndex['indexOf'],
): (places: Int32Array) => number {
  const plain = new Int32Array(locations.length).fill(-1);
  const mixed = new Map<string, number>();
  return (places) => {
    const location = places[0]!;
    const isPlain = isZeroFrom(places, 1);
    if (isPlain && plain[location]! >= 0) return plain[location]!;
    const key = isPlain ? '' : places.join(' ');
    const known = isPlain ? undefined : mixed.get(key);
    if (known !== undefined) return known;
    const index = indexOf({ ...locations[location]!, asn: numbers[places[1]!]! }, places[2]!, [...places.subarray(3)]);
    if (isPlain) plain[location] = index;
    else mixed.set(key, index);
    return index;
  };
}

function isZeroFrom(places: Int32Array, from: number): boolean {
  for (let index = from; index < places.length; index++) if (places[index] !== 0) return false;
  return true;
}

/** The file may hold anything where its type should be: only printable ASCII of a bounded length is kept. */
function readableType(type: unknown): string {
  return typeof type === 'string' ? type.slice(0, MAX_TYPE_LENGTH).replaceAll(/[^ -~]/g, '?') : 'unnamed';
}
