import type { Config } from '../config/config.ts';
import type { Clock, OverrideStore, PlaceSource, Prober, Source } from '../core/ports.ts';
import { createPlaceSource } from '../geo/place-source.ts';
import { createProber, type ProberOptions } from '../prober/prober.ts';
import { createFileSource } from '../sources/file/file-source.ts';
import { createOverrideStore } from '../state/override-store.ts';
import { SYSTEM_CLOCK } from './system-clock.ts';

/** Where the director touches the world. The real ones come from the configuration; scenario tests bring their own. */
export type Edges = {
  readonly clock: Clock;
  readonly source: Source;
  readonly places: PlaceSource;
  readonly store: OverrideStore;
  prober(options: Pick<ProberOptions, 'onFindings'>): Prober;
  /** `network`: DNS and admin servers on sockets. `none`: whoever composed asks the responder itself. */
  readonly servers: 'network' | 'none';
};

/** The edges that a configuration asks for. */
export function realEdges(config: Config): Edges {
  const clock = SYSTEM_CLOCK;
  const { database } = config.geoip;
  return {
    clock,
    source: createFileSource({
      clusters: config.sources.map(({ cluster, manifests }) => ({ cluster, directory: manifests })),
      clock,
    }),
    places: createPlaceSource({ clock, ...(database === undefined ? {} : { database }) }),
    store: createOverrideStore({ directory: config.state.directory }),
    prober: ({ onFindings }) =>
      createProber({
        clock,
        trustFile: config.prober.trustFile,
        concurrency: config.prober.concurrency,
        ...(onFindings === undefined ? {} : { onFindings }),
      }),
    servers: 'network',
  };
}
