import { once } from 'node:events';
import { createServer, type Http2Server, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import type { Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Monitor } from '../../../src/core/desired/model.ts';
import { eventually } from '../../support/eventually.ts';
import { startTestGateway } from '../../support/gateway.ts';
import { monitorOf, probeOnce, verdictOf } from './probe-once.ts';

const HEALTHY = [0, 0, 0, 0, 2, 0x08, 1];

let server: Http2Server;
let port = 0;
let requests: { headers: IncomingHttpHeaders; body: number[] }[] = [];
let reply: (stream: ServerHttp2Stream) => void;
const open = new Set<Socket>();

beforeEach(async () => {
  requests = [];
  server = createServer();
  server.on('connection', (socket: Socket) => {
    open.add(socket);
    socket.on('error', () => {}).once('close', () => open.delete(socket));
  });
  server.on('stream', (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => {
    const body: number[] = [];
    stream.on('error', () => {});
    stream.on('data', (chunk: Buffer) => body.push(...chunk));
    stream.on('end', () => {
      requests.push({ headers, body });
      reply(stream);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  port = typeof address === 'object' && address !== null ? address.port : 0;
});

afterEach(async () => {
  await eventually(() => expect(open.size).toBe(0));
  server.close();
});

/** Answers as grpc servers do: header, message, trailers. */
const answer =
  (octets: readonly number[], trailers: Record<string, string> = { 'grpc-status': '0' }) =>
  (stream: ServerHttp2Stream): void => {
    stream.respond({ ':status': 200, 'content-type': 'application/grpc+proto' }, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers(trailers));
    stream.end(Buffer.from(octets));
  };

/** Answers with the header alone. */
const headerOnly =
  (headers: Record<string, string | number>) =>
  (stream: ServerHttp2Stream): void =>
    stream.respond(headers, { endStream: true });

const monitor = (given: Partial<Monitor> = {}): Monitor =>
  monitorOf({ protocol: 'grpc', address: '127.0.0.1', port, path: 'shop.v1.Shop', ...given });

describe('a grpc probe', () => {
  it('asks the health service for the monitor’s service', async () => {
    reply = answer(HEALTHY);
    expect(verdictOf(await probeOnce(monitor()))).toBe('success');
    expect(requests).toHaveLength(1);
    expect(requests[0]?.headers).toMatchObject({
      ':method': 'POST',
      ':path': '/grpc.health.v1.Health/Check',
      ':authority': `shop.gslb.example:${port}`,
      'content-type': 'application/grpc',
      te: 'trailers',
    });
    const name = [...Buffer.from('shop.v1.Shop')];
    expect(requests[0]?.body).toEqual([0, 0, 0, 0, name.length + 2, 0x0a, name.length, ...name]);
  });

  it('asks for the whole server by an empty message, and for long names in full', async () => {
    reply = answer(HEALTHY);
    expect(verdictOf(await probeOnce(monitor({ path: '' })))).toBe('success');
    expect(requests[0]?.body).toEqual([0, 0, 0, 0, 0]);
    expect(verdictOf(await probeOnce(monitor({ path: 'x'.repeat(300) })))).toBe('success');
    expect(requests[1]?.body.slice(0, 8)).toEqual([0, 0, 0, 1, 0x2f, 0x0a, 0xac, 0x02]);
  });

  it.each([
    ['NOT_SERVING', answer([0, 0, 0, 0, 2, 0x08, 2]), 'status', 'NOT_SERVING'],
    ['UNKNOWN, which is left out of the message', answer([0, 0, 0, 0, 0]), 'status', 'UNKNOWN'],
    ['SERVICE_UNKNOWN', answer([0, 0, 0, 0, 2, 0x08, 3]), 'status', 'SERVICE_UNKNOWN'],
    ['a state that nobody knows', answer([0, 0, 0, 0, 2, 0x08, 9]), 'protocol', 'parse'],
    ['a compressed message', answer([1, 0, 0, 0, 2, 0x08, 1]), 'protocol', 'parse'],
    ['a wrong length', answer([0, 0, 0, 0, 9, 0x08, 1]), 'protocol', 'parse'],
    ['no message', answer([]), 'protocol', 'parse'],
    ['an endless message', answer(Array.from({ length: 100_000 }, () => 0)), 'protocol', 'over 1024 octets'],
    ['no status', answer(HEALTHY, {}), 'protocol', 'no grpc-status'],
    ['a failure', answer([], { 'grpc-status': '5', 'grpc-message': 'nobody' }), 'status', 'grpc-status 5 nobody'],
    [
      'a failure in the header',
      headerOnly({ ':status': 200, 'content-type': 'application/grpc', 'grpc-status': '12' }),
      'status',
      'grpc-status 12',
    ],
    ['an HTTP error', headerOnly({ ':status': 503 }), 'status', 'status 503'],
    ['something that is not gRPC', headerOnly({ ':status': 200 }), 'protocol', 'not a gRPC response'],
  ] as const)('fails on %s', async (_what, behaviour, failure, detail) => {
    reply = behaviour;
    const { outcome } = await probeOnce(monitor());
    expect(outcome).toMatchObject({ failure, detail: expect.stringContaining(detail) });
  });

  it('fails where the stream or the connection breaks', async () => {
    reply = (stream) => stream.close(8);
    expect(verdictOf(await probeOnce(monitor()))).toMatch(/^(protocol|reset)$/);
    reply = () => {
      for (const socket of open) socket.resetAndDestroy();
    };
    expect(verdictOf(await probeOnce(monitor()))).toBe('reset');
  });

  it('fails in time where no reply comes', async () => {
    reply = () => {};
    const result = await probeOnce(monitor({ timeoutMs: 200 }));
    expect(verdictOf(result)).toBe('timeout');
    expect(result.durationMs).toBeLessThan(600);
  });

  it('fails where the port is closed or speaks no HTTP/2', async () => {
    const closed = createServer().listen(0, '127.0.0.1');
    await once(closed, 'listening');
    const address = closed.address();
    const free = typeof address === 'object' && address !== null ? address.port : 0;
    closed.close();
    await once(closed, 'close');
    expect(verdictOf(await probeOnce(monitor({ port: free })))).toBe('refused');
    const http1 = await startTestGateway();
    expect(verdictOf(await probeOnce(monitor({ port: http1.port })))).toBe('protocol');
    await http1.stop();
  });
});
