import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MAX_DETAIL } from '../../../src/prober/probe.ts';
import { MAX_BODY_BYTES } from '../../../src/prober/response.ts';
import { eventually } from '../../support/eventually.ts';
import { startTestGateway, type TestGateway } from '../../support/gateway.ts';
import { monitorOf, probeOnce, verdictOf } from './probe-once.ts';

let gateway: TestGateway;

beforeEach(async () => {
  gateway = await startTestGateway();
});

afterEach(async () => {
  // Whatever the probe met, it left no connection behind.
  await eventually(() => expect(gateway.connections().open).toBe(0));
  await gateway.stop();
});

const body = (text: string) => ({ kind: 'body', text }) as const;

describe('an http probe', () => {
  it('asks the address for the host and path of the monitor, over a connection of its own', async () => {
    const first = await probeOnce(monitorOf(gateway));
    const second = await probeOnce(monitorOf(gateway));
    expect([verdictOf(first), verdictOf(second)]).toEqual(['success', 'success']);
    expect(gateway.connections().accepted).toBe(2);
    expect(gateway.seen).toHaveLength(2);
    expect(gateway.seen[0]).toMatchObject({
      method: 'GET',
      path: '/healthz',
      host: `shop.gslb.example:${gateway.port}`,
      headers: { connection: 'close', 'user-agent': 'azimuth-probe' },
    });
    expect(first).toMatchObject({ monitor: monitorOf(gateway).id });
    expect(first.durationMs).toBeGreaterThanOrEqual(0);
    expect(Math.abs(first.at - Date.now())).toBeLessThan(5000);
    expect(first).not.toHaveProperty('certificateDaysLeft');
  });

  it.each([
    [200, [[200, 399]], 'success'],
    [399, [[200, 399]], 'success'],
    [400, [[200, 399]], 'status'],
    [503, [[200, 399]], 'status'],
    [
      401,
      [
        [200, 299],
        [401, 401],
      ],
      'success',
    ],
    [
      402,
      [
        [200, 299],
        [401, 401],
      ],
      'status',
    ],
    [204, [[204, 204]], 'success'],
  ] as const)('judges status %i by the ranges %j', async (status, ranges, verdict) => {
    gateway.behave({ kind: 'answer', status });
    const result = await probeOnce(monitorOf({ ...gateway, expect: { kind: 'status', ranges } }));
    expect(verdictOf(result)).toBe(verdict);
    if (verdict === 'status') expect(result.outcome).toMatchObject({ detail: `status ${status}` });
  });

  it('does not follow a redirect', async () => {
    gateway.behave({ kind: 'answer', status: 302, headers: { location: '/elsewhere' } });
    expect(verdictOf(await probeOnce(monitorOf(gateway)))).toBe('success');
    const strict = { kind: 'status', ranges: [[200, 299]] } as const;
    expect(verdictOf(await probeOnce(monitorOf({ ...gateway, expect: strict })))).toBe('status');
    expect(gateway.seen.map((request) => request.path)).toEqual(['/healthz', '/healthz']);
  });

  it('finds the expected text in the body, but not on an error page', async () => {
    gateway.behave({ kind: 'answer', body: 'all systems go' });
    expect(verdictOf(await probeOnce(monitorOf({ ...gateway, expect: body('systems go') })))).toBe('success');
    expect(verdictOf(await probeOnce(monitorOf({ ...gateway, expect: body('no go') })))).toBe('body');
    gateway.behave({ kind: 'answer', status: 500, body: 'all systems go' });
    expect(verdictOf(await probeOnce(monitorOf({ ...gateway, expect: body('systems go') })))).toBe('status');
  });

  it('finds the expected header by its whole value, on any of its lines, but not on an error page', async () => {
    const verdict = async (name: string, text?: string): Promise<string> => {
      const expected = { kind: 'header', name, ...(text === undefined ? {} : { text }) } as const;
      return verdictOf(await probeOnce(monitorOf({ ...gateway, expect: expected })));
    };
    const lines = 'HTTP/1.1 200 OK\r\nX-Ready: yes\r\nX-Part: a\r\nX-Part: b\r\ncontent-length: 0\r\n\r\n';
    gateway.behave({ kind: 'raw', octets: lines });
    expect(await verdict('x-ready')).toBe('success');
    expect(await verdict('x-ready', 'yes')).toBe('success');
    expect(await verdict('x-ready', 'ye')).toBe('header');
    expect(await verdict('x-part', 'b')).toBe('success');
    expect(await verdict('x-absent')).toBe('header');
    gateway.behave({ kind: 'answer', status: 500, headers: { 'x-ready': 'yes' } });
    expect(await verdict('x-ready')).toBe('status');
  });

  it('never tells what an unexpected header holds', async () => {
    gateway.behave({ kind: 'answer', headers: { 'x-token': 'hunter2' } });
    const expected = { kind: 'header', name: 'x-token', text: 'other' } as const;
    const result = await probeOnce(monitorOf({ ...gateway, expect: expected }));
    expect(result.outcome).toMatchObject({ failure: 'header' });
    expect(JSON.stringify(result)).not.toContain('hunter2');
  });

  it('tells how long connecting and the first octet of the response took', async () => {
    gateway.behave({ kind: 'answer', delayMs: 60 });
    const { phases } = await probeOnce(monitorOf(gateway));
    expect(Object.keys(phases ?? {})).toEqual(['connectMs', 'firstByteMs']);
    expect(phases?.firstByteMs).toBeGreaterThan(50);
    gateway.behave({ kind: 'hang' });
    const silent = await probeOnce(monitorOf({ ...gateway, timeoutMs: 200 }));
    expect(Object.keys(silent.phases ?? {})).toEqual(['connectMs']);
  });

  it('reads a huge body only up to its limit', async () => {
    const text = 'needle';
    gateway.behave({
      kind: 'answer',
      body: Buffer.concat([Buffer.alloc(MAX_BODY_BYTES - text.length), Buffer.from(text)]),
    });
    expect(verdictOf(await probeOnce(monitorOf({ ...gateway, expect: body(text) })))).toBe('success');
    gateway.behave({ kind: 'answer', body: Buffer.concat([Buffer.alloc(50_000_000), Buffer.from(text)]) });
    expect(verdictOf(await probeOnce(monitorOf({ ...gateway, expect: body(text) })))).toBe('body');
    expect(verdictOf(await probeOnce(monitorOf(gateway)))).toBe('success');
  });

  it('fails in time where the server hangs or trickles', async () => {
    for (const kind of ['hang', 'trickle'] as const) {
      gateway.behave({ kind });
      const result = await probeOnce(monitorOf({ ...gateway, timeoutMs: 200 }));
      expect(result.outcome).toMatchObject({ failure: 'timeout', detail: expect.stringContaining('response') });
      expect(result.durationMs).toBeGreaterThanOrEqual(195);
      expect(result.durationMs).toBeLessThan(600);
    }
    gateway.behave({ kind: 'answer', delayMs: 100 });
    expect(verdictOf(await probeOnce(monitorOf(gateway)))).toBe('success');
  });

  it('calls a connection that breaks a reset, and a closed port refused', async () => {
    gateway.behave({ kind: 'reset' });
    expect(verdictOf(await probeOnce(monitorOf(gateway)))).toBe('reset');
    await gateway.stop();
    expect(verdictOf(await probeOnce(monitorOf(gateway)))).toBe('refused');
    gateway.behave({ kind: 'answer' });
    await gateway.start();
    expect(verdictOf(await probeOnce(monitorOf(gateway)))).toBe('success');
  });

  it.each([
    ['no HTTP at all', 'SSH-2.0-OpenSSH_9.9\r\n\r\n'],
    ['headers without an end', `HTTP/1.1 200 OK\r\n${'x: y\r\n'.repeat(10_000)}`],
    ['one header over the limit', `HTTP/1.1 200 OK\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`],
    ['two lengths', 'HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nx'],
  ])('calls %s a fault of protocol', async (_what, octets) => {
    gateway.behave({ kind: 'raw', octets });
    expect(verdictOf(await probeOnce(monitorOf(gateway)))).toBe('protocol');
  });

  it('calls a body that ends too early a reset', async () => {
    gateway.behave({ kind: 'raw', octets: 'HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nx' });
    expect(verdictOf(await probeOnce(monitorOf(gateway)))).toBe('reset');
  });

  it('never looks a name up, and never sends a header that was not asked for', async () => {
    const named = await probeOnce(monitorOf({ address: 'localhost', port: gateway.port }));
    expect(named.outcome).toMatchObject({ failure: 'internal', detail: 'not an IP address: localhost' });
    const split = await probeOnce(monitorOf({ ...gateway, host: 'a\r\nx-evil: 1' }));
    expect(verdictOf(split)).toBe('internal');
    expect(gateway.seen).toEqual([]);
  });

  it('reports an address without a route as unreachable', async () => {
    expect(verdictOf(await probeOnce(monitorOf({ address: '255.255.255.255', port: 9 })))).toBe('unreachable');
  });

  it('has details of one short printable line', async () => {
    const result = await probeOnce(monitorOf({ address: `x\u0000\u001b[31m\n${'y'.repeat(1000)}`, port: 1 }));
    const detail = result.outcome.kind === 'failure' ? result.outcome.detail : '';
    expect(detail).toMatch(/^not an IP address: x \[31m y+$/);
    expect(detail.length).toBe(MAX_DETAIL);
  });
});

describe('addresses of version 6', () => {
  it('are probed as those of version 4', async () => {
    const six = await startTestGateway({ address: '::1' });
    expect(verdictOf(await probeOnce(monitorOf(six)))).toBe('success');
    expect(six.seen[0]?.host).toBe(`shop.gslb.example:${six.port}`);
    await six.stop();
  });
});

describe('a tcp probe', () => {
  let server: Server;
  let port = 0;

  beforeEach(async () => {
    server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    port = typeof address === 'object' && address !== null ? address.port : 0;
  });
  afterEach(() => void server.close());

  it('succeeds where the port is open, says nothing and goes', async () => {
    const accepted = once(server, 'connection');
    const tcp = monitorOf({ protocol: 'tcp', address: '127.0.0.1', port, host: '', path: '' });
    expect(verdictOf(await probeOnce(tcp))).toBe('success');
    const [socket] = await accepted;
    let octets = 0;
    socket.on('data', (chunk: Buffer) => (octets += chunk.length));
    await once(socket, 'end');
    expect(octets).toBe(0);
    socket.destroy();
  });

  it('fails where it is closed', async () => {
    server.close();
    await once(server, 'close');
    const tcp = monitorOf({ protocol: 'tcp', address: '127.0.0.1', port, host: '', path: '' });
    expect(verdictOf(await probeOnce(tcp))).toBe('refused');
  });
});
