import type { ProcessStatus } from '../admin/app.ts';
import { type FollowedTokens, followTokens } from '../admin/followed-tokens.ts';
import { type AdminServer, createAdminServer } from '../admin/server.ts';
import { createTokenVerifier, type TokenEntry, tokenEntry } from '../admin/tokens.ts';
import type { Config } from '../config/config.ts';
import type { Finding } from '../core/desired/finding.ts';
import type { DnsServer } from '../core/dns-ports.ts';
import type { Events } from '../core/events.ts';
import type { ListenAddress } from '../core/ports.ts';
import { createNativeServer } from '../dns/native/native-server.ts';
import { workerFindings } from '../dns/native/worker-findings.ts';
import { checkListener } from '../dns/self-check.ts';
import { createTcpServer } from '../dns/tcp.ts';
import { createUdpServer } from '../dns/udp.ts';
import { type Stage, settlesWithin } from '../lifecycle.ts';
import { followFile } from '../prober/followed-file.ts';
import { ensureAdminToken } from '../state/admin-token.ts';
import type { EventFeed } from './event-feed.ts';
import { createClusterOf } from './origins.ts';
import { seenAges } from './pictures.ts';
import { dice, dnsListeners, type Rooms, report } from './rooms.ts';
import { restoreSaved } from './saved-orders.ts';
import { watchListeners } from './self-watch.ts';
import { settleMemory } from './settle-memory.ts';

/** Longest wait for the first pictures of all clusters, in ms; what is missing then comes later. */
const FIRST_PICTURES_MS = 30_000;
/** Longest wait for the first lookups of names, in ms; what is not resolved then follows. */
const FIRST_LOOKUPS_MS = 10_000;
/** Longest wait for the first numbers of Prometheus servers, in ms; what has none then is unseen. */
const FIRST_GAUGES_MS = 5_000;
/** Longest wait for the first probe round, in ms; what was not probed then is unseen. */
const FIRST_ROUND_MS = 15_000;

/** How often a port is chosen anew, where the system chooses one that TCP cannot have. */
const MAX_PORT_TRIES = 5;
/** How long after the start its garbage is collected, in ms: by then the pictures are saved. */
const SETTLE_AFTER_MS = 30_000;

/** Comes first, so that it is closed last: orders are taken, and audited, until the admin API is closed. */
export function stateStage({ edges: { state } }: Rooms): readonly Stage[] {
  if (state === undefined) return [];
  return [{ name: 'state', waitsFor: 'the state directory', start: async () => {}, stop: () => state.close() }];
}

/** Saved overrides and rollouts hold before anything is answered. */
export function overridesStage(rooms: Rooms): Stage {
  return {
    name: 'overrides',
    waitsFor: 'the saved overrides',
    async start() {
      // One snapshot is made of all that the start brings, when the probes have spoken.
      rooms.director.hold();
      await restoreSaved(rooms);
    },
  };
}

/** Without a location database at all the stage is ready as well: clients are then at unknown places. */
export function placesStage(rooms: Rooms): Stage {
  const { director, edges } = rooms;
  return {
    name: 'places',
    waitsFor: 'the location database',
    start: () =>
      edges.places.start((table, findings) => {
        report(rooms, 'places', findings);
        director.onPlaces(table);
      }),
    stop: () => edges.places.close(),
  };
}

/** Waits for the first picture of every cluster, its own or the last saved one, within a bound. */
export function sourcesStage({ source, director }: Rooms): Stage {
  return {
    name: 'sources',
    waitsFor: 'the first view of every cluster',
    async start() {
      const started = source.start((picture) => director.onPicture(picture));
      await settlesWithin(FIRST_PICTURES_MS, started);
    },
    stop: () => source.close(),
  };
}

/** Gives the names of Gateways' addresses a bounded time to be resolved: without addresses there is nothing to probe. */
export function addressesStage({ director, resolver }: Rooms): Stage {
  return {
    name: 'addresses',
    waitsFor: "the names of Gateways' addresses",
    async start() {
      // The model names them.
      director.prepare();
      resolver.start((resolutions) => director.onResolutions(resolutions));
      await settlesWithin(FIRST_LOOKUPS_MS, resolver.firstRound());
    },
    stop: () => resolver.close(),
  };
}

/** Asks for the numbers of Prometheus servers, and gives the first round a bounded time. */
export function gaugesStage({ director, gauges }: Rooms): Stage {
  return {
    name: 'gauges',
    waitsFor: 'the first numbers of Prometheus servers',
    async start() {
      gauges.start((reading) => director.onGauge(reading));
      await settlesWithin(FIRST_GAUGES_MS, gauges.firstRound());
    },
    stop: () => gauges.close(),
  };
}

/** Names the monitors, waits for their first round within a bound, and publishes what it found. */
export function probesStage(rooms: Rooms): Stage {
  const { config, director, prober, metrics, monitors, edges, keeper } = rooms;
  const controls = new Set(config.prober.controls.map(({ id }) => id));
  return {
    name: 'probes',
    waitsFor: 'the first probe round',
    async start() {
      // The model names the monitors; the answers follow when they were probed once.
      director.prepare();
      // Control targets are probed also where no model names a monitor.
      prober.watch([...monitors.values(), ...config.prober.controls]);
      prober.start((result) => {
        const monitor = monitors.get(result.monitor);
        if (monitor !== undefined) metrics.onProbe(result, monitor);
        if (controls.has(result.monitor)) director.onControl(result);
        else director.onProbe(result);
      });
      await settlesWithin(FIRST_ROUND_MS, prober.firstRound());
      director.flush();
      rooms.phase = 'started';
    },
    async stop() {
      await prober.close();
      director.close();
      // A step that it took by itself a moment ago.
      await Promise.all([edges.rollouts.close(), edges.drills?.close(), keeper?.close()]);
    },
  };
}

/** DNS listens last: nobody is answered from what nobody has looked at. */
export function dnsStage(rooms: Rooms): Stage {
  const { config, edges, dnsServers } = rooms;
  let cancelSettling = (): void => {};
  let endWatch = (): void => {};
  return {
    name: 'dns',
    waitsFor: 'the DNS listeners',
    async start() {
      const listen = await openServers(rooms);
      await checkOwnAnswers(config, listen);
      rooms.listening = { ...rooms.listening, dns: listen };
      endWatch = watchOwnAnswers(rooms, listen);
      if (rooms.engine.engine === 'native') cancelSettling = edges.clock.after(SETTLE_AFTER_MS, settleMemory);
    },
    async stop() {
      cancelSettling();
      endWatch();
      await Promise.all(dnsServers.map((server) => server.close()));
    },
  };
}

/**
 * Opens UDP and TCP on the same ports. Where the system chooses them, it knows of UDP alone: somebody may have the port for
 * TCP, and then others are tried.
 */
async function openServers(rooms: Rooms): Promise<readonly ListenAddress[]> {
  const { config, counting, responder, edges, dnsServers } = rooms;
  const { tcpIdleMs: idleMs, tcpConnections: maxConnections } = config.dns;
  const isChosen = config.dns.listen.some(({ port }) => port === 0);
  for (let tries = isChosen ? MAX_PORT_TRIES : 1; ; tries--) {
    const udp = udpServer(rooms);
    dnsServers.push(udp);
    const listen = await udp.listen();
    const tcp = createTcpServer({ listen, responder, counting, clock: edges.clock, idleMs, maxConnections });
    dnsServers.push(tcp);
    try {
      await tcp.listen();
      return listen;
    } catch (error) {
      const isTaken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
      if (tries <= 1 || !isTaken) throw error;
      await Promise.all(dnsServers.splice(0).map((server) => server.close()));
    }
  }
}

/** The UDP server of the chosen engine. Throws where the configuration insists on one that is not to be had. */
function udpServer(rooms: Rooms): DnsServer {
  const { config, counting, responder, edges, engine, settings, director, observer } = rooms;
  const { listen, udpSize, workers } = config.dns;
  if (engine.engine === 'refused') throw new Error(`dns.engine is native, and ${engine.reason}.`);
  observer.log('udp-engine', { engine: engine.engine, reason: engine.reason });
  if (engine.engine === 'portable') return createUdpServer({ listen, responder, counting, udpSize });
  const server = createNativeServer({
    listen,
    calls: engine.calls,
    workers,
    start: config.dns.engine === 'native' ? 'insist' : 'as-can',
    settings,
    current: director,
    totals: counting,
    responder,
    clock: edges.clock,
    dice,
    onTrouble: (reason) => observer.log('dns-worker-trouble', { reason, engine: engine.engine }),
    onChange: () => report(rooms, 'dns', workerFindings(server.listeners())),
  });
  return server;
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

/** From then on they are asked now and then, which measures how fast they are. */
function watchOwnAnswers({ config, edges, metrics }: Rooms, listeners: readonly ListenAddress[]): () => void {
  const apex = config.declaration.zones[0]?.apex;
  if (apex === undefined) return () => {};
  const check = (address: ListenAddress) => checkListener(address, apex);
  return watchListeners({ clock: edges.clock, listeners, check, onCheck: (each) => metrics.onSelfCheck(each) });
}

/** The admin API, which can tell what the other stages wait for. */
export function adminStage(rooms: Rooms, events: Events, feed: EventFeed): Stage {
  const { config, director, source, metrics, observer, edges } = rooms;
  let server: AdminServer | undefined;
  let followed: FollowedTokens | undefined;
  let endLagWatch = (): void => {};
  return {
    name: 'admin',
    waitsFor: 'the admin listener',
    async start() {
      endLagWatch = metrics.watchEventLoop();
      followed = await tokensOf(rooms);
      server = createAdminServer({
        listen: config.admin.listen,
        director,
        views: () => seenAges(source, director),
        clusterOf: createClusterOf(config, (cluster) =>
          director.snapshot().model.clusters.some(({ name }) => name === cluster),
        ),
        readiness: () => rooms.lifecycle?.readiness() ?? [],
        metrics: (page) => (page === 'probes' ? metrics.renderProbes() : metrics.render()),
        queryMix: () => rooms.asked.mix(),
        drillShares: (name) => rooms.drillRecorder.shares(name),
        tokens: followed.tokens,
        tls: config.admin.tls,
        clients: config.admin.clients,
        allow: config.admin.allow,
        events,
        onFindings: (findings) => report(rooms, 'admin-tls', findings),
        onRefusal: (code) => metrics.onRefusal(code),
        audit: edges.audit,
        status: () => statusOf(rooms),
        log: observer.log,
        now: () => edges.clock.now(),
        steady: () => edges.clock.steady?.() ?? edges.clock.now(),
        after: (ms, task) => edges.clock.after(ms, task),
        dice,
      });
      rooms.listening = { ...rooms.listening, admin: [await server.listen()] };
    },
    async stop() {
      endLagWatch();
      followed?.close();
      feed.close();
      await server?.close();
    },
  };
}

/** The tokens of the configured file, as it is at any time, beside the one that the state directory keeps for this machine's CLI. */
async function tokensOf(rooms: Rooms): Promise<FollowedTokens> {
  const { config, edges, observer } = rooms;
  const file = config.admin.tokensFile;
  const others = await ownTokens(rooms);
  if (file === undefined) return { tokens: createTokenVerifier(others), close: () => {} };
  const onFindings = (findings: readonly Finding[]): void => report(rooms, 'admin-tokens', findings);
  return followTokens({ file, others, follow: followFile, clock: edges.clock, log: observer.log, onFindings });
}

async function ownTokens({ config, observer }: Rooms): Promise<readonly TokenEntry[]> {
  try {
    const own = await ensureAdminToken(config.state.directory);
    return [tokenEntry('local', 'operate', own.token)];
  } catch (error) {
    // A disk that is gone must not keep DNS from answering.
    observer.log('cli-token-unusable', { reason: String(error) });
    return [];
  }
}

function statusOf(rooms: Rooms): ProcessStatus {
  const { observer, startedAt, listening, engine, config } = rooms;
  // Who did not ask for the portable engine is told why he has it.
  const fellBack = engine.engine === 'portable' && config.dns.engine !== 'portable';
  const name = fellBack ? `${engine.engine} (${engine.reason})` : engine.engine;
  const { version } = observer;
  const listeners = dnsListeners(rooms);
  return { version, startedAt, pid: process.pid, engine: name, listen: listening, listeners };
}
