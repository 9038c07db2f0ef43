import { spawn } from 'node:child_process';
import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ProbeProtocol } from '../../../src/core/desired/model.ts';
import { makeTestCertificates, type TestCertificates } from '../../support/certificates.ts';
import { monitorOf, probeOnce, verdictOf } from './probe-once.ts';
import { type Behaviour, drip, flood, type RawServer, saying, startTcp, startTls } from './servers.ts';

/** Time that a probe may take that has to run out of it, in ms. */
const TIMEOUT_MS = 500;
/** Time that any other may take, in ms. */
const AMPLE_MS = 10_000;
/** What a probe may take longer, in ms: the machine has other work. One that hangs takes for ever. */
const GRACE_MS = 5000;
/** Octets of a flood that may be taken: what a probe reads, and what the buffers of this machine hold. */
const TAKEN = 24 * 2 ** 20;

const PATHS: Readonly<Record<ProbeProtocol, string>> = {
  http: '/',
  https: '/',
  h2: '/',
  tcp: '',
  tls: '',
  grpc: '',
  grpcs: '',
  dns: 'www.example?type=A',
};

let directory: string;
let made: TestCertificates;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'azimuth-hostile-'));
  made = await makeTestCertificates(directory, 'shop.gslb.example');
});
afterAll(() => rm(directory, { recursive: true }));

/**
 * Probes a server and expects a verdict. The probe must have ended in time, with no socket left, and have read no more than
 * it has to. Where no timeout is expected there is ample time: the machine may be busy.
 */
async function expectVerdict(protocol: ProbeProtocol, server: RawServer, verdict: string | RegExp): Promise<void> {
  const timeoutMs = String(verdict).includes('timeout') ? TIMEOUT_MS : AMPLE_MS;
  const { address, port } = server;
  const monitor = monitorOf({ protocol, address, port, path: PATHS[protocol], timeoutMs });
  const result = await probeOnce(monitor, { trustFile: made.caFile });
  await server.stop();
  expect(verdictOf(result)).toMatch(typeof verdict === 'string' ? new RegExp(`^${verdict}$`) : verdict);
  expect(result.durationMs).toBeLessThan(timeoutMs + GRACE_MS);
  expect(server.sent()).toBeLessThan(TAKEN);
}

const HEAD = 'HTTP/1.1 200 OK\r\n';
const OVER_TLS: readonly ProbeProtocol[] = ['https', 'h2', 'tls', 'grpcs'];
const OVER_TCP: readonly ProbeProtocol[] = ['http', 'grpc'];
const OVER_HTTP2 = ['h2', 'grpc', 'grpcs'] as const;

/** Types of frames (RFC 9113 §6). */
const [DATA, HEADERS, PING, CONTINUATION] = [0, 1, 6, 9];
const END_HEADERS = 4;

/** A frame (RFC 9113 §4.1). */
function frame(type: number, flags: number, stream: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head.set([type, flags], 3);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

const SETTINGS = frame(4, 0, 0, Buffer.alloc(0));
/** `:status 200` (RFC 7541 §6.1) and `content-type: application/grpc` (§6.2.2) on the first stream. */
const RESPONSE_HEADERS = frame(HEADERS, END_HEADERS, 1, Buffer.from('\x88\x0f\x10\x10application/grpc', 'latin1'));

function many(piece: Buffer): Buffer {
  return Buffer.concat(Array.from({ length: 256 }, () => piece));
}

/** Greets as an HTTP/2 server does, and behaves when the client has said something. */
function afterRequest(behave: Behaviour): Behaviour {
  return (socket) => {
    socket.write(SETTINGS);
    let after: unknown;
    socket.once('data', () => {
      after = behave(socket);
    });
    return () => typeof after === 'function' && void after();
  };
}

function startHttp2(protocol: (typeof OVER_HTTP2)[number], behave: Behaviour): Promise<RawServer> {
  return protocol === 'grpc' ? startTcp(behave) : startTls(made.good, behave, { ALPNProtocols: ['h2'] });
}

describe('a server that accepts and never answers', () => {
  it.each([...OVER_TCP, ...OVER_TLS])('is a timeout over %s', async (protocol) => {
    await expectVerdict(protocol, await startTcp(() => {}), 'timeout');
  });

  it.each(['https', 'h2', 'grpcs'] as const)('after the handshake is a timeout over %s', async (protocol) => {
    const ALPNProtocols = [protocol === 'https' ? 'http/1.1' : 'h2'];
    await expectVerdict(protocol, await startTls(made.good, () => {}, { ALPNProtocols }), 'timeout');
  });
});

describe('a server that needs to say nothing', () => {
  it.each([
    ['never answers', () => {}],
    ['floods', flood(Buffer.alloc(65_536))],
    ['sends one octet at a time', drip('x', 50)],
  ] satisfies [string, Behaviour][])('is up over tcp and tls though it %s', async (_what, behave) => {
    await expectVerdict('tcp', await startTcp(behave), 'success');
    await expectVerdict('tls', await startTls(made.good, behave), 'success');
  });

  it('may be up over tcp though it resets, where that comes after its connection was seen', async () => {
    await expectVerdict('tcp', await startTcp((socket) => socket.resetAndDestroy()), /^(success|reset)$/);
  });

  it('is a timeout over tcp where it does not accept', async () => {
    const deaf = await startDeaf();
    const monitor = monitorOf({ protocol: 'tcp', address: '127.0.0.1', port: deaf.port, timeoutMs: TIMEOUT_MS });
    const result = await probeOnce(monitor);
    await deaf.stop();
    expect(result.outcome).toMatchObject({ failure: 'timeout', detail: expect.stringContaining('connecting') });
    expect(result.durationMs).toBeLessThan(TIMEOUT_MS + GRACE_MS);
  });
});

describe('a server that resets', () => {
  it.each([...OVER_TCP, ...OVER_TLS])('at once is a reset over %s', async (protocol) => {
    await expectVerdict(protocol, await startTcp((socket) => socket.resetAndDestroy()), 'reset');
  });

  it.each(OVER_TCP)('after the request is a reset over %s', async (protocol) => {
    const behave: Behaviour = (socket) => socket.once('data', () => socket.resetAndDestroy());
    await expectVerdict(protocol, await startTcp(behave), 'reset');
  });

  it.each(['https', 'h2', 'grpcs'] as const)('after the request is a reset over %s', async (protocol) => {
    const ALPNProtocols = [protocol === 'https' ? 'http/1.1' : 'h2'];
    const behave: Behaviour = (socket) => {
      const secure = new TLSSocket(socket, { isServer: true, ...made.good, ALPNProtocols });
      secure.on('error', () => {}).once('data', () => socket.resetAndDestroy());
    };
    await expectVerdict(protocol, await startTcp(behave), 'reset');
  });
});

describe('half a TLS handshake', () => {
  /** The header of a handshake record that announces a ServerHello of 90 octets. */
  const begun = Buffer.from([0x16, 3, 3, 0, 0x5a, 2, 0, 0, 0x56, 3, 3]);

  it.each(OVER_TLS)('that does not go on is a timeout over %s', async (protocol) => {
    await expectVerdict(protocol, await startTcp((socket) => socket.write(begun)), 'timeout');
  });

  it.each(OVER_TLS)('that trickles is a timeout over %s', async (protocol) => {
    await expectVerdict(protocol, await startTcp(drip(begun.subarray(0, 1), 100)), /^(timeout|tls)$/);
  });

  it.each(OVER_TLS)('that ends is a reset over %s', async (protocol) => {
    await expectVerdict(protocol, await startTcp((socket) => void socket.end(begun)), 'reset');
  });

  it.each(OVER_TLS)('of nonsense without an end is a tls failure over %s', async (protocol) => {
    await expectVerdict(protocol, await startTcp(flood(Buffer.alloc(65_536, 0x41))), 'tls');
  });
});

describe('a server that answers a little at a time', () => {
  it.each([
    ['the status line', drip('H', 100), 'protocol'],
    ['the header', saying(HEAD, drip('x', 100)), 'timeout'],
    ['the body', saying(`${HEAD}content-length: 99\r\n\r\n`, drip('x', 100)), 'timeout'],
    ['chunks', saying(`${HEAD}transfer-encoding: chunked\r\n\r\n`, drip('1\r\nx\r\n', 100)), 'timeout'],
    ['informational responses', drip('HTTP/1.1 103 Early Hints\r\n\r\n', 50), 'timeout'],
  ] satisfies [string, Behaviour, string][])('of %s has failed over http and https', async (_what, behave, verdict) => {
    await expectVerdict('http', await startTcp(behave), verdict);
    await expectVerdict('https', await startTls(made.good, behave), verdict);
  });

  it.each(OVER_HTTP2)('of an HTTP/2 frame has failed over %s', async (protocol) => {
    await expectVerdict(protocol, await startHttp2(protocol, drip('\0', 100)), 'timeout');
  });

  it.each(OVER_HTTP2)('of a body has failed over %s', async (protocol) => {
    const behave = afterRequest(saying(RESPONSE_HEADERS, drip(frame(DATA, 0, 1, Buffer.from('x')), 100)));
    await expectVerdict(protocol, await startHttp2(protocol, behave), 'timeout');
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
  ])('%s has failed over http and https', async (_what, first, again, verdict) => {
    const behave: Behaviour = saying(first, flood(again));
    await expectVerdict('http', await startTcp(behave), verdict);
    await expectVerdict('https', await startTls(made.good, behave), verdict);
  });

  it('of a body is read to the limit, which is all that is asked for', async () => {
    const behave: Behaviour = saying(`${HEAD}\r\n`, flood(Buffer.alloc(65_536)));
    await expectVerdict('http', await startTcp(behave), 'success');
    await expectVerdict('https', await startTls(made.good, behave), 'success');
  });

  it.each(OVER_HTTP2)('of HTTP/2 frames has failed over %s', async (protocol) => {
    for (const again of [SETTINGS, frame(PING, 0, 0, Buffer.alloc(8))]) {
      const server = await startHttp2(protocol, saying(SETTINGS, flood(many(again))));
      await expectVerdict(protocol, server, /^(protocol|timeout|reset)$/);
    }
  });

  it.each(OVER_HTTP2)('of HTTP/2 headers has failed over %s', async (protocol) => {
    // HEADERS without END_HEADERS, and then CONTINUATION without an end.
    const more = frame(CONTINUATION, 0, 1, Buffer.from('\0\x05x-abc\x07overand'));
    const behave = afterRequest(saying(frame(HEADERS, 0, 1, Buffer.of(0x88)), flood(many(more))));
    await expectVerdict(protocol, await startHttp2(protocol, behave), /^(protocol|reset)$/);
  });

  it.each([
    ['h2', 'success'],
    ['grpc', 'protocol'],
    ['grpcs', 'protocol'],
  ] as const)('of an HTTP/2 body is read to the limit over %s: %s', async (protocol, verdict) => {
    const behave = afterRequest(saying(RESPONSE_HEADERS, flood(frame(DATA, 0, 1, Buffer.alloc(16_000)))));
    // Whoever keeps to no flow control may be cut off for that before.
    const expected = new RegExp(`^(${verdict}|protocol)$`);
    await expectVerdict(protocol, await startHttp2(protocol, behave), expected);
  });
});

describe('a DNS server', () => {
  /** Answers over UDP that the answer is too long for it, and behaves over TCP on the same port. */
  const truncating = async (behave: Behaviour, verdict: string): Promise<void> => {
    const { server, udp } = await startBoth(behave);
    udp.on('message', (query, from) => {
      const answer = Buffer.from(query);
      answer.writeUInt16BE(0x8600, 2);
      udp.send(answer, from.port, from.address);
    });
    await expectVerdict('dns', server, verdict);
    udp.close();
  };

  it.each([
    ['never answers', () => {}, 'timeout'],
    ['resets', (socket) => socket.resetAndDestroy(), 'reset'],
    ['resets after the question', (socket) => socket.once('data', () => socket.resetAndDestroy()), 'reset'],
    ['answers one octet at a time', drip(Buffer.of(1), 100), 'timeout'],
    ['announces more than it may', flood(Buffer.alloc(65_536, 0xff)), 'protocol'],
    ['floods', flood(Buffer.alloc(65_536, 1)), 'protocol'],
  ] satisfies [string, Behaviour, string][])('that %s over TCP has failed: %s', async (_what, behave, verdict) => {
    await truncating(behave, verdict);
  });

  it('that floods over UDP with answers to others is a timeout', async () => {
    const udp = createSocket('udp4');
    let state: 'quiet' | 'flooding' | 'ended' = 'quiet';
    udp.on('message', (query, from) => {
      if (state !== 'quiet') return;
      state = 'flooding';
      const other = Buffer.from(query);
      other.writeUInt16BE(query.readUInt16BE(0) ^ 1, 0);
      const more = (): void => {
        if (state === 'flooding') udp.send(other, from.port, from.address, () => setImmediate(more));
      };
      more();
    });
    udp.bind(0, '127.0.0.1');
    await once(udp, 'listening');
    const { port } = udp.address();
    const result = await probeOnce(
      monitorOf({ protocol: 'dns', address: '127.0.0.1', port, path: PATHS.dns, timeoutMs: TIMEOUT_MS }),
    );
    expect(state).toBe('flooding');
    state = 'ended';
    udp.close();
    expect(verdictOf(result)).toBe('timeout');
    expect(result.durationMs).toBeLessThan(TIMEOUT_MS + GRACE_MS);
  });
});

/** Servers over TCP and UDP on one port: what the system chose for the one may be somebody's for the other. */
async function startBoth(behave: Behaviour): Promise<{ readonly server: RawServer; readonly udp: UdpSocket }> {
  for (;;) {
    const server = await startTcp(behave);
    const udp = createSocket('udp4').bind(server.port, server.address);
    try {
      await once(udp, 'listening');
      return { server, udp };
    } catch {
      udp.close();
      await server.stop();
    }
  }
}

/** Listens and never accepts: its process stands still, and its queue is full. */
async function startDeaf(): Promise<{ readonly port: number; stop(): Promise<void> }> {
  const program = `
    const server = require('node:net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
      require('node:fs').writeSync(1, server.address().port + '\\n');
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
    });`;
  const child = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = await once(createInterface({ input: child.stdout }), 'line');
  const port = Number(line);
  // As many as the queue takes (`backlog` and one) are connected by the system alone.
  const waiting = [connect({ host: '127.0.0.1', port }), connect({ host: '127.0.0.1', port })];
  await Promise.all(waiting.map((socket) => once(socket, 'connect')));
  return {
    port,
    async stop() {
      for (const socket of waiting) socket.destroy();
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}
