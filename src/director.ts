import type { Location } from './core/desired/area.ts';
import type { Desire } from './core/desired/desire.ts';
import { isEqual } from './core/desired/equal.ts';
import type { Finding } from './core/desired/finding.ts';
import { createLocatedDesire } from './core/desired/located-desire.ts';
import { createMigrate, type Migrate } from './core/desired/migration/migrate.ts';
import type { ClusterSpec, Declaration, Model, Monitor, MonitorId } from './core/desired/model.ts';
import type { Picture } from './core/desired/picture.ts';
import type { Resolutions } from './core/desired/resolution.ts';
import { nextSerial } from './core/desired/serial.ts';
import type { BreakerOptions } from './core/health/breaker-terms.ts';
import type { GaugeReading } from './core/health/external-gauge.ts';
import { takePush } from './core/health/external-push.ts';
import type { StateChange } from './core/health/health-book.ts';
import type { ProbeResult } from './core/health/monitor-health.ts';
import type { Overrides } from './core/health/override.ts';
import { createTimedBook, type TimedBook } from './core/health/timed-book.ts';
import type { Clock, Director, FailbackOrder, OverrideStore, Refusal, RolloutStore } from './core/ports.ts';
import type { Rollouts } from './core/rollout/rollout.ts';
import { createRolloutBook, type RolloutBook } from './core/rollout/rollout-book.ts';
import { compile } from './core/snapshot/compile.ts';
import type { PlaceTable } from './core/snapshot/place-table.ts';
import type { Snapshot } from './core/snapshot/snapshot.ts';
import { createOverrideBook, knows, type OverrideBook, unknownCluster } from './core/steering/override-book.ts';

/** Changes that come within this time of each other are one new snapshot, in ms. */
const COALESCE_MS = 20;

/** Longest wait that timers take, in ms; after it the director looks again. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** What the director tells of a new snapshot. Times in ms; the cause is the oldest event that the snapshot holds. */
export type Publication = {
  readonly snapshot: Snapshot;
  readonly compileMs: number;
  readonly causeToAnswerMs: number;
};

/** What the director needs. */
export type DirectorOptions = {
  readonly declaration: Declaration;
  /** `found`: others than the declared clusters may come, so that what is said of unknown ones is kept. Default `declared`. */
  readonly clusters?: 'declared' | 'found';
  readonly clock: Clock;
  readonly store: Pick<OverrideStore, 'save'>;
  /** Absent: rollouts do not survive a restart. */
  readonly rolloutStore?: Pick<RolloutStore, 'save'>;
  /** The places until the first real table comes. */
  readonly places: PlaceTable;
  /** Told of the monitors whenever they are others. */
  readonly watch: (monitors: readonly Monitor[]) => void;
  /** Told of the names to resolve whenever they are others. */
  readonly resolve?: (names: readonly string[]) => void;
  readonly onPublish?: (publication: Publication) => void;
  readonly onStateChange?: (change: StateChange) => void;
  /** When the prober is not believed. Absent: it always is. */
  readonly breaker?: Omit<BreakerOptions, 'model'>;
};

/** The director with its entrances: rooms tell it what happened, it alone decides what is said. */
export type DirectorControl = Director & {
  /** Replaces the clusters beside the declared ones; with one that is gone goes its picture, and nothing of the others. */
  onClusters(clusters: readonly ClusterSpec[]): void;
  /** Pictures of clusters that are not known are passed over. */
  onPicture(picture: Picture): void;
  onProbe(result: ProbeResult): void;
  /** A result of a control target, which is nobody's endpoint. */
  onControl(result: ProbeResult): void;
  onGauge(reading: GaugeReading): void;
  /** What the names of the model lead to now. */
  onResolutions(resolutions: Resolutions): void;
  onPlaces(table: PlaceTable): void;
  /** Replaces the findings of one room. */
  report(room: string, findings: readonly Finding[]): void;
  /** Takes over saved overrides, before the start. */
  restore(overrides: Overrides): void;
  restoreRollouts(rollouts: Rollouts): void;
  /** From now on events are collected and nothing is published until `flush`: for the start, when all comes at once. */
  hold(): void;
  /** Brings the model up to date, and with it whom to probe and resolve; the answers wait for `flush`. */
  prepare(): void;
  /** Publishes what is pending at once, and from then on whatever comes. */
  flush(): void;
  close(): void;
};

type State = {
  readonly options: DirectorOptions;
  /** With the clusters that were found. */
  declaration: Declaration;
  /** Remembers the pictures that it was given last. */
  desire: Desire;
  migrate: Migrate;
  /** Where nodes are, by cluster. */
  readonly regions: Map<string, Location>;
  /** Of each cluster the picture as it came, and as it is said in our words. */
  readonly pictures: Map<string, { readonly raw: Picture; readonly said: Picture }>;
  readonly reports: Map<string, readonly Finding[]>;
  resolutions: Resolutions;
  /** What it publishes is what the current snapshot was made of: `flush` alone has it published. */
  readonly beliefs: TimedBook;
  readonly rollouts: RolloutBook;
  readonly overrides: OverrideBook;
  model: Model;
  /** Whose monitors are watched. */
  watched: Pick<Model, 'monitors' | 'calculated'> | undefined;
  places: PlaceTable;
  serial: number;
  /** The one mutable cell that others read. */
  current: Snapshot;
  pending: 'nothing' | 'answers' | 'model';
  /** Whether events publish by themselves. */
  publishing: 'held' | 'free';
  pendingSince: number;
  cancelFlush: (() => void) | undefined;
  cancelWake: (() => void) | undefined;
};

/**
 * The single writer. Events come in, the core runs, the current snapshot is swapped. Many events within `COALESCE_MS`
 * are one swap.
 */
export function createDirector(options: DirectorOptions): DirectorControl {
  const beliefs = createTimedBook(options.clock, {
    onNews: () => mark(state, 'answers'),
    onStateChange: options.onStateChange,
    breaker: options.breaker && { ...options.breaker, model: () => state.model },
  });
  const rollouts = newRollouts(options, beliefs, () => state);
  const overrides = newOverrides(options, beliefs, () => state);
  const state = initialState(options, { beliefs, rollouts, overrides });
  return {
    snapshot: () => state.current,
    findings: () => [...state.model.findings, ...[...state.reports.values()].flat()],
    health: () => beliefs.published,
    overrides: overrides.current,
    drain: overrides.drain,
    undrain: overrides.undrain,
    rollouts,
    failback: (order) => failback(state, order),
    breaker: () => beliefs.breaker(),
    closeBreaker() {
      const done = beliefs.closeBreaker();
      flush(state);
      return done;
    },
    push: (result) => takePush(result, options.declaration.monitors, beliefs),
    pushed: () => beliefs.pushed,
    gauges: () => beliefs.gauges,
    loads: () => beliefs.loads,
    onGauge: (reading) => beliefs.read(reading),
    onClusters: (clusters) => takeClusters(state, clusters),
    onPicture(picture) {
      if (!knows(state.declaration.clusters, picture.cluster)) return;
      state.pictures.set(picture.cluster, { raw: picture, said: state.migrate(picture) });
      mark(state, 'model');
    },
    onProbe: (result) => beliefs.take(result),
    onControl: (result) => beliefs.control(result),
    onResolutions(resolutions) {
      state.resolutions = resolutions;
      mark(state, 'model');
    },
    onPlaces(table) {
      state.places = table;
      mark(state, 'answers');
    },
    report: (room, findings) => void state.reports.set(room, findings),
    restore(saved) {
      overrides.restore(saved, options.clusters === 'found' ? 'all' : 'known');
      mark(state, 'answers');
    },
    restoreRollouts: (saved) => rollouts.restore(saved),
    hold() {
      state.publishing = 'held';
      // Named monitors are there before the first picture.
      if (options.declaration.monitors !== undefined) mark(state, 'model');
    },
    prepare: () => prepare(state),
    flush: () => flush(state),
    close() {
      state.cancelFlush?.();
      state.cancelWake?.();
      beliefs.close();
      rollouts.close();
      state.pending = 'nothing';
    },
  };
}

function newRollouts(options: DirectorOptions, beliefs: TimedBook, state: () => State): RolloutBook {
  return createRolloutBook({
    ...options,
    model: () => state().model,
    health: () => beliefs.published,
    save: async (all) => options.rolloutStore?.save(all),
    onDue: () => mark(state(), 'answers'),
    onChange() {
      mark(state(), 'answers');
      flush(state());
    },
  });
}

function newOverrides({ clock, store }: DirectorOptions, beliefs: TimedBook, state: () => State): OverrideBook {
  return createOverrideBook({
    now: () => clock.now(),
    clusters: () => state().declaration.clusters,
    world() {
      flush(state());
      return { model: state().model, health: beliefs.published };
    },
    save: (all) => store.save(all),
    onChange() {
      mark(state(), 'answers');
      flush(state());
    },
  });
}

type Books = Pick<State, 'beliefs' | 'rollouts' | 'overrides'>;

function initialState(options: DirectorOptions, books: Books): State {
  const now = options.clock.now();
  const { declaration } = options;
  const regions = new Map<string, Location>();
  const desire = createLocatedDesire(declaration, regions);
  const model = desire([]);
  const overrides = books.overrides.current();
  const serial = nextSerial(0, now / 1000);
  const health = books.beliefs.published;
  // Results may be pushed before the first picture is there.
  books.beliefs.watch(model.monitors, model);
  return {
    options,
    declaration,
    desire,
    migrate: createMigrate(declaration),
    regions,
    pictures: new Map(),
    reports: new Map(),
    resolutions: new Map(),
    ...books,
    model,
    watched: undefined,
    places: options.places,
    serial,
    current: compile({ model, health, overrides, places: options.places, serial, now }),
    pending: 'nothing',
    publishing: 'free',
    pendingSince: now,
    cancelFlush: undefined,
    cancelWake: undefined,
  };
}

function mark(state: State, what: 'answers' | 'model'): void {
  const { clock } = state.options;
  if (state.pending === 'nothing') state.pendingSince = clock.now();
  if (state.pending !== 'model') state.pending = what;
  if (state.publishing === 'free') state.cancelFlush ??= clock.after(COALESCE_MS, () => flush(state));
}

function prepare(state: State): void {
  if (state.pending !== 'model') return;
  rebuildModel(state);
  state.pending = 'answers';
}

function flush(state: State): void {
  // Nothing that is due by now waits for its own timer.
  state.beliefs.advance();
  state.cancelFlush?.();
  state.cancelFlush = undefined;
  state.publishing = 'free';
  if (state.pending === 'nothing') return;
  const { clock, onPublish } = state.options;
  const started = performance.now();
  prepare(state);
  state.pending = 'nothing';
  const { beliefs, rollouts, places, serial } = state;
  const overrides = state.overrides.current();
  const changed = beliefs.publish();
  const health = beliefs.published;
  rollouts.review();
  const model = rollouts.lay(state.model);
  state.current = compile({ model, health, overrides, places, serial, now: clock.now() }, state.current, changed);
  wakeAt(state, state.current.changesAt);
  const compileMs = performance.now() - started;
  onPublish?.({ snapshot: state.current, compileMs, causeToAnswerMs: clock.now() - state.pendingSince });
}

function takeClusters(state: State, found: readonly ClusterSpec[]): void {
  const { declaration } = state.options;
  const clusters = Object.freeze([...declaration.clusters, ...found]);
  // Everything is made anew: not for a finding about another Secret.
  if (isEqual(clusters, state.declaration.clusters)) return;
  state.declaration = { ...declaration, clusters };
  state.desire = createLocatedDesire(state.declaration, state.regions);
  // Other systems' annotations name clusters.
  state.migrate = createMigrate(state.declaration);
  for (const [cluster, { raw }] of state.pictures) {
    if (knows(state.declaration.clusters, cluster)) state.pictures.set(cluster, { raw, said: state.migrate(raw) });
    else state.pictures.delete(cluster);
  }
  for (const cluster of state.regions.keys())
    if (!knows(state.declaration.clusters, cluster)) state.regions.delete(cluster);
  mark(state, 'model');
}

function rebuildModel(state: State): void {
  const { clock, watch } = state.options;
  const before = state.model;
  state.model = state.desire(
    [...state.pictures.values()].map(({ said }) => said),
    state.resolutions,
  );
  if (state.model.lookups !== before.lookups) state.options.resolve?.(state.model.lookups);
  if (state.model.hostnames !== before.hostnames) state.serial = nextSerial(state.serial, clock.now() / 1000);
  const { monitors, calculated } = state.model;
  const { watched } = state;
  // Other clusters, and with them other capacities, come with other lists.
  if (watched?.monitors === monitors && watched.calculated === calculated) return;
  state.watched = state.model;
  state.beliefs.watch(monitors, state.model);
  if (watched?.monitors !== monitors) watch(monitors);
}

/** Timed drains begin and end without an event from outside. */
function wakeAt(state: State, at: number): void {
  state.cancelWake?.();
  state.cancelWake = undefined;
  if (at === Number.POSITIVE_INFINITY) return;
  const { clock } = state.options;
  const wait = Math.min(Math.max(0, at - clock.now()), LONGEST_TIMER_MS);
  state.cancelWake = clock.after(wait, () => mark(state, 'answers'));
}

/** An operator lets traffic return. Not an override: nothing is laid over what is measured, and nothing is to be saved. */
function failback(state: State, { cluster, monitor }: FailbackOrder): Refusal | readonly MonitorId[] {
  if (!knows(state.declaration.clusters, cluster)) return unknownCluster(cluster, state.declaration.clusters);
  prepare(state);
  const watched = state.model.hostnames.flatMap(({ endpoints }) =>
    endpoints.flatMap((each) => (each.cluster === cluster ? [each.monitor] : [])),
  );
  const own = new Set(watched);
  own.delete('unchecked');
  // What is made of others stands for them: it is they who are held.
  for (const { id, members } of state.model.calculated?.toReversed() ?? []) {
    if (own.has(id)) for (const member of members) own.add(member);
  }
  if (monitor !== undefined && !own.has(monitor)) return unknownMonitor(cluster, monitor);
  const released = state.beliefs.release(monitor === undefined ? own : [monitor]);
  flush(state);
  return released;
}

function unknownMonitor(cluster: string, monitor: MonitorId): Refusal {
  return { code: 'monitor-unknown', message: `No endpoint of ${cluster} is watched by a monitor "${monitor}".` };
}
