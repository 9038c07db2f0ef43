import { randomBytes, randomInt } from 'node:crypto';
import type { Config } from '../config/config.ts';
import type { Finding } from '../core/desired/finding.ts';
import type { Monitor, MonitorId } from '../core/desired/model.ts';
import type { DnsListener, DnsServer } from '../core/dns-ports.ts';
import type { Drill } from '../core/drill/drill.ts';
import type { BreakerTurn } from '../core/health/breaker-terms.ts';
import type { StateChange } from '../core/health/health-book.ts';
import { createIdleBook, type IdleBook } from '../core/health/idle-book.ts';
import type { Log } from '../core/log-events.ts';
import type { AddressResolver, FoundClusters, Gauges, ListenAddress, Prober } from '../core/ports.ts';
import { EMPTY_PLACES } from '../core/snapshot/empty-places.ts';
import { createDirector, type DirectorControl, type Publication } from '../director.ts';
import { createDnsTotals, type DnsTotals } from '../dns/counters.ts';
import { chooseEngine, type EngineChoice } from '../dns/native/engine.ts';
import type { WorkerSettings } from '../dns/native/orders.ts';
import { createResponder, type Responder } from '../dns/respond.ts';
import type { Lifecycle } from '../lifecycle.ts';
import { createMetrics, type Metrics } from '../metrics/registry.ts';
import type { PictureKeeper } from '../state/picture-keeper.ts';
import { type Asked, createAsked } from './asked.ts';
import { breakerOf } from './breaker.ts';
import { createDrillRecorder, type DrillRecorder } from './drills.ts';
import type { Edges } from './edges.ts';
import { createFindingNews } from './finding-news.ts';
import { createHealthKeeper, type HealthKeeper } from './health-keeper.ts';
import { keptSource } from './pictures.ts';

/** Length of the secret behind DNS cookies (RFC 9018 §4.4). */
const COOKIE_SECRET_OCTETS = 16;

/** Who is told what happens, for logs and live tables. Nothing here may throw. */
export type Observer = {
  readonly version: string;
  readonly log: Log;
  onPublish(publication: Publication): void;
  onStateChange(change: StateChange): void;
  /** Findings that are new: each is told once while it stands. */
  onFindings(findings: readonly Finding[]): void;
  /** Findings that were told and stand no more. */
  onFindingsGone?(findings: readonly Finding[]): void;
  /** The drills as they stand, whenever something of them may be another. */
  onDrills?(drills: readonly Drill[]): void;
  /** The prober is believed no more, or again; in words. */
  onBreaker?(turn: BreakerTurn, text: string): void;
};

/** The addresses that are listened on; empty until they are. */
export type Listening = { readonly dns: readonly ListenAddress[]; readonly admin: readonly ListenAddress[] };

/** The rooms of one director, built and connected. */
export type Rooms = {
  readonly config: Config;
  readonly observer: Observer;
  readonly edges: Edges;
  readonly director: DirectorControl;
  /** The clusters' source, with the saved pictures behind it. */
  readonly source: PictureKeeper;
  readonly prober: Prober;
  readonly gauges: Gauges;
  readonly resolver: AddressResolver;
  readonly counting: DnsTotals;
  /** What is asked, and from where. */
  readonly asked: Asked;
  /** Drills as clients see them. */
  readonly drillRecorder: DrillRecorder;
  /** What is remembered of monitors; absent: nothing is. */
  readonly keeper: HealthKeeper | undefined;
  /** Who is probed less often; absent: nobody ever is. */
  readonly idle: IdleBook | undefined;
  readonly engine: EngineChoice;
  /** What all responders share; the cookies' secret above all. */
  readonly settings: WorkerSettings;
  readonly dnsServers: DnsServer[];
  readonly responder: Responder;
  readonly metrics: Metrics;
  readonly monitors: Map<MonitorId, Monitor>;
  readonly startedAt: number;
  /** Tells the observer of findings that are new. */
  readonly tellNews: () => void;
  listening: Listening;
  lifecycle: Lifecycle | undefined;
};

/** Builds the rooms and hands them their ports. Nothing runs yet. */
export function buildRooms(config: Config, observer: Observer, edges: Edges): Rooms {
  const { clock } = edges;
  const monitors = new Map<MonitorId, Monitor>();
  const counting = totalsFor(config);
  const engine = chooseEngine(edges.servers === 'none' ? 'portable' : config.dns.engine);
  const dnsServers: DnsServer[] = [];
  const keeper = keeperOf(edges, (findings) => report(rooms, 'health', findings));
  const director: DirectorControl = createDirector({
    memory: keeper?.memory,
    ...directorSettings(config, edges),
    resolve: (names) => rooms.resolver.resolve(names),
    pin: (pins) => edges.places.pin(pins),
    watch(wanted) {
      replaceAll(monitors, wanted);
      prober.watch([...wanted, ...config.prober.controls]);
      idle?.keep(monitors);
      tellNews();
    },
    onPublish(publication) {
      handOut(publication, rooms);
      tellNewModel(publication.snapshot.model.findings);
    },
    onStateChange: (change) => tellChange(rooms, change),
    breaker: breakerOf(config, observer, (findings) => report(rooms, 'breaker', findings)),
  });
  const idle = config.prober.idle && createIdleBook(config.prober.idle);
  const drillRecorder = recorderOf(edges, () => rooms);
  const asked = createAsked(clock, counting.asked, () => director.snapshot());
  const { tellNews, tellNewModel } = findingNews(observer, () => director.findings());
  const prober = proberOf(edges, () => rooms);
  const source = keptSource(config, edges, (room, findings) => report(rooms, room, findings));
  source.found((found) => meetClusters(rooms, found));
  const metrics = metricsOf({ director, source, counting, engine, observer, edges }, () => rooms);
  const settings = responderSettings(config);
  const table = () => director.snapshot().table;
  const responder = createResponder({ ...settings, table, counting, now: () => clock.now(), diceStart: dice() });
  const rooms: Rooms = {
    config,
    observer,
    edges,
    director,
    source,
    prober,
    gauges: edges.gauges({ onFindings: (findings) => report(rooms, 'gauges', findings) }),
    resolver: edges.resolver(),
    counting,
    asked,
    drillRecorder,
    keeper,
    idle,
    engine,
    dnsServers,
    settings,
    responder,
    metrics,
    monitors,
    startedAt: clock.now(),
    tellNews,
    listening: { dns: [], admin: [] },
    lifecycle: undefined,
  };
  return rooms;
}

/** What was asked so far is read before another place table takes over; then DNS has the snapshot, and then it is told. */
function handOut(publication: Publication, { asked, dnsServers, metrics, drillRecorder, observer }: Rooms): void {
  const { snapshot } = publication;
  asked.onSnapshot(snapshot);
  for (const server of dnsServers) server.publish?.(snapshot);
  metrics.onPublish(publication);
  drillRecorder.onSnapshot(snapshot);
  observer.onPublish(publication);
}

function directorSettings(config: Config, { clock, store, rollouts: rolloutStore, drills: drillStore }: Edges) {
  return {
    declaration: config.declaration,
    clusters: config.clusterSecrets === undefined ? 'declared' : 'found',
    clock,
    store,
    rolloutStore,
    ...(drillStore === undefined ? {} : { drillStore }),
    safety: config.safety,
    places: EMPTY_PLACES,
  } as const;
}

/** `rooms` is asked for when there are some. */
function recorderOf({ clock }: Edges, rooms: () => Rooms): DrillRecorder {
  return createDrillRecorder({
    clock,
    director: () => rooms().director,
    counts: () => rooms().counting.read(),
    onLook: (drills) => rooms().observer.onDrills?.(drills),
  });
}

function keeperOf({ clock, health }: Edges, onFindings: (all: readonly Finding[]) => void): HealthKeeper | undefined {
  return health && createHealthKeeper({ clock, store: health, onFindings });
}

/** `rooms` is asked for when there are some. */
function proberOf(edges: Edges, rooms: () => Rooms): Prober {
  return edges.prober({
    onFindings: (findings) => report(rooms(), 'prober', findings),
    onStart: (lateMs) => rooms().metrics.onProbeStart(lateMs),
  });
}

function tellChange({ metrics, observer }: Rooms, change: StateChange): void {
  metrics.onStateChange(change);
  observer.onStateChange(change);
}

type Measured = Pick<Rooms, 'director' | 'source' | 'counting' | 'engine' | 'observer' | 'edges'>;

/** `rooms` is asked for when there are some. */
function metricsOf({ director, source, counting, engine, observer, edges }: Measured, rooms: () => Rooms): Metrics {
  return createMetrics({
    director,
    views: () => source.ages(),
    clusterViews: () => edges.source.views?.() ?? [],
    queryMix: () => rooms().asked.mix(),
    now: () => edges.clock.now(),
    dnsCounts: () => counting.read(),
    dnsListeners: () => dnsListeners(rooms()),
    readiness: () => rooms().lifecycle?.readiness() ?? [],
    build: { version: observer.version, engine: engine.engine },
  });
}

function replaceAll(monitors: Map<MonitorId, Monitor>, wanted: readonly Monitor[]): void {
  monitors.clear();
  for (const monitor of wanted) monitors.set(monitor.id, monitor);
}

function findingNews(observer: Observer, all: () => readonly Finding[]) {
  const hear = createFindingNews(
    (news) => observer.onFindings(news),
    (gone) => observer.onFindingsGone?.(gone),
  );
  let told: readonly Finding[] | undefined;
  const tellNews = (): void => hear(all());
  return {
    tellNews,
    /** Only a new model brings new findings: a flip of health has none to look for. */
    tellNewModel: (findings: readonly Finding[]): void => {
      if (findings !== told) tellNews();
      told = findings;
    },
  };
}

function meetClusters({ director, counting, tellNews }: Rooms, { clusters, findings }: FoundClusters): void {
  director.report('cluster-secrets', findings);
  director.onClusters(clusters.map((spec) => ({ ...spec, slot: counting.slotOf(spec.name) })));
  tellNews();
}

function totalsFor({ declaration: { zones, clusters }, clusterSecrets }: Config): DnsTotals {
  return createDnsTotals({
    zones: zones.map(({ apex }) => apex),
    clusters: clusters.map(({ name }) => name),
    later: clusterSecrets === undefined ? 'none' : 'some',
  });
}

function responderSettings(config: Config): WorkerSettings {
  return {
    udpSize: config.dns.udpSize,
    identity: config.dns.identity ?? '',
    cookieSecret: randomBytes(COOKIE_SECRET_OCTETS),
    tcpIdleMs: config.dns.tcpIdleMs,
  };
}

/** Who answers UDP on which address. */
export function dnsListeners({ dnsServers, listening }: Rooms): readonly DnsListener[] {
  const threaded = dnsServers.flatMap((server) => server.listeners?.() ?? []);
  return threaded.length > 0 ? threaded : listening.dns.map(portableListener);
}

function portableListener(address: ListenAddress): DnsListener {
  const workers = { starting: 0, running: 0, restarting: 0, failed: 0 };
  return { address, engine: 'portable', workers, restarts: 0, lastTrouble: undefined, socketErrors: [] };
}

/** 32 random bits. */
export function dice(): number {
  return randomInt(2 ** 32);
}

/** Replaces the findings of one room; what is new is told. */
export function report({ director, tellNews }: Rooms, room: string, findings: readonly Finding[]): void {
  director.report(room, findings);
  tellNews();
}
