/** An EventSource as browsers have it, behind a proxy that lets it in and can break off. */
import { once } from 'node:events';
import { createServer, request } from 'node:http';
import { EventSource } from 'undici';

/** What it followed. */
export type Followed = {
  /** Each event by its type and its subject, or its code. */
  readonly seen: readonly string[];
  /** How often it was connected. */
  readonly opened: () => number;
  /** Ends the connections under way, as proxies do: what was sent has come, and no more will. It comes back by itself. */
  readonly cut: () => void;
  readonly close: () => Promise<void>;
};

/** Where it asks, and with which token; a director that starts again may be at another port. */
export type FollowedFrom = { readonly port: () => number; readonly token: string };

/** Types of events that are looked at. */
const NAMES = ['drill', 'override', 'gap', 'end'];

/** Follows a path of an admin API. */
export async function followEvents(path: string, { port, token }: FollowedFrom): Promise<Followed> {
  const ends = new Set<() => void>();
  const proxy = createServer((asked, answer) => {
    const headers = { ...asked.headers, host: 'localhost', authorization: `Bearer ${token}` };
    const sent = request({ port: port(), host: '127.0.0.1', path: asked.url, headers }, (response) => {
      answer.writeHead(response.statusCode ?? 0, response.headers);
      response.on('error', () => answer.end()).pipe(answer);
    });
    sent.on('error', () => answer.destroy());
    sent.end();
    const end = (): void => {
      answer.end();
      sent.destroy();
    };
    ends.add(end);
    answer.on('close', () => ends.delete(end));
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  const bound = proxy.address();
  if (bound === null || typeof bound === 'string') throw new Error('no port');

  const source = new EventSource(`http://127.0.0.1:${bound.port}${path}`);
  const seen: string[] = [];
  let opened = 0;
  source.addEventListener('open', () => {
    opened += 1;
  });
  for (const name of NAMES) {
    source.addEventListener(name, (message) => {
      const { subject = '', code = '' } = JSON.parse('data' in message ? String(message.data) : '{}');
      seen.push(`${name} ${subject}${code}`.trim());
    });
  }
  return {
    seen,
    opened: () => opened,
    cut() {
      for (const end of ends) end();
    },
    async close() {
      source.close();
      proxy.closeAllConnections();
      proxy.close();
      await once(proxy, 'close');
    },
  };
}
