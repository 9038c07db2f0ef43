import type { Config } from '../config/config.ts';
import { readMapFile } from '../config/map-file.ts';
import type { PlaceInputs } from '../geo/place-source.ts';

/** What the client places of a configuration are made of. */
export function placeInputs({ geoip, maps, declaration, clusterSecrets }: Config): PlaceInputs {
  const { database, asnDatabase } = geoip;
  // Which clusters there will be is not known where Secrets bring some.
  const clusters = clusterSecrets === undefined ? declaration.clusters.map(({ name }) => name) : undefined;
  return {
    ...(database === undefined ? {} : { database }),
    ...(asnDatabase === undefined ? {} : { asnDatabase }),
    maps: { sources: maps, readMap: (text) => readMapFile(text, clusters) },
  };
}
