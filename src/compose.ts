import { randomBytes, randomInt } from 'node:crypto';
import type { AdminLog, ProcessStatus } from './admin/app.ts';
import { type AdminServer, createAdminServer } from './admin/server.ts';
import { createTokenVerifier, loadTokens, type TokenEntry, tokenEntry } from './admin/tokens.ts';
import type { Config } from './config/config.ts';
import type { Finding } from './core/desired/finding.ts';
import type { Monitor, MonitorId } from './core/desired/model.ts';
import type { Clock, DnsCounts, DnsServer, ListenAddress, Prober } from './core/ports.ts';
import { EMPTY_PLACES } from './core/snapshot/empty-places.ts';
import { createDirector, type DirectorControl, type Publication, type StateChange } from './director.ts';
import { createDnsCounting, type DnsCounting } from './dns/counters.ts';
import { createResponder, type Responder } from './dns/respond.ts';
import { checkListener } from './dns/self-check.ts';
import { createTcpServer } from './dns/tcp.ts';
import { createUdpServer } from './dns/udp.ts';
import { type Edges, realEdges } from './edges.ts';
import { createLifecycle, type Lifecycle, type Stage, settlesWithin } from './lifecycle.ts';
import { createMetrics, type Metrics } from './metrics/registry.ts';
import { ensureAdminToken } from './state/admin-token.ts';

/** Longest wait for the first pictures of all clusters, in ms; what is missing then comes later. */
const FIRST_PICTURES_MS = 30_000;
/** Longest wait for the first probe round, in ms; what was not probed then is unseen. */
const FIRST_ROUND_MS = 15_000;

/** The only engine so far: node:dgram. */
const ENGINE = 'portable';
/** Length of the secret behind DNS cookies (RFC 9018 §4.4). */
const COOKIE_SECRET_OCTETS = 16;

/** Who is told what happens, for logs and live tables. Nothing here may throw. */
export type Observer = {
  readonly version: string;
  readonly log: AdminLog;
  onPublish(publication: Publication): void;
  onStateChange(change: StateChange): void;
  /** All findings of one room, whenever they change. */
  onFindings(findings: readonly Finding[]): void;
};

/** A composed director, not yet started. */
export type Azimuth = {
  readonly director: DirectorControl;
  readonly lifecycle: Lifecycle;
  readonly responder: Responder;
  counts(): DnsCounts;
  /** Where it listens, once it does. */
  listening(): Listening;
};

type Listening = { readonly dns: readonly ListenAddress[]; readonly admin: readonly ListenAddress[] };

/** The rooms of one director, built and connected. */
type Rooms = {
  readonly config: Config;
  readonly observer: Observer;
  readonly edges: Edges;
  readonly director: DirectorControl;
  readonly prober: Prober;
  readonly counting: DnsCounting;
  readonly responder: Responder;
  readonly metrics: Metrics;
  readonly monitors: Map<MonitorId, Monitor>;
  readonly startedAt: number;
  listening: Listening;
  lifecycle: Lifecycle | undefined;
};

/** Builds all rooms of a configuration and hands them their ports. Nothing runs before `lifecycle.start`. */
export function compose(config: Config, observer: Observer, edges: Edges = realEdges(config)): Azimuth {
  const rooms = buildRooms(config, observer, edges);
  const stages = [overridesStage(rooms), placesStage(rooms), sourcesStage(rooms), probesStage(rooms)];
  // The admin API comes first, so that it can tell what the rest is waiting for.
  const all = edges.servers === 'none' ? stages : [adminStage(rooms), ...stages, dnsStage(rooms)];
  const lifecycle = createLifecycle(all);
  rooms.lifecycle = lifecycle;
  const { director, responder, counting } = rooms;
  return { director, lifecycle, responder, counts: () => counting.read(), listening: () => rooms.listening };
}

function buildRooms(config: Config, observer: Observer, edges: Edges): Rooms {
  const { clock, store } = edges;
  const monitors = new Map<MonitorId, Monitor>();
  const counting = createDnsCounting();
  const director: DirectorControl = createDirector({
    declaration: config.declaration,
    clock,
    store,
    places: EMPTY_PLACES,
    watch(wanted) {
      monitors.clear();
      for (const monitor of wanted) monitors.set(monitor.id, monitor);
      prober.watch(wanted);
    },
    onPublish(publication) {
      metrics.onPublish(publication);
      observer.onPublish(publication);
    },
    onStateChange: (change) => observer.onStateChange(change),
  });
  const prober = edges.prober({ onFindings: (findings) => tellFindings(rooms, 'prober', findings) });
  const metrics = createMetrics({
    director,
    dnsCounts: () => counting.read(),
    readiness: () => rooms.lifecycle?.readiness() ?? [],
    build: { version: observer.version, engine: ENGINE },
  });
  const responder = createResponder({ current: director, counting, ...responderSettings(config, clock) });
  const rooms: Rooms = {
    config,
    observer,
    edges,
    director,
    prober,
    counting,
    responder,
    metrics,
    monitors,
    startedAt: clock.now(),
    listening: { dns: [], admin: [] },
    lifecycle: undefined,
  };
  return rooms;
}

function responderSettings(config: Config, clock: Clock) {
  return {
    udpSize: config.dns.udpSize,
    identity: config.dns.identity ?? '',
    cookieSecret: randomBytes(COOKIE_SECRET_OCTETS),
    tcpIdleMs: config.dns.tcpIdleMs,
    now: () => clock.now(),
    diceStart: randomInt(2 ** 32),
  };
}

function tellFindings({ director, observer }: Rooms, room: string, findings: readonly Finding[]): void {
  director.report(room, findings);
  observer.onFindings(findings);
}

function overridesStage(rooms: Rooms): Stage {
  return {
    name: 'overrides',
    waitsFor: 'the saved overrides',
    async start() {
      const { overrides, findings } = await rooms.edges.store.load();
      tellFindings(rooms, 'overrides', findings);
      rooms.director.restore(overrides);
    },
  };
}

function placesStage(rooms: Rooms): Stage {
  const { director, edges } = rooms;
  return {
    name: 'places',
    waitsFor: 'the location database',
    start: () =>
      edges.places.start((table, findings) => {
        tellFindings(rooms, 'places', findings);
        director.onPlaces(table);
      }),
    stop: () => edges.places.close(),
  };
}

function sourcesStage({ edges, director, observer }: Rooms): Stage {
  return {
    name: 'sources',
    waitsFor: 'the first view of every cluster',
    async start() {
      const started = edges.source.start((picture) => {
        director.onPicture(picture);
        observer.onFindings(picture.findings);
      });
      await settlesWithin(FIRST_PICTURES_MS, started);
    },
    stop: () => edges.source.close(),
  };
}

function probesStage({ director, prober, metrics, monitors }: Rooms): Stage {
  return {
    name: 'probes',
    waitsFor: 'the first probe round',
    async start() {
      // The model names the monitors; the answers follow when they were probed once.
      director.flush();
      prober.start((result) => {
        const monitor = monitors.get(result.monitor);
        if (monitor !== undefined) metrics.onProbe(result, monitor);
        director.onProbe(result);
      });
      await settlesWithin(FIRST_ROUND_MS, prober.firstRound());
      director.flush();
    },
    async stop() {
      await prober.close();
      director.close();
    },
  };
}

function dnsStage(rooms: Rooms): Stage {
  const { config, counting, responder, edges } = rooms;
  const servers: DnsServer[] = [];
  return {
    name: 'dns',
    waitsFor: 'the DNS listeners',
    async start() {
      const udp = createUdpServer({ listen: config.dns.listen, responder, counting });
      servers.push(udp);
      // TCP takes the ports that UDP got, also where the system chose them.
      const listen = await udp.listen();
      const { tcpIdleMs: idleMs, tcpConnections: maxConnections } = config.dns;
      const tcp = createTcpServer({ listen, responder, counting, clock: edges.clock, idleMs, maxConnections });
      servers.push(tcp);
      await tcp.listen();
      await checkOwnAnswers(config, listen);
      rooms.listening = { ...rooms.listening, dns: listen };
    },
    async stop() {
      await Promise.all(servers.map((server) => server.close()));
    },
  };
}

/** We are not ready before every listener has answered us as it would answer a client. */
async function checkOwnAnswers({ declaration }: Config, listen: readonly ListenAddress[]): Promise<void> {
  const apex = declaration.zones[0]?.apex;
  if (apex === undefined) return;
  const outcomes = await Promise.all(listen.map((address) => checkListener(address, apex)));
  const failed = outcomes.findIndex((outcome) => outcome !== 'ok');
  if (failed < 0) return;
  const { host, port } = listen[failed]!;
  throw new Error(`the DNS listener on ${host} port ${port} does not answer: ${outcomes[failed]}`);
}

function adminStage(rooms: Rooms): Stage {
  const { config, director, metrics, observer, edges } = rooms;
  let server: AdminServer | undefined;
  return {
    name: 'admin',
    waitsFor: 'the admin listener',
    async start() {
      server = createAdminServer({
        listen: config.admin.listen,
        director,
        readiness: () => rooms.lifecycle?.readiness() ?? [],
        metrics: () => metrics.render(),
        tokens: createTokenVerifier(await tokensOf(config)),
        status: () => statusOf(rooms),
        log: observer.log,
        now: () => edges.clock.now(),
        dice: () => randomInt(2 ** 32),
      });
      rooms.listening = { ...rooms.listening, admin: [await server.listen()] };
    },
    stop: async () => server?.close(),
  };
}

/** The tokens of the configured file beside the one that the state directory keeps for this machine's CLI. */
async function tokensOf({ admin, state }: Config): Promise<readonly TokenEntry[]> {
  const own = await ensureAdminToken(state.directory);
  const configured = admin.tokensFile === undefined ? [] : await loadTokens(admin.tokensFile);
  return [tokenEntry('local', 'operate', own.token), ...configured];
}

function statusOf({ observer, startedAt, listening }: Rooms): ProcessStatus {
  return { version: observer.version, startedAt, pid: process.pid, engine: ENGINE, listen: listening };
}
