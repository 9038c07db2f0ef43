import { parentOf } from '../desired/domain-name.ts';
import { NONE } from './layout.ts';
import { RR_TYPE } from './rr-type.ts';

/** Which zone a name belongs to, and how the zones lie in each other. Zones are indexes in `model.zones`. */
export type ZoneMap = {
  readonly apexes: readonly string[];
  /** The zone around each zone, or NONE. */
  readonly parents: readonly number[];
  /** The innermost zone that holds the name, or NONE. */
  zoneOf(name: string): number;
  /** The highest zone cut of `zone` strictly above the name, if there is one. */
  cutAbove(name: string, zone: number, owners: Owners): string | undefined;
};

/** Static owners with their types. */
type Owners = ReadonlyMap<string, ReadonlyMap<number, unknown>>;

/** The map of zones with these apexes; of equal apexes the first counts. */
export function zoneMap(apexes: readonly string[]): ZoneMap {
  const indexes = new Map<string, number>();
  for (const [index, apex] of apexes.entries()) if (!indexes.has(apex)) indexes.set(apex, index);

  const zoneOf = (name: string): number => {
    for (let at = name; ; at = parentOf(at)) {
      const zone = indexes.get(at);
      if (zone !== undefined) return zone;
      if (at === '') return NONE;
    }
  };
  const cutAbove = (name: string, zone: number, owners: Owners): string | undefined => {
    const apex = apexes[zone];
    if (apex === undefined || name === apex) return undefined;
    let cut: string | undefined;
    for (let at = parentOf(name); at !== apex; at = parentOf(at)) {
      if (owners.get(at)?.has(RR_TYPE.NS) === true) cut = at;
    }
    return cut;
  };
  const parents = apexes.map((apex) => (apex === '' ? NONE : zoneOf(parentOf(apex))));
  return Object.freeze({ apexes, parents, zoneOf, cutAbove });
}
