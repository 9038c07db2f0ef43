import type { Place } from '../desired/area.ts';

/**
 * Client address → place, flat enough for the hot path. `v4` and `v6` are tries in one typed array each; a leaf is
 * `place << 8 | prefix length`. `places[0]` is the unknown place. The arrays lie in shared memory.
 */
export type PlaceTable = {
  readonly v4: Int32Array<SharedArrayBuffer>;
  readonly v6: Int32Array<SharedArrayBuffer>;
  readonly places: readonly Place[];
  /** Where the data comes from, with the attribution that its licence asks for. */
  readonly source: string;
  /** When the data was made, in ms since the epoch; 0 where the file does not say. */
  readonly builtAt: number;
  /** The keys of the pins that its places know of; absent: none. */
  readonly pins?: readonly string[];
};
