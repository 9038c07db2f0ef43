import type { Monitor, NamedMonitor } from '../../../../src/core/desired/model.ts';
import { idOfName } from '../../../../src/core/desired/named-monitors.ts';
import type { Drill, DrillSpec, Drills } from '../../../../src/core/drill/drill.ts';
import type { DrillPlan } from '../../../../src/core/drill/drill-plan.ts';
import type { SafetyRules } from '../../../../src/core/plan/safety.ts';
import { EMPTY_PLACES } from '../../../../src/core/snapshot/empty-places.ts';
import { shares } from '../../../../src/core/snapshot/explain.ts';
import type { Snapshot } from '../../../../src/core/snapshot/snapshot.ts';
import { createDirector, type DirectorControl } from '../../../../src/director.ts';
import { createManualClock, type ManualClock } from '../../../support/manual-clock.ts';
import { cluster as clusterSpec, declare, gateway, picture, route } from '../desired/pictures.ts';

export const START = Date.UTC(2026, 0, 1);
export const [SHOP, API] = ['shop.gslb.example', 'api.gslb.example'];
/** From one probe to the next, in ms; a gateway falls by 3 failures and rises by 2 successes. */
export const PROBE_MS = 10_000;

/** The plan of a drill that changes nothing. */
export const PLAN: DrillPlan = {
  at: START,
  verdict: 'fine',
  changed: 0,
  moved: 0,
  nobody: { before: 0, after: 0 },
  cachedSeconds: 0,
  clusters: [],
  left: [],
  troubles: [],
  broken: [],
};

const ADDRESSES = { eu: '192.0.2.1', jp: '192.0.2.2', us: '192.0.2.3' } as const;
type Cluster = keyof typeof ADDRESSES;
const CLUSTERS = ['eu', 'jp', 'us'] as const satisfies readonly Cluster[];

/** A monitor whose state is pushed. */
const ERRORS: NamedMonitor = {
  name: 'errors',
  id: idOfName('errors'),
  source: { kind: 'external', expiresMs: 86_400_000, whenExpired: 'unseen' },
};

/** Three clusters of equal weight with `shop` and `api`, probed by a clock that is moved by hand. */
export type DrillsWorld = {
  readonly clock: ManualClock;
  director(): DirectorControl;
  /** What is saved of drills. */
  saved(): Drills;
  /** The same after each time that it was saved since the process began. */
  saves(): readonly Drills[];
  /** Probes of a cluster fail from now on, or do not any more. */
  kill(cluster: Cluster): void;
  revive(cluster: Cluster): void;
  /** What a cluster asks for from now on. */
  ask(cluster: Cluster, hostnames: readonly string[]): void;
  /** The process ends at once, and another one begins on what was saved, or on this; monitors begin unseen. */
  restart(on?: Drills): Promise<void>;
  /** Saving fails, or is waited for, or works again. */
  disk(state: 'works' | 'fails' | 'hangs'): void;
  drill(name: string): Drill | undefined;
  /** The shares of the answers, in whole percents. */
  shares(hostname?: string): Readonly<Record<string, number>>;
  close(): void;
};

/** Where the clusters are, where that matters. */
const COUNTRIES = { eu: 'DE', jp: 'JP', us: 'US' } as const satisfies Record<Cluster, string>;

/** `residency`: where the clients of both hostnames stay. `onStart` is told of each director, and gives who is told of its answers. */
type DrillsWorldParts = {
  readonly residency?: string;
  readonly safety?: SafetyRules;
  readonly onStart?: (director: () => DirectorControl, clock: ManualClock) => (snapshot: Snapshot) => void;
};

/** Starts the world; every gateway was found up. */
export async function createDrillsWorld(parts: DrillsWorldParts = {}): Promise<DrillsWorld> {
  const { residency, safety, onStart } = parts;
  const fence = residency === undefined ? {} : { residency };
  const clock = createManualClock(START);
  const dead = new Set<string>();
  const asked = new Map<Cluster, readonly string[]>(CLUSTERS.map((cluster) => [cluster, [SHOP, API]]));
  let saved: Drills = new Map();
  let saves: Drills[] = [];
  let diskState: 'works' | 'fails' | 'hangs' = 'works';
  let goOn = Promise.withResolvers<void>();
  let running: { director: DirectorControl; cancel: () => void };

  const draw = (director: DirectorControl, cluster: Cluster): void => {
    const annotations = { steering: 'weighted', 'probe-interval': '10s', ...fence };
    const edge = gateway('edge', { annotations, addresses: [ADDRESSES[cluster]] });
    director.onPicture(picture(cluster, edge, route('web', asked.get(cluster) ?? [])));
  };
  const probe = (director: DirectorControl, monitors: readonly Monitor[]): void => {
    for (const { id, address } of monitors) {
      const failed = { kind: 'failure', failure: 'refused', detail: '' } as const;
      const outcome = dead.has(address) ? failed : ({ kind: 'success' } as const);
      director.onProbe({ monitor: id, at: clock.now(), durationMs: 1, outcome });
    }
  };
  const start = async (): Promise<void> => {
    const onSnapshot = onStart?.(() => director, clock);
    const director: DirectorControl = createDirector({
      declaration: {
        ...declare({ clusters: CLUSTERS.map((name) => clusterSpec(name, COUNTRIES[name])) }),
        monitors: [ERRORS],
      },
      clock,
      store: { save: async () => undefined },
      drillStore: {
        async save(drills) {
          if (diskState === 'hangs') await goOn.promise;
          if (diskState === 'fails') throw new Error('the disk is full');
          saved = drills;
          saves.push(drills);
        },
      },
      ...(safety === undefined ? {} : { safety }),
      places: EMPTY_PLACES,
      watch: () => undefined,
      onPublish: ({ snapshot }) => onSnapshot?.(snapshot),
    });
    director.hold();
    director.restoreDrills(saved);
    for (const cluster of CLUSTERS) draw(director, cluster);
    director.prepare();
    probe(director, director.snapshot().model.monitors);
    director.flush();
    probe(director, director.snapshot().model.monitors);
    let cancel = (): void => {};
    const again = (): void => {
      probe(director, director.snapshot().model.monitors);
      cancel = clock.after(PROBE_MS, again);
    };
    cancel = clock.after(PROBE_MS, again);
    running = { director, cancel: () => cancel() };
    await clock.advance(100);
  };
  const stop = (): void => {
    running.cancel();
    running.director.close();
  };
  await start();
  return {
    clock,
    director: () => running.director,
    saved: () => saved,
    saves: () => saves,
    kill: (cluster) => void dead.add(ADDRESSES[cluster]),
    revive: (cluster) => void dead.delete(ADDRESSES[cluster]),
    ask(cluster, hostnames) {
      asked.set(cluster, hostnames);
      draw(running.director, cluster);
    },
    async restart(on = saved) {
      stop();
      saved = on;
      saves = [];
      await start();
    },
    disk(state) {
      diskState = state;
      if (state === 'hangs') goOn = Promise.withResolvers();
      else goOn.resolve();
    },
    drill: (name) => running.director.drills.list().find(({ spec }) => spec.name === name),
    shares(hostname = SHOP) {
      const all = [...shares(running.director.snapshot(), hostname)];
      return Object.fromEntries(all.map(([cluster, share]) => [cluster, Math.round(share * 100)]));
    },
    close: stop,
  };
}

/** A drill of the cluster `eu` for ten minutes, where nothing else is said. */
export function specOf(parts: Partial<DrillSpec> = {}): DrillSpec {
  return {
    name: 'd',
    scope: { clusters: ['eu'] },
    action: { kind: 'drain' },
    lengthMs: 600_000,
    abort: { noEndpoint: 'abort', capacity: 'abort', healthyShare: 0, monitors: [] },
    reason: 'test',
    ...parts,
  };
}

/** All three clusters alike. */
export const ALIKE = { eu: 33, jp: 33, us: 33 };
/** Without `eu`. */
export const WITHOUT_EU = { jp: 50, us: 50 };
