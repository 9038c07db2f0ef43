import { mkdtemp, rename, rm, symlink, truncate, unlink, writeFile } from 'node:fs/promises';
import { createServer, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SYSTEM_CLOCK } from '../../../src/compose/system-clock.ts';
import type { Finding } from '../../../src/core/desired/finding.ts';
import { FILE_CHECK_MS } from '../../../src/prober/followed-file.ts';
import { createHeaderFiles, type HeaderSource, MAX_HEADERS_BYTES } from '../../../src/prober/header-files.ts';
import { createProber } from '../../../src/prober/prober.ts';
import { MAX_REQUEST_HEADERS, readRequestHeaders } from '../../../src/prober/request-headers.ts';
import { startTestGateway, type TestGateway } from '../../support/gateway.ts';
import { monitorOf, probeOnce, verdictOf } from './probe-once.ts';
import { listening } from './servers.ts';

const SECRET = 'Bearer s3cr3t-t0ken';
let directory: string;
let file: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'azimuth-headers-'));
  file = join(directory, 'headers.txt');
});
afterEach(() => rm(directory, { recursive: true }));

describe('a file of request headers', () => {
  it('is read line by line, names in lower case, with comments and empty lines', () => {
    const read = readRequestHeaders(`# for the gateway\r\nAuthorization: ${SECRET}\r\n\r\nX-Two:\ta: b \n`);
    expect(read).toEqual({ headers: { authorization: SECRET, 'x-two': 'a: b' }, refused: [] });
  });

  it.each([
    'Host: other.example',
    'Content-Length: 5',
    'content-type: text/plain',
    'Connection: upgrade',
    'Keep-Alive: 5',
    'Proxy-Connection: x',
    'Proxy-Authorization: x',
    'TE: gzip',
    'Trailer: x',
    'Transfer-Encoding: chunked',
    'Upgrade: h2c',
    'Expect: 100-continue',
    'grpc-timeout: 1S',
    ':authority: other.example',
  ])('has no say in %s', (line) => {
    expect(readRequestHeaders(`x-before: 1\n${line}\nx-after: 1\n`)).toMatchObject({
      headers: { 'x-before': '1', 'x-after': '1' },
      refused: [{ line: 2 }],
    });
  });

  it.each([SECRET, 'x y: z', 'x-empty:', 'x-name: caf\u00e9', 'x: a\u0000b', 'x: a\u001b[31m'])(
    'refuses %j, which is no header, without repeating it',
    (line) => {
      const { headers, refused } = readRequestHeaders(line);
      expect(headers).toEqual({});
      expect(refused).toEqual([{ line: 1, reason: 'not a name, a colon and a value of printable ASCII' }]);
    },
  );

  it('takes the first of equal names, and no more than the limit', () => {
    expect(readRequestHeaders('X: 1\nx: 2')).toMatchObject({ headers: { x: '1' }, refused: [{ line: 2 }] });
    const many = Array.from({ length: MAX_REQUEST_HEADERS + 2 }, (_, n) => `x-${n}: 1`).join('\n');
    const { headers, refused } = readRequestHeaders(many);
    expect(Object.keys(headers)).toHaveLength(MAX_REQUEST_HEADERS);
    expect(refused.map(({ line }) => line)).toEqual([MAX_REQUEST_HEADERS + 1, MAX_REQUEST_HEADERS + 2]);
  });

  it('cannot touch what objects inherit', () => {
    const { headers } = readRequestHeaders('__proto__: x\nconstructor: y');
    expect(Object.entries(headers)).toEqual([
      ['__proto__', 'x'],
      ['constructor', 'y'],
    ]);
  });
});

describe('the files of several hosts', () => {
  let told: (readonly Finding[])[];
  let now = 0;
  beforeEach(() => {
    told = [];
    now = 0;
  });
  const files = (...sources: readonly HeaderSource[]) =>
    createHeaderFiles({ sources, now: () => now, onFindings: (findings) => told.push(findings) });
  const named = async (name: string, hosts: readonly string[]): Promise<HeaderSource> => {
    await writeFile(join(directory, name), `x-from: ${name}\n`);
    return { hosts, file: join(directory, name) };
  };

  it('are chosen by the most specific entry, and the first of equals', async () => {
    const headersFor = files(
      await named('all', ['*.example']),
      await named('deep', ['*.b.example', 'a.example']),
      await named('late', ['a.example']),
    );
    const from = async (host: string): Promise<string | undefined> => (await headersFor(host))['x-from'];
    expect(await from('a.example')).toBe('deep');
    expect(await from('x.example')).toBe('all');
    expect(await from('x.y.example')).toBe('all');
    expect(await from('x.b.example')).toBe('deep');
    expect(await from('azimuth-probe.x.b.example')).toBe('deep');
    expect(await from('b.example')).toBe('all');
    expect(await from('example')).toBeUndefined();
    expect(await from('a.example.org')).toBeUndefined();
    expect(await from('')).toBeUndefined();
  });

  it('are read again when a mounted Secret is swapped behind its link', async () => {
    await writeFile(join(directory, 'v1'), 'x-key: one');
    await writeFile(join(directory, 'v2'), 'x-key: two');
    await symlink('v1', file);
    const headersFor = files({ hosts: ['a.example'], file });
    expect(await headersFor('a.example')).toEqual({ 'x-key': 'one' });
    await symlink('v2', `${file}.new`);
    await rename(`${file}.new`, file);
    expect(await headersFor('a.example')).toEqual({ 'x-key': 'one' });
    now += FILE_CHECK_MS;
    expect(await headersFor('a.example')).toEqual({ 'x-key': 'two' });
    expect(told.flat()).toEqual([]);
  });

  it('keep what they held when they go or grow, and say so once, without a value', async () => {
    await writeFile(file, `authorization: ${SECRET}\nhost: x\n${SECRET}\n`);
    const headersFor = files({ hosts: ['a.example'], file });
    const held = { authorization: SECRET };
    expect(await headersFor('a.example')).toEqual(held);
    expect(told.at(-1)).toMatchObject([
      { code: 'probe-header-refused', origin: { file, line: 2 } },
      { code: 'probe-header-refused', origin: { file, line: 3 } },
    ]);
    await truncate(file, MAX_HEADERS_BYTES + 1);
    now += FILE_CHECK_MS;
    expect(await headersFor('a.example')).toEqual(held);
    await unlink(file);
    now += FILE_CHECK_MS;
    expect(await headersFor('a.example')).toEqual(held);
    now += FILE_CHECK_MS;
    expect(await headersFor('a.example')).toEqual(held);
    const codes = told.map((findings) => findings.filter(({ code }) => code === 'probe-headers-unreadable').length);
    expect(codes).toEqual([0, 1, 1]);
    await writeFile(file, 'x: y');
    now += FILE_CHECK_MS;
    expect(await headersFor('a.example')).toEqual({ x: 'y' });
    expect(told.at(-1)).toEqual([]);
    expect(JSON.stringify(told)).not.toContain('s3cr3t');
  });
});

describe('probes with request headers', () => {
  let gateway: TestGateway;
  beforeEach(async () => {
    gateway = await startTestGateway();
  });
  afterEach(() => gateway.stop());
  const headers = (): readonly HeaderSource[] => [{ hosts: ['*.gslb.example'], file }];

  it('send them beside their own over http, and no other host gets them', async () => {
    await writeFile(file, `Authorization: ${SECRET}\nUser-Agent: ours\n`);
    await probeOnce(monitorOf(gateway), { headers: headers() });
    await probeOnce(monitorOf({ ...gateway, host: 'other.example' }), { headers: headers() });
    expect(gateway.seen.map((request) => request.headers)).toMatchObject([
      { host: `shop.gslb.example:${gateway.port}`, authorization: SECRET, 'user-agent': 'ours', accept: '*/*' },
      { host: `other.example:${gateway.port}`, 'user-agent': 'azimuth-probe' },
    ]);
    expect(gateway.seen[1]?.headers).not.toHaveProperty('authorization');
  });

  it('send them over grpc, and do not show what a server makes of them', async () => {
    await writeFile(file, `authorization: ${SECRET}\n`);
    const seen: IncomingHttpHeaders[] = [];
    const server = createServer().on('stream', (stream: ServerHttp2Stream, received: IncomingHttpHeaders) => {
      seen.push(received);
      const message = `no such token: ${String(received['authorization'])}`;
      const refusal = {
        ':status': 200,
        'content-type': 'application/grpc',
        'grpc-status': '16',
        'grpc-message': message,
      };
      stream.respond(refusal, { endStream: true });
    });
    const port = await listening(server);
    const monitor = monitorOf({ protocol: 'grpc', address: '127.0.0.1', port, path: '' });
    const result = await probeOnce(monitor, { headers: headers() });
    server.close();
    expect(seen).toMatchObject([{ authorization: SECRET, 'content-type': 'application/grpc', te: 'trailers' }]);
    expect(result.outcome).toEqual({ kind: 'failure', failure: 'status', detail: 'grpc-status 16' });
  });

  it('are not made while the file was never read, which says nothing about the target', async () => {
    const told: (readonly Finding[])[] = [];
    const options = { headers: headers(), onFindings: (findings: readonly Finding[]) => void told.push(findings) };
    const result = await probeOnce(monitorOf(gateway), options);
    expect(result.outcome).toMatchObject({ failure: 'internal', detail: `no request headers: ${file} was never read` });
    expect(gateway.seen).toEqual([]);
    expect(told).toMatchObject([[{ code: 'probe-headers-unreadable', severity: 'error', origin: { file } }]]);
  });

  it('send the new ones after a change', async () => {
    await writeFile(file, 'x-key: one\n');
    const prober = createProber({ clock: SYSTEM_CLOCK, headers: headers() });
    prober.watch([monitorOf({ ...gateway, intervalMs: 300 })]);
    const { promise, resolve } = Promise.withResolvers<void>();
    prober.start((result) => {
      if (verdictOf(result) !== 'success') return;
      if (gateway.seen.length === 1) void writeFile(file, 'x-key: two-two\n');
      if (gateway.seen.at(-1)?.headers['x-key'] === 'two-two') resolve();
    });
    await promise;
    await prober.close();
    expect(gateway.seen[0]?.headers['x-key']).toBe('one');
  });
});
