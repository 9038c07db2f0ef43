import type { Config } from '../config/config.ts';
import { desire } from '../core/desired/desire.ts';
import type { Finding } from '../core/desired/finding.ts';
import type { Model } from '../core/desired/model.ts';
import { openPlacesOnce } from '../geo/place-source.ts';
import { readPictureOnce } from '../sources/file/picture-reader.ts';

/** What a director would serve, and all that it would say about its input. */
export type Rehearsal = { readonly model: Model; readonly findings: readonly Finding[] };

/** Reads all sources once, as `compose` does, without a socket, a probe or a watch: for `azimuth check`. */
export async function rehearse(config: Config): Promise<Rehearsal> {
  const pictures = await Promise.all(config.sources.map((each) => readPictureOnce(each.cluster, each.manifests)));
  const model = desire(config.declaration, pictures);
  const places = await openPlacesOnce(config.geoip.database);
  return { model, findings: [...model.findings, ...places.findings] };
}
