/** Our servers on free ports of 127.0.0.1, answering from the world made by hand, on either engine. */

import { describe } from 'vitest';
import { SYSTEM_CLOCK } from '../../src/compose/system-clock.ts';
import type { DnsServer } from '../../src/core/dns-ports.ts';
import type { ListenAddress } from '../../src/core/ports.ts';
import type { Snapshot } from '../../src/core/snapshot/snapshot.ts';
import { createDnsTotals, type DnsTotals } from '../../src/dns/counters.ts';
import { chooseEngine, type EngineName } from '../../src/dns/native/engine.ts';
import type { NativeServerOptions } from '../../src/dns/native/native-options.ts';
import { createNativeServer } from '../../src/dns/native/native-server.ts';
import { createResponder, type Responder } from '../../src/dns/respond.ts';
import type { ResponderOptions } from '../../src/dns/settings.ts';
import { createTcpServer, type TcpServerOptions } from '../../src/dns/tcp.ts';
import { createUdpServer } from '../../src/dns/udp.ts';
import { type PinnedClock, spawnPinned } from './dns-pinned-clock.ts';
import { createWorld } from './world.ts';

export const IDENTITY = 'dns-test-1';
/** The first secret of RFC 9018, appendix A. */
const COOKIE_SECRET = Buffer.from('e5e973e5a6b2a43f48e7dc849e37bfcf', 'hex');
export const TCP_IDLE_MS = 10_000;
const UDP_SIZE = 1232;

/** The native engine on this machine, or why it cannot be tried. */
export const NATIVE = chooseEngine('native');

/** Describes the same behaviour once for each engine; what this machine cannot run is skipped with the reason. */
export function onEveryEngine(body: (start: typeof startServers) => void): void {
  for (const engine of ['portable', 'native'] as const) {
    const reason = engine === 'native' && NATIVE.engine !== 'native' ? NATIVE.reason : undefined;
    const title = `engine ${engine}${reason === undefined ? '' : ` (skipped: ${reason})`}`;
    describe.skipIf(reason !== undefined)(title, () => body((options) => startServers({ engine, ...options })));
  }
}

export type Responding = {
  readonly responder: Responder;
  readonly counting: DnsTotals;
  readonly snapshot: Snapshot;
  readonly udpSize: number;
};

/** A responder over the world. */
export function createTestResponder(options: Partial<ResponderOptions> = {}): Responding {
  const snapshot = createWorld();
  const counting = createDnsTotals({
    zones: snapshot.model.zones.map(({ apex }) => apex),
    clusters: snapshot.model.clusters.map(({ name }) => name),
  });
  const settings = { ...SETTINGS, ...options };
  const responder = createResponder({
    table: () => snapshot.table,
    counting,
    now: Date.now,
    diceStart: 0,
    ...settings,
  });
  return { responder, counting, snapshot, udpSize: settings.udpSize };
}

const SETTINGS = {
  udpSize: UDP_SIZE,
  identity: IDENTITY,
  cookieSecret: COOKIE_SECRET,
  tcpIdleMs: TCP_IDLE_MS,
};

export type TestServers = Responding & {
  readonly udp: ListenAddress;
  readonly tcp: ListenAddress;
  readonly udpServer: DnsServer;
  close(): Promise<void>;
};

export type TestServerOptions = {
  readonly engine?: EngineName;
  readonly responder?: Partial<ResponderOptions>;
  readonly native?: Partial<NativeServerOptions>;
  /** The clock of cookies; the machine's where left out. */
  readonly clock?: PinnedClock;
  readonly tcp?: Partial<TcpServerOptions>;
  readonly host?: string;
};

/** Starts one server of each transport. */
export async function startServers(options: TestServerOptions = {}): Promise<TestServers> {
  const { clock } = options;
  const pinned = clock === undefined ? {} : { now: () => clock[0] ?? 0 };
  const responding = createTestResponder({ ...pinned, ...options.responder });
  const listen = [{ host: options.host ?? '127.0.0.1', port: 0 }];
  const udpServer =
    options.engine === 'native'
      ? nativeServer(options, responding, listen)
      : createUdpServer({ listen, ...responding });
  const tcpServer = createTcpServer({
    listen,
    ...responding,
    clock: SYSTEM_CLOCK,
    maxConnections: 100,
    idleMs: TCP_IDLE_MS,
    ...options.tcp,
  });
  const [udp, tcp] = await Promise.all([first(udpServer), first(tcpServer)]);
  const close = async (): Promise<void> => {
    await Promise.all([udpServer.close(), tcpServer.close()]);
  };
  return { ...responding, udp, tcp, udpServer, close };
}

/** One worker, its dice pinned. */
export function nativeServer(
  { responder = {}, native = {}, clock }: TestServerOptions,
  { counting, snapshot, responder: own }: Responding,
  listen: readonly ListenAddress[],
): ReturnType<typeof createNativeServer> {
  if (NATIVE.engine !== 'native') throw new Error(NATIVE.reason);
  const { now: _now, table: _table, counting: _counting, diceStart = 0, ...settings } = responder;
  return createNativeServer({
    listen,
    calls: NATIVE.calls,
    workers: 1,
    start: 'insist',
    settings: { ...SETTINGS, ...settings },
    current: { snapshot: () => snapshot },
    totals: counting,
    responder: own,
    clock: SYSTEM_CLOCK,
    dice: () => diceStart,
    onTrouble(message) {
      throw new Error(message);
    },
    onChange: () => undefined,
    ...(clock === undefined ? {} : { spawn: spawnPinned(clock) }),
    ...native,
  });
}

async function first(server: DnsServer): Promise<ListenAddress> {
  const [address] = await server.listen();
  if (address === undefined) throw new Error('the server listens nowhere');
  return address;
}
