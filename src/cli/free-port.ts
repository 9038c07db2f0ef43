import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { ListenAddress } from '../core/ports.ts';

/** How many ports after the wanted one are tried. */
const PORTS_TRIED = 100;

/** What a port must be free for. */
type Use = 'dns' | 'admin';

/** The wanted address, or the same host with the next port that is free for UDP and TCP (`dns`) or TCP (`admin`). */
export async function nextFreeAddress(wanted: ListenAddress, use: Use): Promise<ListenAddress> {
  for (let port = wanted.port; port < wanted.port + PORTS_TRIED && port < 65_536; port++) {
    const address = { host: wanted.host, port };
    if ((await tcpFree(address)) && (use === 'admin' || (await udpFree(address)))) return address;
  }
  throw new Error(`no free port from ${wanted.port} on ${wanted.host}; ${PORTS_TRIED} were tried`);
}

async function tcpFree({ host, port }: ListenAddress): Promise<boolean> {
  const server = createServer();
  try {
    server.listen({ host, port, exclusive: true });
    await once(server, 'listening');
    return true;
  } catch {
    return false;
  } finally {
    server.close();
  }
}

async function udpFree({ host, port }: ListenAddress): Promise<boolean> {
  const socket = createSocket({ type: host.includes(':') ? 'udp6' : 'udp4' });
  try {
    socket.bind({ address: host, port, exclusive: true });
    await once(socket, 'listening');
    return true;
  } catch {
    return false;
  } finally {
    socket.close();
  }
}
