import type { AdminLog, ProcessStatus } from '../admin/app.ts';
import { type AdminServer, createAdminServer } from '../admin/server.ts';
import { createTokenVerifier, loadTokens, type TokenEntry, tokenEntry } from '../admin/tokens.ts';
import type { Config } from '../config/config.ts';
import type { DnsServer, ListenAddress } from '../core/ports.ts';
import { createNativeServer } from '../dns/native/native-server.ts';
import { checkListener } from '../dns/self-check.ts';
import { createTcpServer } from '../dns/tcp.ts';
import { createUdpServer } from '../dns/udp.ts';
import { type Stage, settlesWithin } from '../lifecycle.ts';
import { ensureAdminToken } from '../state/admin-token.ts';
import { dice, type Rooms, report } from './rooms.ts';

/** Longest wait for the first pictures of all clusters, in ms; what is missing then comes later. */
const FIRST_PICTURES_MS = 30_000;
/** Longest wait for the first probe round, in ms; what was not probed then is unseen. */
const FIRST_ROUND_MS = 15_000;

/** Saved overrides hold before anything is answered. */
export function overridesStage(rooms: Rooms): Stage {
  return {
    name: 'overrides',
    waitsFor: 'the saved overrides',
    async start() {
      const { overrides, findings } = await rooms.edges.store.load();
      report(rooms, 'overrides', findings);
      rooms.director.restore(overrides);
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

/** Waits for the first picture of every cluster, within a bound. */
export function sourcesStage({ edges, director }: Rooms): Stage {
  return {
    name: 'sources',
    waitsFor: 'the first view of every cluster',
    async start() {
      const started = edges.source.start((picture) => director.onPicture(picture));
      await settlesWithin(FIRST_PICTURES_MS, started);
    },
    stop: () => edges.source.close(),
  };
}

/** Names the monitors, waits for their first round within a bound, and publishes what it found. */
export function probesStage({ director, prober, metrics, monitors }: Rooms): Stage {
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

/** DNS listens last: nobody is answered from what nobody has looked at. */
export function dnsStage(rooms: Rooms): Stage {
  const { config, counting, responder, edges, dnsServers } = rooms;
  return {
    name: 'dns',
    waitsFor: 'the DNS listeners',
    async start() {
      const udp = udpServer(rooms);
      dnsServers.push(udp);
      // TCP takes the ports that UDP got, also where the system chose them.
      const listen = await udp.listen();
      const { tcpIdleMs: idleMs, tcpConnections: maxConnections } = config.dns;
      const tcp = createTcpServer({ listen, responder, counting, clock: edges.clock, idleMs, maxConnections });
      dnsServers.push(tcp);
      await tcp.listen();
      await checkOwnAnswers(config, listen);
      rooms.listening = { ...rooms.listening, dns: listen };
    },
    async stop() {
      await Promise.all(dnsServers.map((server) => server.close()));
    },
  };
}

/** The UDP server of the chosen engine. Throws where the configuration insists on one that is not to be had. */
function udpServer({ config, counting, responder, edges, engine, settings, director, observer }: Rooms): DnsServer {
  const { listen, udpSize, workers } = config.dns;
  if (engine.engine === 'refused') throw new Error(`dns.engine is native, and ${engine.reason}.`);
  observer.log.info({ engine: engine.engine, reason: engine.reason }, 'UDP engine');
  if (engine.engine === 'portable') return createUdpServer({ listen, responder, counting, udpSize });
  return createNativeServer({
    listen,
    calls: engine.calls,
    workers,
    settings,
    current: director,
    totals: counting,
    clock: edges.clock,
    dice,
    onTrouble: (message) => observer.log.error({ engine: engine.engine }, message),
  });
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

/** The admin API, which can tell what the other stages wait for. */
export function adminStage(rooms: Rooms): Stage {
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
        tokens: createTokenVerifier(await tokensOf(config, observer.log)),
        status: () => statusOf(rooms),
        log: observer.log,
        now: () => edges.clock.now(),
        dice,
      });
      rooms.listening = { ...rooms.listening, admin: [await server.listen()] };
    },
    stop: async () => server?.close(),
  };
}

/** The tokens of the configured file beside the one that the state directory keeps for this machine's CLI. */
async function tokensOf({ admin, state }: Config, log: AdminLog): Promise<readonly TokenEntry[]> {
  const configured = admin.tokensFile === undefined ? [] : await loadTokens(admin.tokensFile);
  try {
    const own = await ensureAdminToken(state.directory);
    return [tokenEntry('local', 'operate', own.token), ...configured];
  } catch (error) {
    // A disk that is gone must not keep DNS from answering.
    log.error({ reason: String(error) }, "the state directory cannot be used: the CLI's own token does not work");
    return configured;
  }
}

function statusOf({ observer, startedAt, listening, engine, config }: Rooms): ProcessStatus {
  // Who did not ask for the portable engine is told why he has it.
  const fellBack = engine.engine === 'portable' && config.dns.engine !== 'portable';
  const name = fellBack ? `${engine.engine} (${engine.reason})` : engine.engine;
  return { version: observer.version, startedAt, pid: process.pid, engine: name, listen: listening };
}
