/**
 * What rooms implement. Each contract is stated here once; `src/compose/` is the only place where a port meets its room.
 * Every port's `close` is idempotent and settles within its room's bound; after it, the sink is not called again.
 */
import type { Finding } from './desired/finding.ts';
import type { Monitor, MonitorId } from './desired/model.ts';
import type { Picture } from './desired/picture.ts';
import type { MonitorHealth, ProbeResult } from './health/monitor-health.ts';
import type { DrainOverride, Overrides } from './health/override.ts';
import type { PlaceTable } from './snapshot/place-table.ts';
import type { Snapshot } from './snapshot/snapshot.ts';

/** Time. `after` runs `task` once, `ms` from now, and returns what cancels it; a cancelled task never runs. */
export type Clock = {
  /** Milliseconds since the epoch. */
  now(): number;
  after(ms: number, task: () => void): () => void;
};

/**
 * A view of one or more clusters. `start` resolves when every cluster's first picture was handed over (or could not be
 * read, which is a picture with findings). Later pictures come whenever something changed; each replaces the last one of
 * its cluster. A source that loses its origin stays silent: the last picture stands.
 */
export type Source = {
  start(sink: (picture: Picture) => void): Promise<void>;
  close(): Promise<void>;
};

/**
 * Runs monitors on their intervals. `watch` replaces the whole set; a monitor in both sets keeps its rhythm. One probe
 * of a monitor is in flight at most. Results come in any order, exactly one per probe; a failing probe is a result,
 * never a throw. `firstRound` settles when every monitor given so far has had one result.
 */
export type Prober = {
  watch(monitors: readonly Monitor[]): void;
  start(sink: (result: ProbeResult) => void): void;
  firstRound(): Promise<void>;
  close(): Promise<void>;
};

/**
 * The client places. `start` resolves after the first table was handed over; it throws only where there is no table at
 * all to begin with. A database that turns unreadable is a finding and the last table stands.
 */
export type PlaceSource = {
  start(sink: (table: PlaceTable, findings: readonly Finding[]) => void): Promise<void>;
  close(): Promise<void>;
};

/** Keeps overrides over restarts. `save` resolves only when they are on stable storage. */
export type OverrideStore = {
  load(): Promise<{ readonly overrides: Overrides; readonly findings: readonly Finding[] }>;
  save(overrides: Overrides): Promise<void>;
};

/** An address a server listens on. */
export type ListenAddress = { readonly host: string; readonly port: number };

/**
 * A DNS server on some transport. It reads `snapshot()` for each batch and keeps nothing of it in between; one that
 * answers in threads of its own is told by `publish` instead. `listen` rejects with the system's error where an address
 * cannot be bound.
 */
export type DnsServer = {
  listen(): Promise<readonly ListenAddress[]>;
  /** Hands the new snapshot to the threads. Returns at once; what is asked after it gets the new answers. */
  publish?(snapshot: Snapshot): void;
  close(): Promise<void>;
};

/** Where the readers find what is to be said now. */
export type CurrentSnapshot = { snapshot(): Snapshot };

/** One thing that must be so before Azimuth is ready. */
export type ReadinessItem = { readonly name: string; readonly state: 'ready' | 'waiting'; readonly reason: string };

/** Why a change was refused: stable codes. */
export type Refusal = {
  readonly code: 'cluster-unknown' | 'drain-leaves-none' | 'not-saved';
  readonly message: string;
};

/** What the admin API, the metrics and the live table see of the director. */
export type Director = CurrentSnapshot & {
  findings(): readonly Finding[];
  /** As of the current snapshot: verdicts of the last milliseconds may be missing. */
  health(): ReadonlyMap<MonitorId, MonitorHealth>;
  overrides(): Overrides;
  /** Resolves when the change is on stable storage and in the answers, or with the refusal. */
  drain(order: DrainOverride, mode: 'guarded' | 'forced'): Promise<Refusal | 'done'>;
  undrain(cluster: string): Promise<Refusal | 'done'>;
};

/** What carried a query. */
export type DnsTransport = 'udp' | 'tcp';

/** Question types that are counted apart; the rest is `other`. */
export type CountedType =
  | 'A'
  | 'NS'
  | 'CNAME'
  | 'SOA'
  | 'MX'
  | 'TXT'
  | 'AAAA'
  | 'SRV'
  | 'DS'
  | 'CAA'
  | 'HTTPS'
  | 'ANY'
  | 'other';

/**
 * Why a message got no answer. `short`: under 12 octets. `oversize`: a datagram longer than we say we take.
 * `response`: QR was set. `source-port`: from port 0. `busy`: too many sends under way. `send-failed`: the system
 * refused the send.
 */
export type DropReason = 'short' | 'oversize' | 'response' | 'source-port' | 'busy' | 'send-failed';

/** Why a TCP connection ended. `slow`: did not take its answers. `evicted`: the longest idle made room for a new one. */
export type TcpCloseReason = 'client' | 'idle' | 'slow' | 'evicted' | 'malformed' | 'error' | 'shutdown';

/** A reading of the DNS servers' counters since the start of the process. Series that are 0 may be left out. */
export type DnsCounts = {
  readonly responses: readonly {
    readonly transport: DnsTransport;
    /** Mnemonic in capitals (`NOERROR`, `BADVERS`); `RCODE<n>` where there is none. */
    readonly rcode: string;
    readonly count: number;
  }[];
  /** Queries with one question, by its type. */
  readonly queries: readonly { readonly transport: DnsTransport; readonly type: CountedType; readonly count: number }[];
  /** Answers by apex of the zone. */
  readonly zones: readonly { readonly zone: string; readonly count: number }[];
  /** Steered answers by the name of the first cluster in them. */
  readonly clusters: readonly { readonly cluster: string; readonly count: number }[];
  /** Responses with TC set. */
  readonly truncated: number;
  readonly dropped: readonly { readonly reason: DropReason; readonly count: number }[];
  readonly tcp: {
    /** Connections open now. */
    readonly open: number;
    readonly accepted: number;
    readonly closed: readonly { readonly reason: TcpCloseReason; readonly count: number }[];
  };
};

/** Where the metrics read what the DNS servers did. */
export type DnsCounters = { read(): DnsCounts };
