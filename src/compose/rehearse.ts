import type { Config } from '../config/config.ts';
import type { Finding } from '../core/desired/finding.ts';
import { createLocatedDesire } from '../core/desired/located-desire.ts';
import { createMigrate } from '../core/desired/migration/migrate.ts';
import type { Model } from '../core/desired/model.ts';
import { openPlacesOnce } from '../geo/place-source.ts';
import { resolveOnce } from './resolve-once.ts';
import { readPicturesOnce } from './sources.ts';
import { SYSTEM_CLOCK } from './system-clock.ts';

/** What a director would serve, and all that it would say about its input. */
export type Rehearsal = { readonly model: Model; readonly findings: readonly Finding[] };

/** Reads all sources once, as `compose` does, without a listening socket or a probe: for `azimuth check`. */
export async function rehearse(config: Config): Promise<Rehearsal> {
  const { pictures, found } = await readPicturesOnce(config, SYSTEM_CLOCK);
  const declaration = { ...config.declaration, clusters: [...config.declaration.clusters, ...found.clusters] };
  const desire = createLocatedDesire(declaration);
  const migrated = pictures.map(createMigrate(declaration));
  const named = desire(migrated);
  const model = named.lookups.length === 0 ? named : desire(migrated, await resolveOnce(named.lookups, config));
  const places = await openPlacesOnce(config.geoip.database);
  return { model, findings: [...model.findings, ...found.findings, ...places.findings] };
}
