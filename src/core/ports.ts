/**
 * What rooms implement. Each contract is stated here once; `src/compose/` is the only place where a port meets its room.
 * Every port's `close` is idempotent and settles within its room's bound; after it, the sink is not called again.
 */
import type { Finding } from './desired/finding.ts';
import type { Pin } from './desired/maps/pin.ts';
import type { ClusterSpec, Monitor, MonitorId } from './desired/model.ts';
import type { Picture } from './desired/picture.ts';
import type { Resolutions } from './desired/resolution.ts';
import type { Drills } from './drill/drill.ts';
import type { DrillControl, DrillControlRefusal } from './drill/drill-control.ts';
import type { BreakerView } from './health/breaker-terms.ts';
import type { ExternalStanding } from './health/external.ts';
import type { GaugeReading, GaugeStanding } from './health/external-gauge.ts';
import type { MonitorPush } from './health/external-push.ts';
import type { LoadStanding } from './health/load-standing.ts';
import type { MonitorHealth, ProbeResult } from './health/monitor-health.ts';
import type { PaceChange } from './health/pace.ts';
import type { DrainOrder, Overrides } from './orders/override.ts';
import type { Rollouts } from './rollout/rollout.ts';
import type { RolloutBook, RolloutBookRefusal } from './rollout/rollout-book.ts';
import type { PlaceTable } from './snapshot/place-table.ts';
import type { Snapshot } from './snapshot/snapshot.ts';
import type { OrderBook, OrderBookRefusal } from './steering/order-book.ts';

/** Time. `after` runs `task` once, `ms` from now, and returns what cancels it; a cancelled task never runs. */
export type Clock = {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Milliseconds since some start, on a clock that nobody sets; absent where there is none. */
  steady?(): number;
  after(ms: number, task: () => void): () => void;
};

/**
 * Clusters that a source found by itself, all of them, and what is wrong with others. They come before their first picture;
 * one that is no longer among them is gone on purpose: a source that loses its origin says nothing. `unknown`: the source
 * cannot say which there are, and never could in this run; the clusters are those of an earlier one, if any.
 */
export type FoundClusters = {
  readonly membership: 'known' | 'unknown';
  readonly clusters: readonly ClusterSpec[];
  readonly findings: readonly Finding[];
};

/**
 * A view of one or more clusters. `start` resolves when every cluster's first picture was handed over (or could not be
 * read, which is a picture with findings). Later pictures come whenever something changed; each replaces the last one of
 * its cluster. A source that loses its origin stays silent: the last picture stands.
 */
export type Source = {
  start(sink: (picture: Picture) => void): Promise<void>;
  /** Names who is told of clusters, before the start; only sources that find some have it. */
  found?(tell: (found: FoundClusters) => void): void;
  /** How it stands with its live clusters; only sources that have some tell. */
  views?(): readonly ClusterView[];
  close(): Promise<void>;
};

/**
 * How we stand with one kind of object of a live cluster. `connecting`: not asked yet. `syncing`: its first list is read.
 * `watching`: changes arrive. `retrying`: the API server does not answer; what was known stands. `missing`: the cluster
 * has no such kind. `forbidden`: we may not read it.
 */
export type ViewState = 'connecting' | 'syncing' | 'watching' | 'retrying' | 'missing' | 'forbidden';

/** Our view of one kind of object in one scope of a live cluster. */
export type KindView = {
  readonly kind: string;
  /** Empty: the whole cluster. */
  readonly namespace: string;
  /** As it is served and read, such as `gateway.networking.k8s.io/v1`. */
  readonly apiVersion: string | undefined;
  readonly state: ViewState;
  /** Why the state is not `watching`, or what happened last on the way to it. */
  readonly problem: string | undefined;
  /** When the API server last said something about it, in ms since the epoch: what we know is as of then. */
  readonly lastHeardAt: number | undefined;
  /** Objects that are known. */
  readonly objects: number;
  /** Whole lists that were read, and watches that were begun, since the start. */
  readonly lists: number;
  readonly watches: number;
};

/** Our view of one live cluster. */
export type ClusterView = {
  readonly cluster: string;
  /** That of the kind that fares worst; kinds that are missing or forbidden count only where all are. */
  readonly state: ViewState;
  /** Of the kind that was heard of longest ago; undefined while one of them never was. */
  readonly lastHeardAt: number | undefined;
  readonly kinds: readonly KindView[];
};

/** An object of a live cluster, of a kind that is watched. */
export type ClusterObject = {
  readonly kind: string;
  /** Empty for what is in no namespace. */
  readonly namespace: string;
  readonly name: string;
};

/** What stands in our status annotation of an object, as it was last seen. `unseen`: we do not see the object. */
export type SeenStatus = { readonly state: 'unseen' } | { readonly state: 'seen'; readonly status: string | undefined };

/**
 * What came of a write. `gone`: the cluster has no such object. `denied`: we may not. `rejected`: the cluster does not take
 * what we write. `failed`: no answer, or a fault of the server: worth trying again.
 */
export type WriteOutcome =
  | { readonly kind: 'done' }
  | { readonly kind: 'gone' | 'denied' | 'rejected' | 'failed'; readonly problem: string };

/** A Kubernetes Event on an object. `at` in ms since the epoch; the reason is one word in capitals. */
export type ClusterEvent = {
  readonly object: ClusterObject;
  readonly reason: string;
  readonly note: string;
  readonly at: number;
};

/**
 * Writes into live clusters, and nothing unless it is asked to. Writes settle within a bound and never reject; a cluster
 * that is not known is `gone`. An annotation is written whatever stood there; undefined takes it away. Recording an Event
 * that the cluster still has, whoever recorded it, counts it on.
 */
export type ClusterWriter = {
  readonly clusters: readonly string[];
  seenStatus(cluster: string, object: ClusterObject): SeenStatus;
  /** Objects on which a status stands. */
  statuses(cluster: string): readonly ClusterObject[];
  annotate(cluster: string, object: ClusterObject, status: string | undefined): Promise<WriteOutcome>;
  record(cluster: string, event: ClusterEvent): Promise<WriteOutcome>;
};

/**
 * Runs monitors on their intervals. `watch` replaces the whole set; a monitor in both sets keeps its rhythm. One probe
 * of a monitor is in flight at most. Results come in any order, exactly one per probe; a failing probe is a result,
 * never a throw. `pace` changes how often some of the watched are probed; a monitor keeps it while it is watched.
 * `firstRound` settles when every monitor given so far has had one result.
 */
export type Prober = {
  watch(monitors: readonly Monitor[]): void;
  pace(changes: readonly PaceChange[]): void;
  start(sink: (result: ProbeResult) => void): void;
  firstRound(): Promise<void>;
  close(): Promise<void>;
};

/**
 * Asks Prometheus servers for numbers on their intervals. Readings come in any order, exactly one per question; a question
 * without an answer is a reading, never a throw. `firstRound` settles when every number was asked for once.
 */
export type Gauges = {
  start(sink: (reading: GaugeReading) => void): void;
  firstRound(): Promise<void>;
  close(): Promise<void>;
};

/**
 * Resolves the names that Gateways give for their addresses, and again when their TTL is over. `resolve` replaces the whole
 * set; a name in both sets keeps what is known of it. The sink gets all that is known whenever something of it is new.
 * What was known of a name stays when it cannot be resolved any more. `firstRound` settles when every name given so far
 * was looked up once.
 */
export type AddressResolver = {
  resolve(names: readonly string[]): void;
  start(sink: (resolutions: Resolutions) => void): void;
  firstRound(): Promise<void>;
  close(): Promise<void>;
};

/**
 * The client places. `start` resolves after the first table was handed over; it throws only where there is no table at
 * all to begin with. A database that turns unreadable is a finding and the last table stands.
 */
export type PlaceSource = {
  start(sink: (table: PlaceTable, findings: readonly Finding[]) => void): Promise<void>;
  /**
   * Replaces the pins that are laid over the places. Before the start: the first table knows them. After it a table with them
   * comes as soon as it is made, unless the last one knows them all; what else it knows does no harm.
   */
  pin(pins: readonly Pin[]): void;
  close(): Promise<void>;
};

/** Keeps overrides over restarts. `save` resolves only when they are on stable storage. */
export type OverrideStore = {
  load(): Promise<{ readonly overrides: Overrides; readonly findings: readonly Finding[] }>;
  save(overrides: Overrides): Promise<void>;
};

/** Keeps drills over restarts, as overrides are kept. `close` settles when what is being saved is, or could not be. */
export type DrillStore = {
  load(): Promise<{ readonly drills: Drills; readonly findings: readonly Finding[] }>;
  save(drills: Drills): Promise<void>;
  close(): Promise<void>;
};

/** Keeps rollouts over restarts, as overrides are kept. `close` settles when what is being saved is, or could not be. */
export type RolloutStore = {
  load(): Promise<{ readonly rollouts: Rollouts; readonly findings: readonly Finding[] }>;
  save(rollouts: Rollouts): Promise<void>;
  close(): Promise<void>;
};

/** See there. */
export type { Audit, AuditAction, AuditEntry, AuditKind, AuditPage, AuditRecord } from './audit.ts';
/** See there. */
export type { HealthStore } from './health/health-store.ts';

/** A cluster's picture as it was saved, without findings: those belong to the source. `savedAt` in ms since the epoch. */
export type StoredPicture = { readonly picture: Picture; readonly savedAt: number };

/**
 * Keeps the last picture of each cluster over restarts. `load` never rejects; undefined where nothing usable was saved.
 * `save` returns at once and writes later, never twice what is the same; a picture that is replaced meanwhile is passed
 * over. `close` settles when what waits is written, or could not be.
 */
export type PictureStore = {
  load(cluster: string): Promise<StoredPicture | undefined>;
  save(picture: Picture): void;
  close(): Promise<void>;
};

/**
 * Where our view of a cluster comes from. `source`: from the cluster's own source, in this run. `store`: saved by an earlier
 * run; the source gave none yet. `none`: nothing is known of the cluster.
 */
export type ViewOrigin = 'source' | 'store' | 'none';

/** How old our view of a cluster is. */
export type ViewAge = {
  readonly cluster: string;
  readonly origin: ViewOrigin;
  /**
   * What we know is as of then, in ms since the epoch: when a live cluster was last heard of, when manifests were last found
   * changed, when a saved view was saved. Undefined where nothing is known.
   */
  readonly asOf: number | undefined;
};

/** An address a server listens on. */
export type ListenAddress = { readonly host: string; readonly port: number };

/** Where the readers find what is to be said now. */
export type CurrentSnapshot = { snapshot(): Snapshot };

/** One thing that must be so before Azimuth is ready. */
export type ReadinessItem = { readonly name: string; readonly state: 'ready' | 'waiting'; readonly reason: string };

/** Why a change was refused: stable codes. */
export type Refusal = {
  readonly code:
    | DrillControlRefusal['code']
    | OrderBookRefusal['code']
    | RolloutBookRefusal['code']
    | 'monitor-unknown'
    | 'monitor-not-external'
    | 'result-unfit'
    | 'expires-too-late';
  readonly message: string;
};

/** Traffic is to return to what is held of a cluster, or of one of its monitors. */
export type FailbackOrder = { readonly cluster: string; readonly monitor?: MonitorId };

/** What the admin API, the metrics and the live table see of the director. */
export type Director = CurrentSnapshot & {
  findings(): readonly Finding[];
  /** As of the current snapshot: verdicts of the last milliseconds may be missing. */
  health(): ReadonlyMap<MonitorId, MonitorHealth>;
  overrides(): Overrides;
  /** Resolves when the change is on stable storage and in the answers, or with the refusal. */
  drain(order: DrainOrder, mode: 'guarded' | 'forced'): Promise<Refusal | 'done'>;
  undrain(cluster: string): Promise<Refusal | 'done'>;
  readonly orders: Pick<OrderBook, 'put' | 'clear'>;
  readonly rollouts: Pick<RolloutBook, 'list' | 'start' | 'order'>;
  readonly drills: DrillControl;
  /** Ends the holds and returns the monitors that were held; that is in the answers then. */
  failback(order: FailbackOrder): Refusal | readonly MonitorId[];
  /** Whether the prober is believed, and how many verdicts wait for that. */
  breaker(): BreakerView;
  /** Believes the prober from now on; that is in the answers then. `trusting`: it was believed. */
  closeBreaker(): 'closed' | 'trusting';
  /** Takes a result; it is in the answers within the time that changes are collected. Returns how the monitor stands now. */
  push(result: MonitorPush): Refusal | ExternalStanding | LoadStanding;
  /** How the monitors stand whose results are pushed; one without an entry never was. */
  pushed(): ReadonlyMap<MonitorId, ExternalStanding>;
  /** How the monitors stand that are numbers of a Prometheus server; one without an entry was never asked for. */
  gauges(): ReadonlyMap<MonitorId, GaugeStanding>;
  /** How the loads of clusters stand, by the monitor that tells them; one without an entry was never told. */
  loads(): ReadonlyMap<MonitorId, LoadStanding>;
};
