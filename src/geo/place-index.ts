import { type Mapped, type Place, UNKNOWN_PLACE } from '../core/desired/area.ts';
import type { Matcher, Traits } from '../core/desired/maps/match.ts';
import type { PinnedBy } from '../core/desired/maps/pin.ts';
import { MAX_PLACES } from '../core/snapshot/place-trie.ts';

/** Numbers the places of a table; 0 is the unknown one, of which no map says anything. */
export type PlaceIndex = {
  readonly all: readonly Place[];
  /**
   * The place of a client of some traits, held by a set of pins (0 for none), whose most specific networks belong to these
   * rules, one a map, 0 for none.
   */
  readonly indexOf: (traits: Traits, set: number, rules: readonly number[]) => number;
};

/**
 * Equal places with equal verdicts and pins have one number. `sets`: what clients of a set of pins are told. `indexOf` throws
 * an Error where there are too many.
 */
export function createPlaceIndex(
  matchers: readonly Matcher[],
  sets: readonly (PinnedBy | undefined)[] = [],
): PlaceIndex {
  const all: Place[] = [UNKNOWN_PLACE];
  const known = new Map<string, number>([[keyOf(UNKNOWN_PLACE, 0, []), 0]]);
  const indexOf = (traits: Traits, set: number, rules: readonly number[]): number => {
    const { place } = traits;
    const verdicts = matchers.map(({ verdict }, map) => verdict(traits, rules[map] ?? 0));
    const key = keyOf(place, set, verdicts);
    const found = known.get(key);
    if (found !== undefined) return found;
    if (all.length === MAX_PLACES) throw new Error(`it has more than ${MAX_PLACES} different places`);
    known.set(key, all.length);
    const mapped = verdicts.some((one) => one !== undefined) ? withVerdicts(place, matchers, verdicts) : place;
    const pinned = sets[set];
    return all.push(pinned === undefined ? mapped : { ...mapped, pinned }) - 1;
  };
  return { all, indexOf };
}

type Verdicts = readonly (Mapped | undefined)[];

function keyOf(place: Place, set: number, verdicts: Verdicts): string {
  const where = place.kind === 'unknown' ? '' : `${place.country} ${place.continent} ${place.lat} ${place.lon}`;
  return `${where} ${set} ${verdicts
    .map((one) => one?.rule ?? '')
    .join(',')
    .replace(/,+$/, '')}`;
}

function withVerdicts(place: Place, matchers: readonly Matcher[], verdicts: Verdicts): Place {
  const said = matchers.flatMap(({ name }, map): (readonly [string, Mapped])[] => {
    const verdict = verdicts[map];
    return verdict === undefined ? [] : [[name, verdict]];
  });
  return { ...place, mapped: Object.fromEntries(said) };
}
