import type { Config } from '../config/config.ts';
import type {
  AddressResolver,
  Clock,
  ClusterWriter,
  Gauges,
  OverrideStore,
  PictureStore,
  PlaceSource,
  Prober,
  RolloutStore,
  Source,
} from '../core/ports.ts';
import { createGauges, type GaugesOptions } from '../gauges/gauges.ts';
import { createPlaceSource } from '../geo/place-source.ts';
import { createProber, type ProberOptions } from '../prober/prober.ts';
import { createAskName } from '../resolver/ask.ts';
import { createAddressResolver } from '../resolver/resolver.ts';
import { createOverrideStore } from '../state/override-store.ts';
import { createPictureStore, type PictureStoreOptions } from '../state/picture-store.ts';
import { createRolloutStore } from '../state/rollout-store.ts';
import { placeInputs } from './places.ts';
import { probeRefusal } from './probe-refusal.ts';
import { createSources } from './sources.ts';
import { SYSTEM_CLOCK } from './system-clock.ts';

/** Where the director touches the world. The real ones come from the configuration; scenario tests bring their own. */
export type Edges = {
  readonly clock: Clock;
  readonly source: Source;
  /** The way back into live clusters; absent where there is none. */
  readonly writer?: ClusterWriter;
  readonly places: PlaceSource;
  readonly store: OverrideStore;
  readonly rollouts: RolloutStore;
  pictures(options: Pick<PictureStoreOptions, 'onFindings'>): PictureStore;
  resolver(): AddressResolver;
  prober(options: Pick<ProberOptions, 'onFindings'>): Prober;
  gauges(options: Pick<GaugesOptions, 'onFindings'>): Gauges;
  /** `network`: DNS and admin servers on sockets. `none`: whoever composed asks the responder itself. */
  readonly servers: 'network' | 'none';
};

/** The edges that a configuration asks for. */
export function realEdges(config: Config): Edges {
  const clock = SYSTEM_CLOCK;
  const source = createSources(config, clock);
  return {
    clock,
    source,
    writer: source.writer,
    places: createPlaceSource({ clock, ...placeInputs(config) }),
    store: createOverrideStore({ directory: config.state.directory }),
    rollouts: createRolloutStore({ directory: config.state.directory }),
    pictures: ({ onFindings }) => createPictureStore({ directory: config.state.directory, clock, onFindings }),
    resolver: () => createAddressResolver({ clock, ask: createAskName(config.resolver) }),
    prober: ({ onFindings }) =>
      createProber({
        clock,
        trustFile: config.prober.trustFile,
        concurrency: config.prober.concurrency,
        headers: config.prober.headers,
        certificateWarningMs: config.prober.certificateWarningMs,
        refusal: probeRefusal(config),
        ...(onFindings === undefined ? {} : { onFindings }),
      }),
    gauges: ({ onFindings }) => createGauges({ clock, named: config.declaration.monitors ?? [], onFindings }),
    servers: 'network',
  };
}
