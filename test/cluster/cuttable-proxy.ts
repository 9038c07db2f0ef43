import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** A way to a TCP server that can be cut. */
export type CuttableProxy = {
  readonly port: number;
  /** Connections that clients have open to it now. */
  open(): number;
  /** Breaks all connections. New ones are refused at once until `mend`. */
  cut(): void;
  mend(): void;
  close(): Promise<void>;
};

/** Forwards connections to a port of this machine. */
export async function startCuttableProxy(target: number): Promise<CuttableProxy> {
  const clients = new Set<Socket>();
  let state: 'whole' | 'cut' = 'whole';
  const server = createServer((client) => {
    if (state === 'cut') {
      client.resetAndDestroy();
      return;
    }
    const upstream = connect({ port: target, host: '127.0.0.1' });
    clients.add(client);
    client.on('close', () => {
      clients.delete(client);
      upstream.destroy();
    });
    upstream.on('close', () => client.destroy());
    client.on('error', () => upstream.destroy());
    upstream.on('error', () => client.destroy());
    client.pipe(upstream);
    upstream.pipe(client);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const cut = (): void => {
    state = 'cut';
    for (const client of clients) client.resetAndDestroy();
  };
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    open: () => clients.size,
    cut,
    mend() {
      state = 'whole';
    },
    async close() {
      cut();
      server.close();
      await once(server, 'close');
    },
  };
}
