import type { Location } from './core/desired/area.ts';
import type { Desire } from './core/desired/desire.ts';
import { isEqual } from './core/desired/equal.ts';
import type { Finding } from './core/desired/finding.ts';
import { createLocatedDesire } from './core/desired/located-desire.ts';
import type { Pin } from './core/desired/maps/pin.ts';
import { createMigrate, type Migrate } from './core/desired/migration/migrate.ts';
import type { ClusterSpec, Declaration, Model, Monitor, MonitorId } from './core/desired/model.ts';
import type { Picture } from './core/desired/picture.ts';
import type { Resolutions } from './core/desired/resolution.ts';
import { nextSerial } from './core/desired/serial.ts';
import { type Books, createBooks } from './core/drill/books.ts';
import type { Drills } from './core/drill/drill.ts';
import type { DrillBook } from './core/drill/drill-book.ts';
import { asDrilled } from './core/drill/effects.ts';
import type { BreakerOptions } from './core/health/breaker-terms.ts';
import type { GaugeReading } from './core/health/external-gauge.ts';
import { takePush } from './core/health/external-push.ts';
import type { StateChange } from './core/health/health-book.ts';
import type { HealthMemory } from './core/health/health-memory.ts';
import type { ProbeResult } from './core/health/monitor-health.ts';
import type { PaceChange } from './core/health/pace.ts';
import { createTimedBook, type TimedBook } from './core/health/timed-book.ts';
import type { Overrides } from './core/orders/override.ts';
import type { SafetyRules } from './core/plan/safety.ts';
import type { Clock, Director, DrillStore, FailbackOrder, OverrideStore, Refusal, RolloutStore } from './core/ports.ts';
import type { Rollouts } from './core/rollout/rollout.ts';
import type { RolloutBook } from './core/rollout/rollout-book.ts';
import { compile } from './core/snapshot/compile.ts';
import type { PlaceTable } from './core/snapshot/place-table.ts';
import type { Snapshot } from './core/snapshot/snapshot.ts';
import { knows, type OrderBook, unknownCluster } from './core/steering/order-book.ts';
import { monitorsOfCluster } from './core/steering/watched-by.ts';

/** Changes that come within this time of each other are one new snapshot, in ms. */
const COALESCE_MS = 20;

/** Longest wait for what is due by the clock on the wall, in ms: it may be set, or the machine may sleep. */
const LONGEST_WAIT_MS = 60_000;

/** What the director tells of a new snapshot. Times in ms; the cause is the oldest event that the snapshot holds. */
export type Publication = {
  readonly snapshot: Snapshot;
  readonly compileMs: number;
  readonly causeToAnswerMs: number;
};

/** What the director needs. */
export type DirectorOptions = {
  readonly declaration: Declaration;
  readonly clock: Clock;
  readonly store: Pick<OverrideStore, 'save'>;
  /** Absent: rollouts do not survive a restart. */
  readonly rolloutStore?: Pick<RolloutStore, 'save'>;
  /** Absent: drills do not survive a restart. */
  readonly drillStore?: Pick<DrillStore, 'save'>;
  /** What drills must not do; absent: the defaults. */
  readonly safety?: SafetyRules;
  /** The places until the first real table comes. */
  readonly places: PlaceTable;
  /** Told of the monitors whenever they are others. */
  readonly watch: (monitors: readonly Monitor[]) => void;
  /** Told of the names to resolve whenever they are others. */
  readonly resolve?: (names: readonly string[]) => void;
  /** Told of the pins whenever they are others; they act where the places know them. */
  readonly pin?: (pins: readonly Pin[]) => void;
  readonly onPublish?: (publication: Publication) => void;
  readonly onStateChange?: (change: StateChange) => void;
  /** When the prober is not believed. Absent: it always is. */
  readonly breaker?: Omit<BreakerOptions, 'model'>;
  /** What is remembered of monitors over a restart. Absent: nothing. */
  readonly memory?: HealthMemory | undefined;
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
  /** The prober looks at these monitors more or less often from now on. */
  onPace(changes: readonly PaceChange[]): void;
  /** What the names of the model lead to now. */
  onResolutions(resolutions: Resolutions): void;
  onPlaces(table: PlaceTable): void;
  /** Replaces the findings of one room. */
  report(room: string, findings: readonly Finding[]): void;
  /** Takes over saved overrides, before the start. */
  restore(overrides: Overrides): void;
  restoreRollouts(rollouts: Rollouts): void;
  restoreDrills(drills: Drills): void;
  /** What drills do, and where it is told what is seen of them from outside. */
  readonly drillBook: Pick<DrillBook, 'effects' | 'note' | 'keepShares'>;
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
  readonly overrides: OrderBook;
  readonly drills: DrillBook;
  /** Pictures that came while a drill cut off their clusters: the last of each. */
  readonly unseen: Map<string, Picture>;
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
    onStateChange(change) {
      drills.onStateChange(change);
      options.onStateChange?.(change);
    },
    memory: options.memory,
    breaker: options.breaker && { ...options.breaker, model: () => state.model },
  });
  const { rollouts, overrides, drills, control } = newBooks(options, beliefs, () => state);
  const state = initialState(options, { beliefs, rollouts, overrides, drills });
  return {
    snapshot: () => state.current,
    findings: () => [...state.model.findings, ...[...state.reports.values()].flat()],
    health: () => beliefs.published,
    overrides: overrides.current,
    orders: overrides,
    drain: overrides.drain,
    undrain: overrides.undrain,
    rollouts,
    drills: control,
    drillBook: drills,
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
    onPace: (changes) => beliefs.pace(changes),
    onClusters: (clusters) => takeClusters(state, clusters),
    onPicture: (picture) => takePicture(state, picture),
    onProbe: (result) => beliefs.take(asDrilled(result, drills.effects())),
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
      overrides.restore(saved);
      mark(state, 'answers');
    },
    restoreRollouts: (saved) => rollouts.restore(saved),
    restoreDrills: (saved) => drills.restore(saved),
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
      drills.close();
      state.pending = 'nothing';
    },
  };
}

function newBooks(options: DirectorOptions, beliefs: TimedBook, state: () => State): Books {
  const { clock, declaration, safety, store, rolloutStore, drillStore } = options;
  return createBooks({
    clock,
    declaration,
    safety,
    beliefs,
    clusters: () => state().declaration.clusters,
    written: () => state().model,
    current: () => state().current,
    pins: { tell: (pins) => options.pin?.(pins), known: () => state().places.pins ?? [] },
    save: {
      overrides: (all) => store.save(all),
      rollouts: async (all) => rolloutStore?.save(all),
      drills: async (all) => drillStore?.save(all),
    },
    flush: () => flush(state()),
    onDue: () => mark(state(), 'answers'),
    onChange() {
      mark(state(), 'answers');
      flush(state());
    },
  });
}

type Begun = Pick<State, 'beliefs' | 'rollouts' | 'overrides' | 'drills'>;

function initialState(options: DirectorOptions, books: Begun): State {
  const now = options.clock.now();
  const { declaration } = options;
  const regions = new Map<string, Location>();
  const desire = createLocatedDesire(declaration, regions);
  const model = desire([]);
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
    unseen: new Map(),
    reports: new Map(),
    resolutions: new Map(),
    ...books,
    model,
    watched: undefined,
    places: options.places,
    serial,
    current: compile({ model, health, places: options.places, serial, now }),
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
  const { beliefs, rollouts, overrides, drills, places, serial } = state;
  const changed = beliefs.publish();
  const health = beliefs.published;
  overrides.review();
  drills.review();
  rollouts.review();
  const model = rollouts.lay(overrides.lay(state.model, drills.effects().orders));
  state.current = compile({ model, health, places, serial, now: clock.now() }, state.current, changed);
  wakeAt(state, Math.min(state.current.changesAt, overrides.changesAt()));
  lookAgain(state);
  const compileMs = performance.now() - started;
  onPublish?.({ snapshot: state.current, compileMs, causeToAnswerMs: clock.now() - state.pendingSince });
}

/** A picture of a cluster that a drill cuts off is not seen before that ends. */
function takePicture(state: State, picture: Picture): void {
  if (!knows(state.declaration.clusters, picture.cluster)) return;
  if (state.drills.effects().blinded.has(picture.cluster)) {
    state.unseen.set(picture.cluster, picture);
    return;
  }
  state.pictures.set(picture.cluster, { raw: picture, said: state.migrate(picture) });
  mark(state, 'model');
}

function lookAgain(state: State): void {
  for (const [cluster, picture] of state.unseen) {
    if (state.drills.effects().blinded.has(cluster)) continue;
    state.unseen.delete(cluster);
    takePicture(state, picture);
  }
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
  state.beliefs.heed(state.model);
  const { monitors, calculated } = state.model;
  const { watched } = state;
  // Other clusters, and with them other capacities, come with other lists.
  if (watched?.monitors === monitors && watched.calculated === calculated) return;
  state.watched = state.model;
  state.beliefs.watch(monitors, state.model);
  if (watched?.monitors !== monitors) watch(monitors);
}

/** Timed drains and orders begin and end without an event from outside. */
function wakeAt(state: State, at: number): void {
  state.cancelWake?.();
  state.cancelWake = undefined;
  if (at === Number.POSITIVE_INFINITY) return;
  const { clock } = state.options;
  const wait = Math.min(Math.max(0, at - clock.now()), LONGEST_WAIT_MS);
  state.cancelWake = clock.after(wait, () => (clock.now() < at ? wakeAt(state, at) : mark(state, 'answers')));
}

/** An operator lets traffic return. Not an override: nothing is laid over what is measured, and nothing is to be saved. */
function failback(state: State, { cluster, monitor }: FailbackOrder): Refusal | readonly MonitorId[] {
  if (!knows(state.declaration.clusters, cluster)) return unknownCluster(cluster, state.declaration.clusters);
  prepare(state);
  const own = monitorsOfCluster(state.model, cluster);
  if (monitor !== undefined && !own.has(monitor)) return unknownMonitor(cluster, monitor);
  const released = state.beliefs.release(monitor === undefined ? own : [monitor]);
  flush(state);
  return released;
}

function unknownMonitor(cluster: string, monitor: MonitorId): Refusal {
  return { code: 'monitor-unknown', message: `No endpoint of ${cluster} is watched by a monitor "${monitor}".` };
}
