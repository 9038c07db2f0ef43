import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/** `gone`: breaks each connection at once. `mute`: takes it and says nothing. `refusing`: 502. */
type ProxyState = 'whole' | 'gone' | 'mute' | 'refusing';

/** An HTTP proxy that makes tunnels (RFC 9110 9.3.6). */
export type ConnectProxy = {
  readonly host: string;
  /** Where each tunnel was wished to, in the order in which they were made. */
  readonly tunnels: readonly string[];
  /** Tunnels that are open now. */
  open(): number;
  /** Breaks all connections, and meets new ones like this. */
  become(state: ProxyState): void;
  close(): Promise<void>;
};

/**
 * Leads every tunnel, wherever it is wished to, to a port of this machine: names that nobody else knows lead there only
 * through it. Who does not send `authorization` is refused.
 */
export async function startConnectProxy(target: number, authorization?: string): Promise<ConnectProxy> {
  let state: ProxyState = 'whole';
  const tunnels: string[] = [];
  const open = new Set<Duplex>();
  const clients = new Set<Socket>();
  const server = createServer((_, response) => response.writeHead(405).end());
  server.on('connection', (client: Socket) => {
    clients.add(client);
    client.on('close', () => clients.delete(client));
    if (state === 'gone') client.resetAndDestroy();
  });
  server.on('connect', (request: IncomingMessage, client: Duplex) => {
    client.on('error', () => {});
    if (state === 'mute') return;
    if (state === 'refusing') {
      client.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
    } else if (authorization !== undefined && request.headers['proxy-authorization'] !== authorization) {
      client.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
    } else {
      tunnels.push(request.url ?? '');
      open.add(client);
      client.on('close', () => open.delete(client));
      join(client, target);
    }
  });
  const become = (next: ProxyState): void => {
    state = next;
    for (const client of clients) client.resetAndDestroy();
  };
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return {
    host: `127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`,
    tunnels,
    open: () => open.size,
    become,
    async close() {
      become('gone');
      server.close();
      await once(server, 'close');
    },
  };
}

function join(client: Duplex, port: number): void {
  const upstream = connect({ port, host: '127.0.0.1' }, () => client.write('HTTP/1.1 200 OK\r\n\r\n'));
  client.on('close', () => upstream.destroy());
  upstream.on('close', () => client.destroy());
  upstream.on('error', () => client.destroy());
  client.pipe(upstream);
  upstream.pipe(client);
}
