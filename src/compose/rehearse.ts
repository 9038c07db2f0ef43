import type { Config } from '../config/config.ts';
import type { Finding } from '../core/desired/finding.ts';
import { createLocatedDesire } from '../core/desired/located-desire.ts';
import { createMigrate } from '../core/desired/migration/migrate.ts';
import type { Declaration, Model } from '../core/desired/model.ts';
import type { Resolutions } from '../core/desired/resolution.ts';
import type { PlaceTable } from '../core/snapshot/place-table.ts';
import { openPlacesOnce } from '../geo/place-source.ts';
import { readFilesOnce } from './files-once.ts';
import { placeInputs } from './places.ts';
import { resolveOnce } from './resolve-once.ts';
import { readPicturesOnce } from './sources.ts';
import { SYSTEM_CLOCK } from './system-clock.ts';

/** What a director would serve and to whom, and all that it would say about its input. */
export type Rehearsal = { readonly model: Model; readonly places: PlaceTable; readonly findings: readonly Finding[] };

/** What would be made of input that was read, by a declaration: the configured one, or one that was changed. */
export type Rehearse = (declaration: Declaration) => Promise<Rehearsal>;

/** Reads all that the configuration names once, as `compose` does, without a listening socket or a probe: for `azimuth check`. */
export async function rehearse(config: Config): Promise<Rehearsal> {
  const rehearseWith = await readInput(config);
  const [rehearsal, found] = await Promise.all([rehearseWith(config.declaration), readFilesOnce(config, SYSTEM_CLOCK)]);
  return { ...rehearsal, findings: [...rehearsal.findings, ...found] };
}

/** The same reading, for several declarations of one configuration: they differ in nothing that is read. */
export async function readInput(config: Config): Promise<Rehearse> {
  const { pictures, found } = await readPicturesOnce(config, SYSTEM_CLOCK);
  const places = await openPlacesOnce(placeInputs(config));
  const resolve = resolvedOnce(config);
  return async (given) => {
    const declaration = { ...given, clusters: [...given.clusters, ...found.clusters] };
    const desire = createLocatedDesire(declaration);
    const migrated = pictures.map(createMigrate(declaration));
    const named = desire(migrated);
    const model = named.lookups.length === 0 ? named : desire(migrated, await resolve(named.lookups));
    return { model, places: places.table, findings: [...model.findings, ...found.findings, ...places.findings] };
  };
}

/** The same names lead to the same addresses, however often they are asked for. */
function resolvedOnce(config: Config): (names: readonly string[]) => Promise<Resolutions> {
  const known = new Map<string, Promise<Resolutions>>();
  return (names) => {
    const key = names.join(' ');
    const resolutions = known.get(key) ?? resolveOnce(names, config);
    known.set(key, resolutions);
    return resolutions;
  };
}
