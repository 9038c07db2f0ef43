/** What the prober of this bench probes: a process with a few listeners of each kind. It sends their ports by IPC. */
import { once } from 'node:events';
import { createServer as createHttp } from 'node:http';
import { createServer as createTcp, type Server } from 'node:net';
import type { Monitor } from '../../src/core/desired/model.ts';
import type { Kind, Ports } from './plan.ts';

/** Monitors are spread over so many addresses of the loopback: from one to one, ports would run out. */
const ADDRESSES = 16;

const listen: Readonly<Record<Kind, () => Server>> = {
  tcp: () => createTcp((socket) => socket.on('error', () => undefined).end()),
  http: () => createHttp((_, response) => response.end()),
  // Takes the connection and says nothing.
  silent: () => createTcp((socket) => socket.on('error', () => undefined).resume()),
};

const ports: Record<Kind, Pick<Monitor, 'address' | 'port'>[]> = { tcp: [], http: [], silent: [] };
for (const kind of ['tcp', 'http', 'silent'] as const) {
  for (let i = 1; i <= ADDRESSES; i++) ports[kind].push(await listening(listen[kind](), `127.0.77.${i}`));
}
process.send?.(ports satisfies Ports);
process.on('disconnect', () => process.exit(0));

async function listening(server: Server, address: string): Promise<Pick<Monitor, 'address' | 'port'>> {
  server.listen({ host: address, port: 0, backlog: 1024 });
  await once(server, 'listening');
  const own = server.address();
  return { address, port: typeof own === 'object' && own !== null ? own.port : 0 };
}
