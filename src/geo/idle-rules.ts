import { type Finding, finding } from '../core/desired/finding.ts';
import type { ClientMap } from '../core/desired/maps/client-map.ts';
import type { MapSource } from './map-files.ts';

/** What the databases tell of clients besides their places. */
export type Told = { readonly asn: boolean; readonly subdivisions: 'told' | 'untold' };

/** Rules that hold nobody because there is nothing to tell their clients by: one finding for each map and reason. */
export function idleRules(
  sources: readonly MapSource[],
  maps: readonly ClientMap[],
  { asn, subdivisions }: Told,
): readonly Finding[] {
  return sources.flatMap(({ name, origin }, index) => {
    const kinds = new Set(maps[index]?.rules.map(({ clients }) => clients.kind));
    const found: Finding[] = [];
    if (kinds.has('asn') && !asn) {
      const message = `Rules of the map ${name} are by AS number, and there is no database of those: they hold nobody.`;
      found.push(finding('map-rule-idle', origin, message, 'set geoip.asn-database to an mmdb file'));
    }
    if (kinds.has('subdivision') && subdivisions === 'untold') {
      const message = `Rules of the map ${name} are by subdivision, and the location database has no codes of those: they hold nobody.`;
      found.push(
        finding('map-rule-idle', origin, message, 'set geoip.database to a city database with ISO 3166-2 codes'),
      );
    }
    return found;
  });
}
