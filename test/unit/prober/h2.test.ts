import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import {
  createSecureServer,
  type Http2SecureServer,
  type IncomingHttpHeaders,
  type ServerHttp2Stream,
} from 'node:http2';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Monitor, ProbeExpectation } from '../../../src/core/desired/model.ts';
import { MAX_BODY_BYTES } from '../../../src/prober/response.ts';
import { makeTestCertificates, type TestCertificates } from '../../support/certificates.ts';
import { eventually } from '../../support/eventually.ts';
import { startTestGateway } from '../../support/gateway.ts';
import { monitorOf, probeOnce, verdictOf } from './probe-once.ts';
import { listening, startTls } from './servers.ts';

let directory: string;
let made: TestCertificates;
let server: Http2SecureServer;
let port = 0;
let seen: IncomingHttpHeaders[] = [];
let reply: (stream: ServerHttp2Stream) => void;
const open = new Set<Socket>();

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'azimuth-h2-'));
  made = await makeTestCertificates(directory, 'shop.gslb.example');
});
afterAll(() => rm(directory, { recursive: true }));

beforeEach(async () => {
  seen = [];
  reply = (stream) => {
    stream.respond({ ':status': 200, 'x-ready': 'yes' });
    stream.end('all is well');
  };
  server = createSecureServer({ ...made.good, allowHTTP1: false });
  server.on('secureConnection', (socket: Socket) => {
    open.add(socket);
    socket.on('error', () => {}).once('close', () => open.delete(socket));
  });
  server.on('sessionError', () => {});
  server.on('stream', (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => {
    seen.push(headers);
    stream.on('error', () => {});
    reply(stream);
  });
  port = await listening(server);
});

afterEach(async () => {
  await eventually(() => expect(open.size).toBe(0));
  server.close();
  await once(server, 'close');
});

const monitor = (given: Partial<Monitor> = {}): Monitor =>
  monitorOf({ protocol: 'h2', address: '127.0.0.1', port, ...given });
const probe = (given: Partial<Monitor> = {}) => probeOnce(monitor(given), { trustFile: made.caFile });
const expecting = async (expect: ProbeExpectation): Promise<string> => verdictOf(await probe({ expect }));

describe('an h2 probe', () => {
  it('asks by HTTP/2 with the host as authority, and times its phases', async () => {
    const result = await probe();
    expect(result).toMatchObject({ outcome: { kind: 'success' }, certificateDaysLeft: 20 });
    expect(seen).toMatchObject([
      {
        ':method': 'GET',
        ':path': '/healthz',
        ':scheme': 'https',
        ':authority': `shop.gslb.example:${port}`,
        'user-agent': 'azimuth-probe',
      },
    ]);
    expect(Object.keys(result.phases ?? {})).toEqual(['connectMs', 'tlsMs', 'firstByteMs']);
  });

  it('judges status, header and body as over https', async () => {
    expect(await expecting({ kind: 'status', ranges: [[503, 503]] })).toBe('status');
    expect(await expecting({ kind: 'body', text: 'is well' })).toBe('success');
    expect(await expecting({ kind: 'body', text: 'is ill' })).toBe('body');
    expect(await expecting({ kind: 'header', name: 'x-ready' })).toBe('success');
    expect(await expecting({ kind: 'header', name: 'x-ready', text: 'no' })).toBe('header');
  });

  it('does not follow a redirect', async () => {
    reply = (stream) => stream.respond({ ':status': 301, location: '/elsewhere' }, { endStream: true });
    expect(verdictOf(await probe())).toBe('success');
    expect(seen).toHaveLength(1);
  });

  it('reads a huge body up to its limit', async () => {
    reply = (stream) => {
      stream.respond({ ':status': 200 });
      stream.end(Buffer.alloc(10 * MAX_BODY_BYTES));
    };
    expect(verdictOf(await probe())).toBe('success');
    expect(await expecting({ kind: 'body', text: 'x' })).toBe('body');
  });

  it('fails in time where the header or the rest of the body never comes', async () => {
    reply = () => {};
    expect((await probe({ timeoutMs: 300 })).outcome).toMatchObject({ detail: expect.stringContaining('waiting') });
    reply = (stream) => {
      stream.respond({ ':status': 200 });
      stream.write('.');
    };
    const half = await probe({ timeoutMs: 300 });
    expect(half.outcome).toMatchObject({ failure: 'timeout', detail: expect.stringContaining('reading') });
    expect(half.phases?.firstByteMs).toBeGreaterThan(0);
  });

  it('fails where the stream or the connection breaks', async () => {
    reply = (stream) => stream.close(2);
    expect(verdictOf(await probe())).toBe('protocol');
    reply = () => {
      for (const socket of open) socket.destroy();
    };
    expect(verdictOf(await probe())).toBe('reset');
  });
});

describe('a server that does not speak HTTP/2 fails an h2 probe with alpn', () => {
  it('where it refuses the handshake for it', async () => {
    const gateway = await startTestGateway({ certificate: made.good });
    const { address } = gateway;
    expect(verdictOf(await probe({ address, port: gateway.port }))).toBe('alpn');
    await eventually(() => expect(gateway.connections().open).toBe(0));
    await gateway.stop();
    expect(gateway.seen).toEqual([]);
  });

  it('where it knows nothing of ALPN', async () => {
    const old = await startTls(made.good, () => {}, { ALPNProtocols: [] });
    expect((await probe({ port: old.port })).outcome).toMatchObject({ failure: 'alpn' });
    await old.stop();
    expect(old.received()).toBe(0);
  });

  it('and a certificate that does not hold is worse', async () => {
    const old = await startTls(made.expired, () => {}, { ALPNProtocols: [] });
    expect(verdictOf(await probe({ port: old.port }))).toBe('certificate-expired');
    await old.stop();
  });
});
