/** Our servers on free ports of 127.0.0.1, answering from the world made by hand. */
import type { Clock, DnsServer, ListenAddress } from '../../src/core/ports.ts';
import type { Snapshot } from '../../src/core/snapshot/snapshot.ts';
import { createDnsCounting, type DnsCounting } from '../../src/dns/counters.ts';
import { createResponder, type Responder } from '../../src/dns/respond.ts';
import type { ResponderOptions } from '../../src/dns/settings.ts';
import { createTcpServer, type TcpServerOptions } from '../../src/dns/tcp.ts';
import { createUdpServer } from '../../src/dns/udp.ts';
import { createWorld } from './world.ts';

export const IDENTITY = 'dns-test-1';
/** The first secret of RFC 9018, appendix A. */
const COOKIE_SECRET = Buffer.from('e5e973e5a6b2a43f48e7dc849e37bfcf', 'hex');
export const TCP_IDLE_MS = 10_000;

/** The clock of this machine. */
export const REAL_CLOCK: Clock = {
  now: Date.now,
  after(ms, task) {
    const timer = setTimeout(task, ms);
    return () => clearTimeout(timer);
  },
};

export type Responding = { readonly responder: Responder; readonly counting: DnsCounting; readonly snapshot: Snapshot };

/** A responder over the world. */
export function createTestResponder(options: Partial<ResponderOptions> = {}): Responding {
  const snapshot = createWorld();
  const counting = createDnsCounting();
  const responder = createResponder({
    current: { snapshot: () => snapshot },
    counting,
    udpSize: 1232,
    identity: IDENTITY,
    cookieSecret: COOKIE_SECRET,
    tcpIdleMs: TCP_IDLE_MS,
    now: Date.now,
    diceStart: 0,
    ...options,
  });
  return { responder, counting, snapshot };
}

export type TestServers = Responding & {
  readonly udp: ListenAddress;
  readonly tcp: ListenAddress;
  close(): Promise<void>;
};

export type TestServerOptions = {
  readonly responder?: Partial<ResponderOptions>;
  readonly tcp?: Partial<TcpServerOptions>;
  readonly host?: string;
};

/** Starts one server of each transport. */
export async function startServers(options: TestServerOptions = {}): Promise<TestServers> {
  const responding = createTestResponder(options.responder);
  const listen = [{ host: options.host ?? '127.0.0.1', port: 0 }];
  const udpServer = createUdpServer({ listen, ...responding });
  const tcpServer = createTcpServer({
    listen,
    ...responding,
    clock: REAL_CLOCK,
    maxConnections: 100,
    idleMs: TCP_IDLE_MS,
    ...options.tcp,
  });
  const [udp, tcp] = await Promise.all([first(udpServer), first(tcpServer)]);
  const close = async (): Promise<void> => {
    await Promise.all([udpServer.close(), tcpServer.close()]);
  };
  return { ...responding, udp, tcp, close };
}

async function first(server: DnsServer): Promise<ListenAddress> {
  const [address] = await server.listen();
  if (address === undefined) throw new Error('the server listens nowhere');
  return address;
}
