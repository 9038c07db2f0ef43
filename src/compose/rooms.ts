import { randomBytes, randomInt } from 'node:crypto';
import type { Config } from '../config/config.ts';
import type { Finding } from '../core/desired/finding.ts';
import type { Monitor, MonitorId } from '../core/desired/model.ts';
import type { DnsListener, DnsServer } from '../core/dns-ports.ts';
import type { StateChange } from '../core/health/health-book.ts';
import { createIdleBook, type IdleBook } from '../core/health/idle-book.ts';
import type { AddressResolver, FoundClusters, Gauges, ListenAddress, Prober } from '../core/ports.ts';
import { EMPTY_PLACES } from '../core/snapshot/empty-places.ts';
import type { Snapshot } from '../core/snapshot/snapshot.ts';
import { createDirector, type DirectorControl, type Publication } from '../director.ts';
import { createDnsTotals, type DnsTotals } from '../dns/counters.ts';
import { chooseEngine, type EngineChoice } from '../dns/native/engine.ts';
import type { WorkerSettings } from '../dns/native/orders.ts';
import { createReceiveQueues } from '../dns/receive-queue.ts';
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
import { createIdleOrders } from './idle-orders.ts';
import type { Observer } from './observer.ts';
import { keptSource, seenAges } from './pictures.ts';
import { listenerText } from './self-watch.ts';

/** Length of the secret behind DNS cookies (RFC 9018 §4.4). */
const COOKIE_SECRET_OCTETS = 16;

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
  /** `started`: the first answers are out. What changed before waited for the start to end. */
  phase: 'starting' | 'started';
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
    watch: (wanted) => watchMonitors(rooms, wanted),
    onPublish(publication) {
      handOut(publication, rooms);
      tellNewModel(publication.snapshot);
    },
    onStateChange: (change) => tellChange(rooms, change),
    breaker: breakerOf(config, observer, (findings) => report(rooms, 'breaker', findings)),
  });
  const idle = config.prober.idle && createIdleBook(config.prober.idle);
  const drillRecorder = recorderOf(edges, () => rooms);
  const asked = createAsked(clock, counting.asked, () => director.snapshot());
  const { tellNews, tellNewModel } = findingNews(observer, () => director);
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
    phase: 'starting',
  };
  return rooms;
}

/** What the model names is probed, and what is wrong with it is told. */
function watchMonitors(rooms: Rooms, wanted: readonly Monitor[]): void {
  const { config, monitors, prober, metrics, idle, tellNews } = rooms;
  replaceAll(monitors, wanted);
  prober.watch([...wanted, ...config.prober.controls]);
  metrics.onWatch(wanted);
  idle?.keep(monitors);
  tellNews();
}

/** What was asked so far is read before another place table takes over; then DNS has the snapshot, and then it is told. */
function handOut(publication: Publication, rooms: Rooms): void {
  const { asked, dnsServers, metrics, drillRecorder, observer, phase } = rooms;
  const { snapshot } = publication;
  asked.onSnapshot(snapshot);
  for (const server of dnsServers) server.publish?.(snapshot);
  // The start's own says nothing of how fast changes are.
  if (phase === 'started') metrics.onPublish(publication);
  drillRecorder.onSnapshot(snapshot);
  observer.onPublish(publication);
}

function directorSettings(config: Config, { clock, store, rollouts: rolloutStore, drills: drillStore }: Edges) {
  return {
    declaration: config.declaration,
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
    onMissed: (slots) => rooms().metrics.onSlotsMissed(slots),
  });
}

function tellChange({ metrics, observer }: Rooms, change: StateChange): void {
  metrics.onStateChange(change);
  observer.onStateChange(change);
}

type Measured = Pick<Rooms, 'director' | 'source' | 'counting' | 'engine' | 'observer' | 'edges'>;

/** `rooms` is asked for when there are some. */
function metricsOf({ director, source, counting, engine, observer, edges }: Measured, rooms: () => Rooms): Metrics {
  const queues = createReceiveQueues();
  return createMetrics({
    director,
    views: () => seenAges(source, director),
    clusterViews: () => edges.source.views?.() ?? [],
    queryMix: () => rooms().asked.mix(),
    now: () => edges.clock.now(),
    dnsCounts: () => counting.read(),
    dnsListeners: () => dnsListeners(rooms()),
    queueDrops: async () => {
      const drops = await queues.read(rooms().listening.dns);
      return new Map(drops.map(({ address, count }) => [listenerText(address), count]));
    },
    readiness: () => rooms().lifecycle?.readiness() ?? [],
    build: { version: observer.version, engine: engine.engine },
  });
}

function replaceAll(monitors: Map<MonitorId, Monitor>, wanted: readonly Monitor[]): void {
  monitors.clear();
  for (const monitor of wanted) monitors.set(monitor.id, monitor);
}

function findingNews(observer: Observer, director: () => DirectorControl) {
  const hear = createFindingNews(
    (news) => observer.onFindings(news),
    (gone) => observer.onFindingsGone?.(gone),
  );
  let told: readonly Finding[] | undefined;
  const tellNews = (): void => hear(director().findings());
  const tellIdle = createIdleOrders(
    () => director().overrides(),
    (findings) => {
      director().report('idle-orders', findings);
      tellNews();
    },
  );
  return {
    tellNews,
    /** Only a new model, or other orders, bring new findings: a flip of health has none to look for. */
    tellNewModel: (snapshot: Snapshot): void => {
      const { findings } = snapshot.model;
      tellIdle(snapshot);
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
