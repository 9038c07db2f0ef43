import type { Config } from '../config/config.ts';
import type {
  AddressResolver,
  Audit,
  Clock,
  ClusterWriter,
  DrillStore,
  Gauges,
  HealthStore,
  OverrideStore,
  PictureStore,
  PlaceSource,
  Prober,
  RolloutStore,
  Source,
} from '../core/ports.ts';
import { createGauges, type GaugesOptions } from '../gauges/gauges.ts';
import { createPlaceSource } from '../geo/place-source.ts';
import { followFile } from '../prober/followed-file.ts';
import { createProber, type ProberOptions } from '../prober/prober.ts';
import { createAskName } from '../resolver/ask.ts';
import { createAddressResolver } from '../resolver/resolver.ts';
import { createPictureStore, type PictureStoreOptions } from '../state/picture-store.ts';
import { createState, type State } from '../state/state.ts';
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
  /** Absent: drills do not survive a restart. */
  readonly drills?: DrillStore;
  /** What is remembered of monitors; absent: nothing survives a restart. */
  readonly health?: HealthStore;
  /** Absent: nothing is audited. */
  readonly audit?: Audit;
  /** Where all of these are kept; absent where that needs no opening and closing. */
  readonly state?: Pick<State, 'open' | 'standing' | 'admit' | 'inherit' | 'giveUp' | 'close' | 'maySave' | 'watch'>;
  pictures(options: Pick<PictureStoreOptions, 'onFindings'>): PictureStore;
  resolver(): AddressResolver;
  prober(options: Pick<ProberOptions, 'onFindings' | 'onStart' | 'onMissed'>): Prober;
  gauges(options: Pick<GaugesOptions, 'onFindings'>): Gauges;
  /** `network`: DNS and admin servers on sockets. `none`: whoever composed asks the responder itself. */
  readonly servers: 'network' | 'none';
};

/** The edges that a configuration asks for. */
export function realEdges(config: Config): Edges {
  const clock = SYSTEM_CLOCK;
  const source = createSources(config, clock);
  const state = createState({ directory: config.state.directory, clock });
  return {
    clock,
    source,
    writer: source.writer,
    places: createPlaceSource({ clock, ...placeInputs(config) }),
    state,
    store: state.overrides,
    rollouts: state.rollouts,
    drills: state.drills,
    health: state.health,
    audit: state.audit,
    pictures: ({ onFindings }) =>
      createPictureStore({
        directory: config.state.directory,
        clock,
        isOurs: () => state.maySave(),
        onFindings,
      }),
    resolver: () => createAddressResolver({ clock, ask: createAskName(config.resolver) }),
    prober: ({ onFindings, onStart, onMissed }) =>
      createProber({
        clock,
        trustFile: config.prober.trustFile,
        concurrency: config.prober.concurrency,
        headers: config.prober.headers,
        certificateWarningMs: config.prober.certificateWarningMs,
        refusal: probeRefusal(config),
        onStart,
        onMissed,
        ...(onFindings === undefined ? {} : { onFindings }),
      }),
    gauges: ({ onFindings }) =>
      createGauges({ clock, named: config.declaration.monitors ?? [], follow: followFile, onFindings }),
    servers: 'network',
  };
}
