import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ProbeProtocol } from '../../../src/core/desired/model.ts';
import { makeTestCertificates, type TestCertificates } from '../../support/certificates.ts';
import { monitorOf, probeOnce, verdictOf } from './probe-once.ts';
import { type Behaviour, drip, flood, type RawServer, saying, startTcp, startTls } from './servers.ts';

/** Time that a probe may take here, in ms. */
const TIMEOUT_MS = 500;
/** What a probe may take longer, in ms: the machine has other work. */
const GRACE_MS = 400;
/** Octets of a flood that may be taken: what a probe reads, and what the buffers of this machine hold. */
const TAKEN = 24 * 2 ** 20;

let directory: string;
let made: TestCertificates;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'azimuth-hostile-'));
  made = await makeTestCertificates(directory, 'shop.gslb.example');
});
afterAll(() => rm(directory, { recursive: true }));

/** Probes a server and tells the verdict; the probe must have ended in time, with no socket left, and have read no more than it has to. */
async function verdictOn(protocol: ProbeProtocol, server: RawServer): Promise<string> {
  const { address, port } = server;
  const path = protocol === 'http' || protocol === 'https' || protocol === 'h2' ? '/' : '';
  const monitor = monitorOf({ protocol, address, port, path, timeoutMs: TIMEOUT_MS });
  const result = await probeOnce(monitor, { trustFile: made.caFile });
  await server.stop();
  expect(result.durationMs).toBeLessThan(TIMEOUT_MS + GRACE_MS);
  expect(server.sent()).toBeLessThan(TAKEN);
  return verdictOf(result);
}

const HEAD = 'HTTP/1.1 200 OK\r\n';
const OVER_TLS: readonly ProbeProtocol[] = ['https', 'h2', 'tls', 'grpcs'];
const OVER_TCP: readonly ProbeProtocol[] = ['http', 'grpc'];

describe('a server that accepts and never answers', () => {
  it.each([...OVER_TCP, ...OVER_TLS])('is a timeout over %s', async (protocol) => {
    expect(await verdictOn(protocol, await startTcp(() => {}))).toBe('timeout');
  });

  it.each(['https', 'h2', 'grpcs'] as const)('after the handshake is a timeout over %s', async (protocol) => {
    const ALPNProtocols = [protocol === 'https' ? 'http/1.1' : 'h2'];
    expect(await verdictOn(protocol, await startTls(made.good, () => {}, { ALPNProtocols }))).toBe('timeout');
  });
});

describe('a server that resets', () => {
  it.each([...OVER_TCP, ...OVER_TLS])('at once is a reset over %s', async (protocol) => {
    expect(await verdictOn(protocol, await startTcp((socket) => socket.resetAndDestroy()))).toBe('reset');
  });

  it.each(OVER_TCP)('after the request is a reset over %s', async (protocol) => {
    const behave: Behaviour = (socket) => socket.once('data', () => socket.resetAndDestroy());
    expect(await verdictOn(protocol, await startTcp(behave))).toBe('reset');
  });
});

describe('half a TLS handshake', () => {
  /** The header of a handshake record that announces a ServerHello of 90 octets. */
  const begun = Buffer.from([0x16, 3, 3, 0, 0x5a, 2, 0, 0, 0x56, 3, 3]);

  it.each(OVER_TLS)('that does not go on is a timeout over %s', async (protocol) => {
    expect(await verdictOn(protocol, await startTcp((socket) => socket.write(begun)))).toBe('timeout');
  });

  it.each(OVER_TLS)('that trickles is a timeout over %s', async (protocol) => {
    expect(await verdictOn(protocol, await startTcp(drip(begun.subarray(0, 1), 100)))).toMatch(/^(timeout|tls)$/);
  });

  it.each(OVER_TLS)('that ends is a reset over %s', async (protocol) => {
    expect(await verdictOn(protocol, await startTcp((socket) => void socket.end(begun)))).toBe('reset');
  });

  it.each(OVER_TLS)('of nonsense without an end is a tls failure over %s', async (protocol) => {
    expect(await verdictOn(protocol, await startTcp(flood(Buffer.alloc(65_536, 0x41))))).toBe('tls');
  });
});

describe('a server that answers a little at a time', () => {
  it.each([
    ['the status line', drip('H', 100), 'protocol'],
    ['the header', saying(HEAD, drip('x', 100)), 'timeout'],
    ['the body', saying(`${HEAD}content-length: 99\r\n\r\n`, drip('x', 100)), 'timeout'],
    ['chunks', saying(`${HEAD}transfer-encoding: chunked\r\n\r\n`, drip('1\r\nx\r\n', 100)), 'timeout'],
    ['informational responses', drip('HTTP/1.1 103 Early Hints\r\n\r\n', 50), 'timeout'],
  ] satisfies [string, Behaviour, string][])('of %s has failed over http', async (_what, behave, verdict) => {
    expect(await verdictOn('http', await startTcp(behave))).toBe(verdict);
  });

  it('of an HTTP/2 frame has failed over grpc', async () => {
    expect(await verdictOn('grpc', await startTcp(drip('\0', 100)))).toBe('timeout');
  });
});

describe('a server without an end', () => {
  it.each([
    ['of headers', HEAD, 'x-more: of the same\r\n', 'protocol'],
    ['of one header', `${HEAD}x: `, 'y'.repeat(4096), 'protocol'],
    ['of white space before the status line', '', '\r\n'.repeat(2048), 'protocol'],
    ['of one chunk extension', `${HEAD}transfer-encoding: chunked\r\n\r\n1;`, 'x'.repeat(4096), 'protocol'],
    ['of trailers', `${HEAD}transfer-encoding: chunked\r\n\r\n0\r\n`, 'x-more: of the same\r\n'.repeat(64), 'protocol'],
    ['of informational responses', '', 'HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(64), 'protocol'],
  ])('%s has failed over http', async (_what, first, again, verdict) => {
    const behave: Behaviour = saying(first, flood(again));
    expect(await verdictOn('http', await startTcp(behave))).toBe(verdict);
  });

  it('of a body is read to the limit, which is all that is asked for', async () => {
    const behave: Behaviour = saying(`${HEAD}\r\n`, flood(Buffer.alloc(65_536)));
    expect(await verdictOn('http', await startTcp(behave))).toBe('success');
    expect(await verdictOn('https', await startTls(made.good, behave))).toBe('success');
  });

  it.each(['grpc', 'h2'] as const)('of HTTP/2 frames has failed over %s', async (protocol) => {
    const settings = Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]);
    const ping = Buffer.concat([Buffer.from([0, 0, 8, 6, 0, 0, 0, 0, 0]), Buffer.alloc(8)]);
    // HEADERS without END_HEADERS, and then CONTINUATION without an end.
    const headers = Buffer.from([0, 0, 1, 1, 0, 0, 0, 0, 1, 0x88]);
    const more = Buffer.concat([Buffer.from([0, 0, 16, 9, 0, 0, 0, 0, 1]), Buffer.from('\0\x05x-abc\x07overand')]);
    const start = (behave: Behaviour): Promise<RawServer> =>
      protocol === 'grpc' ? startTcp(behave) : startTls(made.good, behave, { ALPNProtocols: ['h2'] });
    for (const again of [settings, ping]) {
      const frames = Buffer.concat(Array.from({ length: 256 }, () => again));
      const server = await start(saying(settings, flood(frames)));
      expect(await verdictOn(protocol, server)).toMatch(/^(protocol|timeout|reset)$/);
    }
    const frames = Buffer.concat(Array.from({ length: 256 }, () => more));
    const server = await start((socket) => {
      socket.write(settings);
      socket.once('data', () => saying(headers, flood(frames))(socket));
    });
    expect(await verdictOn(protocol, server)).toMatch(/^(protocol|reset)$/);
  });
});
