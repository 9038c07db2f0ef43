import { type IncomingMessage, request } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import type { AdminOptions } from '../../../src/admin/app.ts';
import { createAdminServer } from '../../../src/admin/server.ts';
import { createTokenVerifier, tokenEntry } from '../../../src/admin/tokens.ts';
import { createDirectorFixture, NOW, VIEWS } from './director-fixture.ts';

/** A token with scope read. */
export const READ = 'read-token-for-these-tests';
/** A token with scope operate. */
export const OPERATE = 'operate-token-for-these-tests';

/** What came back. */
export type Reply = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  /** The body as JSON. */
  json(): unknown;
};

/** How to ask; without `token`, none is sent. */
export type Ask = {
  readonly method?: string;
  readonly token?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
};

/** Starts a real admin server on 127.0.0.1 over the director fixture. */
export async function startAdmin(changes: Partial<AdminOptions> = {}) {
  const fixture = createDirectorFixture();
  const logged: { level: string; fields: object; message: string }[] = [];
  const log = (level: string) => (fields: object, message: string) => void logged.push({ level, fields, message });
  const server = createAdminServer({
    listen: { host: '127.0.0.1', port: 0 },
    director: fixture.director,
    views: () => VIEWS,
    clusterOf: (file) => /^clusters\/([^/]+)\//.exec(file)?.[1],
    readiness: () => [{ name: 'dns', state: 'ready', reason: '' }],
    metrics: async () => ({ contentType: 'text/plain; version=0.0.4; charset=utf-8', body: 'azimuth_build_info 1\n' }),
    tokens: createTokenVerifier([tokenEntry('grafana', 'read', READ), tokenEntry('ops', 'operate', OPERATE)]),
    status: () => ({
      version: '0.1.0',
      startedAt: NOW - 5_000,
      pid: 4711,
      engine: 'node',
      listen: { dns: [{ host: '127.0.0.1', port: 5353 }], admin: [] },
      listeners: [
        {
          address: { host: '127.0.0.1', port: 5353 },
          engine: 'native',
          workers: { starting: 0, running: 1, restarting: 0, failed: 1 },
          restarts: 7,
          lastTrouble: { at: NOW - 1_000, message: 'it ended' },
          socketErrors: [],
        },
      ],
    }),
    log: { info: log('info'), warn: log('warn'), error: log('error') },
    now: () => NOW,
    dice: () => 0,
    ...changes,
  });
  const { host, port } = await server.listen();
  return { ...fixture, server, port, logged, ask: (path: string, ask?: Ask) => askHttp(host, port, path, ask) };
}

/** The running server of a test. */
export type Admin = Awaited<ReturnType<typeof startAdmin>>;

/** One request by node:http, which sends paths and Host headers as they are given. */
async function askHttp(host: string, port: number, path: string, ask: Ask = {}): Promise<Reply> {
  const headers: Record<string, string> = { ...ask.headers };
  if (ask.token !== undefined) headers['authorization'] = `Bearer ${ask.token}`;
  if (ask.body !== undefined) headers['content-type'] ??= 'application/json';
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const sent = request({ host, port, path, method: ask.method ?? 'GET', headers, agent: false }, resolve);
  sent.on('error', reject);
  sent.end(ask.body);
  const response = await promise;
  const body = await text(response);
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    text: body,
    json: () => JSON.parse(body),
  };
}

/** Sends raw octets and collects what comes until the server closes. */
export async function askRaw(port: number, octets: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.write(octets);
  return text(socket);
}
