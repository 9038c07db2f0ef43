import { UNKNOWN_PLACE } from '../desired/area.ts';
import type { PlaceTable } from './place-table.ts';
import { buildTrie, networkTree } from './place-trie.ts';

/** The table that knows no place: what there is before, or without, a location database. */
export const EMPTY_PLACES: PlaceTable = Object.freeze({
  v4: buildTrie(4, networkTree([])),
  v6: buildTrie(6, networkTree([])),
  places: Object.freeze([UNKNOWN_PLACE]),
  source: 'no location data',
  builtAt: 0,
});
