import { createHash } from 'node:crypto';
import { Agent, type Dispatcher, Pool, ProxyAgent } from 'undici';
import type { Credentials } from './credentials.ts';
import { CONNECT_TIMEOUT_MS } from './limits.ts';

/** The connections to one API server, made anew when certificates or the way there change. */
export type Connections = {
  /** Those that fit the credentials. */
  for(credentials: Credentials): Dispatcher;
  /** Cuts all of them. */
  close(): Promise<void>;
};

/** At most `most` connections at a time for each set of credentials. */
export function createConnections(most: number): Connections {
  let current: { readonly signature: string; readonly dispatcher: Dispatcher } | undefined;
  const open = new Set<Dispatcher>();

  /** Watches that run on it may end on their own. */
  async function retire(dispatcher: Dispatcher): Promise<void> {
    await dispatcher.close();
    open.delete(dispatcher);
  }

  return {
    for(credentials) {
      const signature = signatureOf(credentials);
      if (current?.signature === signature) return current.dispatcher;
      // Only one that was closed before rejects.
      if (current !== undefined) retire(current.dispatcher).catch(() => {});
      current = { signature, dispatcher: createDispatcher(credentials, most) };
      open.add(current.dispatcher);
      return current.dispatcher;
    },
    async close() {
      current = undefined;
      await Promise.all([...open].map((dispatcher) => dispatcher.destroy()));
      open.clear();
    },
  };
}

function createDispatcher({ tls, proxy }: Credentials, connections: number): Dispatcher {
  const options = {
    connections,
    // A connection for each watch: one that breaks takes no other along.
    allowH2: false,
  };
  const socket = {
    timeout: CONNECT_TIMEOUT_MS,
    keepAlive: true,
    // Below the idle limits of load balancers, which begin at a minute.
    keepAliveInitialDelay: 30_000,
  };
  const connect = { ...tls, ...socket };
  if (proxy === undefined) return new Agent({ ...options, connect });
  return new ProxyAgent({
    ...options,
    uri: proxy,
    requestTls: connect,
    proxyTls: socket,
    // A proxy that takes the wish for a tunnel and says nothing would be waited for for minutes.
    clientFactory: (origin, given) => new Pool(origin, { ...given, headersTimeout: CONNECT_TIMEOUT_MS }),
  });
}

function signatureOf({ server, tls, proxy }: Credentials): string {
  const hash = createHash('sha256').update(JSON.stringify([server, proxy, tls.rejectUnauthorized, tls.servername]));
  for (const one of [tls.ca, tls.cert, tls.key]) {
    hash.update(`\0${typeof one === 'string' || Buffer.isBuffer(one) ? one.toString('base64') : ''}`);
  }
  return hash.digest('hex');
}
