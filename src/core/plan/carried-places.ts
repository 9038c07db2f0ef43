import type { Place } from '../desired/area.ts';
import type { PlaceTable } from '../snapshot/place-table.ts';

/** Numbers by place, for another table; `lost`: the sum of those whose place it has not, or not among the first ones. */
type Carried = { readonly left: Float64Array; readonly lost: number };

/** Carries numbers by place over to another table: to the place that is equal, wherever it stands there. */
export function carriedOver(left: Float64Array, from: PlaceTable, to: PlaceTable): Carried {
  const known = new Map<string, number>();
  for (let index = 0; index < Math.min(from.places.length, left.length); index++) {
    const [place, value] = [from.places[index]!, left[index]!];
    if (value > 0) known.set(keyOf(place), (known.get(keyOf(place)) ?? 0) + value);
  }
  const carried = new Float64Array(left.length);
  for (let index = 0; known.size > 0 && index < Math.min(to.places.length, carried.length); index++) {
    const key = keyOf(to.places[index]!);
    const value = known.get(key);
    if (value === undefined) continue;
    carried[index] = value;
    known.delete(key);
  }
  return { left: carried, lost: [...known.values()].reduce((sum, value) => sum + value, 0) };
}

/** The number of a map's rule is not in it: a rule that was put before others changes nothing of them. */
function keyOf({ mapped = {}, pinned = {}, ...place }: Place): string {
  const where = place.kind === 'unknown' ? '' : `${place.lat} ${place.lon} ${place.country} ${place.continent}`;
  const rules = Object.entries(mapped).map(([map, { text, clusters }]) => [map, text, clusters]);
  const pins = Object.values(pinned).map(({ name, cluster }) => [name, cluster]);
  return rules.length + pins.length === 0 ? where : `${where} ${JSON.stringify([rules, pins])}`;
}
