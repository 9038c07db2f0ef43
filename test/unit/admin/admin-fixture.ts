import { type IncomingMessage, request } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import type { AdminOptions } from '../../../src/admin/app.ts';
import { createEventLog } from '../../../src/admin/events/event-log.ts';
import { createAdminServer } from '../../../src/admin/server.ts';
import { createTokenVerifier, tokenEntry } from '../../../src/admin/tokens.ts';
import { LOG_EVENTS, type Log, type LogCode, logMessage } from '../../../src/core/log-events.ts';
import { createQueryMixBook } from '../../../src/core/plan/query-mix.ts';
import { createDirectorFixture, NOW, VIEWS } from './director-fixture.ts';

/** A token with scope read. */
export const READ = 'read-token-for-these-tests';
/** A token with scope operate. */
export const OPERATE = 'operate-token-for-these-tests';

/** A token with scope push. */
export const PUSH = 'push-token-for-these-tests';

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
  /** The address to ask from, of 127.0.0.0/8: each is counted apart by the rate limits. */
  readonly from?: string;
};

/** Starts a real admin server on 127.0.0.1 over the director fixture. */
export async function startAdmin(changes: Partial<AdminOptions> = {}) {
  const fixture = createDirectorFixture();
  const events = createEventLog({ now: () => NOW });
  const logged: { event: LogCode; level: string; fields: object; message: string }[] = [];
  const log: Log = (event, fields) => {
    const [level] = LOG_EVENTS[event];
    logged.push({ event, level, fields, message: logMessage(event, fields) });
  };
  const server = createAdminServer({
    listen: { host: '127.0.0.1', port: 0 },
    director: fixture.director,
    views: () => VIEWS,
    clusterOf: (file) => /^clusters\/([^/]+)\//.exec(file)?.[1],
    readiness: () => [{ name: 'dns', state: 'ready', reason: '' }],
    metrics: async () => ({ contentType: 'text/plain; version=0.0.4; charset=utf-8', body: 'azimuth_build_info 1\n' }),
    tokens: createTokenVerifier([
      tokenEntry('grafana', 'read', READ),
      tokenEntry('ops', 'operate', OPERATE),
      tokenEntry('batch', 'push', PUSH),
    ]),
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
    log,
    now: () => NOW,
    steady: () => performance.now(),
    after(ms, task) {
      const timer = setTimeout(task, ms).unref();
      return () => clearTimeout(timer);
    },
    dice: () => 0,
    events,
    queryMix: () => createQueryMixBook({ names: 1, places: 1, counterOf: () => 0 }).mix(),
    ...changes,
  });
  const { host, port } = await server.listen();
  const open = (path: string, ask?: Ask) => openHttp(host, port, path, ask);
  return {
    ...fixture,
    server,
    port,
    logged,
    events,
    open,
    ask: async (path: string, ask?: Ask) => read(await open(path, ask)),
  };
}

/** The running server of a test. */
export type Admin = Awaited<ReturnType<typeof startAdmin>>;

/** One request by node:http, which sends paths and Host headers as they are given; the body is still to come. */
function openHttp(host: string, port: number, path: string, ask: Ask = {}): Promise<IncomingMessage> {
  const headers: Record<string, string> = { ...ask.headers };
  if (ask.token !== undefined) headers['authorization'] = `Bearer ${ask.token}`;
  if (ask.body !== undefined) headers['content-type'] ??= 'application/json';
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const from = ask.from === undefined ? {} : { localAddress: ask.from };
  const sent = request({ host, port, path, method: ask.method ?? 'GET', headers, agent: false, ...from }, resolve);
  sent.on('error', reject);
  sent.end(ask.body);
  return promise;
}

async function read(response: IncomingMessage): Promise<Reply> {
  const body = await text(response);
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    text: body,
    json: () => JSON.parse(body),
  };
}

/** Sends raw octets and collects what comes until the server closes. */
export async function askRaw(port: number, octets: string | Buffer): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.write(octets);
  return text(socket);
}
