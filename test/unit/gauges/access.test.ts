import { once } from 'node:events';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { createServer as createHttpServer, type RequestListener, type Server } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TLSSocket, type TlsOptions } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Finding } from '../../../src/core/desired/finding.ts';
import type { GaugeAccess, NamedMonitor } from '../../../src/core/desired/model.ts';
import type { GaugeReading } from '../../../src/core/health/external-gauge.ts';
import { createGauges } from '../../../src/gauges/gauges.ts';
import { FILE_CHECK_MS, followFile } from '../../../src/prober/followed-file.ts';
import { makeTestCertificates, type TestCertificates } from '../../support/certificates.ts';
import { eventually } from '../../support/eventually.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import { listening } from '../prober/servers.ts';

const NUMBER = JSON.stringify({ status: 'success', data: { resultType: 'scalar', result: [1, '0.5'] } });
const TOKEN = 'eyJhbGciOi.J9-very_secret~token+/==';
const PASSWORD = 'correct horse: battéry';

let folder: string;
let made: TestCertificates;
let stranger: TestCertificates;
const cleanups: (() => unknown)[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'azimuth-access-'));
  made = await makeTestCertificates(folder, 'localhost');
  const other = await mkdtemp(join(folder, 'other-'));
  stranger = await makeTestCertificates(other, 'localhost');
});
afterAll(() => rm(folder, { recursive: true }));
afterEach(async () => {
  for (const clean of cleanups.splice(0).toReversed()) await clean();
});

async function serve(server: Server, scheme: string): Promise<string> {
  const port = await listening(server);
  cleanups.push(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });
  return `${scheme}://localhost:${port}`;
}

const http = (answer: RequestListener) => serve(createHttpServer(answer), 'http');
const https = (options: TlsOptions, answer: RequestListener) => serve(createHttpsServer(options, answer), 'https');

/** Answers with the number to whoever says this in `authorization`, and else with what it was told. */
const guarded =
  (expected: () => string): RequestListener =>
  ({ headers: { authorization = '' } }, response) => {
    const isKnown = authorization === expected();
    response.statusCode = isKnown ? 200 : 401;
    response.end(isKnown ? NUMBER : JSON.stringify({ status: 'error', errorType: 'no', error: authorization }));
  };

/** A file of its own for the content, put in its place as a mounted Secret is. */
async function file(name: string, content: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(`${path}.new`, content);
  await rename(`${path}.new`, path);
  return path;
}

function gauge(url: string, access: GaugeAccess, name = 'load'): NamedMonitor {
  const rhythm = { intervalMs: FILE_CHECK_MS, timeoutMs: 1000 };
  const query = { url, expr: 'load', above: 1, runs: 1, means: 'down', access, ...rhythm } as const;
  return { name, id: `monitor:${name}`, source: { kind: 'prometheus', gauge: query } };
}

function start(...named: readonly NamedMonitor[]) {
  const clock = createManualClock(1_800_000_000_000);
  const readings: GaugeReading[] = [];
  const findings: (readonly Finding[])[] = [];
  const gauges = createGauges({
    clock,
    named,
    follow: followFile,
    onFindings: (all) => findings.push(all),
    jitter: () => 0,
  });
  cleanups.push(() => gauges.close());
  gauges.start((reading) => readings.push(reading));
  const again = async (): Promise<GaugeReading['outcome'] | undefined> => {
    const count = readings.length;
    await clock.advance(FILE_CHECK_MS);
    await eventually(() => expect(readings.length).toBeGreaterThanOrEqual(count + named.length));
    return readings.at(-1)?.outcome;
  };
  return { gauges, readings, findings, again };
}

const VALUE = { kind: 'value', value: 0.5 };

describe('a Prometheus server with a login', () => {
  it.each([
    ['a bearer token', { kind: 'bearer', tokenFile: '' }, `${TOKEN}\n`, `Bearer ${TOKEN}`],
    [
      'a name and a password',
      { kind: 'basic', user: 'azimuth', passwordFile: '' },
      `${PASSWORD}\r\n`,
      `Basic ${Buffer.from(`azimuth:${PASSWORD}`).toString('base64')}`,
    ],
  ] as const)('is told %s of a file', async (_what, login, content, expected) => {
    const path = await file(`login-${login.kind}`, content);
    const url = await http(guarded(() => expected));
    const filled = login.kind === 'bearer' ? { ...login, tokenFile: path } : { ...login, passwordFile: path };
    const { gauges, readings, findings } = start(gauge(url, { login: filled }));
    await gauges.firstRound();
    expect(readings).toMatchObject([{ outcome: VALUE }]);
    expect(findings).toEqual([]);
  });

  it('is told the new token soon after the file changed, and the last one while the file is gone', async () => {
    const tokenFile = await file('changing', 'token-one');
    let expected = 'Bearer token-one';
    const { gauges, again, findings } = start(
      gauge(await http(guarded(() => expected)), { login: { kind: 'bearer', tokenFile } }),
    );
    await gauges.firstRound();
    expected = 'Bearer token-two';
    expect(await again()).toMatchObject({ failure: 'refused' });
    await file('changing', 'token-two');
    expect(await again()).toEqual(VALUE);
    await rm(tokenFile);
    expect(await again()).toEqual(VALUE);
    expect(findings.at(-1)).toMatchObject([{ code: 'gauge-file-unreadable', origin: { file: tokenFile } }]);
    await file('changing', 'token-two');
    expect(await again()).toEqual(VALUE);
    expect(findings.at(-1)).toEqual([]);
  });

  it('is not asked before the file was read once', async () => {
    let asked = 0;
    const url = await http((_request, response) => {
      asked += 1;
      response.end(NUMBER);
    });
    const tokenFile = join(folder, 'absent');
    const { gauges, readings, findings, again } = start(gauge(url, { login: { kind: 'bearer', tokenFile } }));
    await gauges.firstRound();
    expect(readings).toMatchObject([{ outcome: { kind: 'failure', failure: 'credentials' } }]);
    expect(findings.at(-1)?.map(({ code }) => code)).toEqual(['gauge-file-unreadable', 'gauge-unreadable']);
    expect(asked).toBe(0);
    await file('absent', TOKEN);
    expect(await again()).toEqual(VALUE);
    expect(findings.at(-1)).toEqual([]);
  });

  it.each([
    ['a token of two lines', 'token', 'one\ntwo'],
    ['a token that would begin a header', 'token', 'one\r\nhost: evil.example'],
    ['no token', 'token', '\n'],
    ['a password of two lines', 'password', 'one\ntwo\n'],
    ['no password', 'password', '\n'],
    ['a large file', 'token', 'x'.repeat(16_385)],
  ])('takes no %s, and shows nothing of it', async (_what, kind, content) => {
    const path = await file('bad', content);
    const login =
      kind === 'token'
        ? ({ kind: 'bearer', tokenFile: path } as const)
        : ({ kind: 'basic', user: 'u', passwordFile: path } as const);
    const url = await http((_request, response) => void response.end(NUMBER));
    const { gauges, readings, findings } = start(gauge(url, { login }));
    await gauges.firstRound();
    expect(readings).toMatchObject([{ outcome: { failure: 'credentials' } }]);
    expect(JSON.stringify(findings)).not.toMatch(/two|evil|xxxx/);
  });

  it.each([
    ['the header', (header: string) => header],
    ['a part of it', (header: string) => `unknown: ${header.slice(9, 20)}`],
    ['it as the value', (header: string) => header, 'value'],
  ])('that says back %s shows nothing of it', async (_what, say, as?: string) => {
    const url = await http(({ headers: { authorization = '' } }, response) => {
      const error = { status: 'error', errorType: 'bad_data', error: say(authorization) };
      const value = { status: 'success', data: { resultType: 'scalar', result: [1, say(authorization)] } };
      response.end(JSON.stringify(as === 'value' ? value : error));
    });
    const tokenFile = await file('echoed', TOKEN);
    const { gauges, readings, findings } = start(gauge(url, { login: { kind: 'bearer', tokenFile } }));
    await gauges.firstRound();
    expect(readings).toMatchObject([{ outcome: { detail: expect.stringContaining('left out') } }]);
    expect(findings).toHaveLength(1);
    for (let from = 0; from + 6 <= TOKEN.length; from++) {
      expect(JSON.stringify([readings, findings])).not.toContain(TOKEN.slice(from, from + 6));
    }
  });

  it('that refuses an expression still says why', async () => {
    const url = await http((_request, response) => {
      response.end(JSON.stringify({ status: 'error', errorType: 'bad_data', error: 'parse error: unexpected "}"' }));
    });
    const tokenFile = await file('plain', TOKEN);
    const { gauges, readings } = start(gauge(url, { login: { kind: 'bearer', tokenFile } }));
    await gauges.firstRound();
    expect(readings).toMatchObject([{ outcome: { detail: 'bad_data: parse error: unexpected "}"' } }]);
  });
});

describe('a Prometheus server with TLS', () => {
  const open: RequestListener = (_request, response) => void response.end(NUMBER);

  it('is believed by an authority of its own, and by no other', async () => {
    const url = await https(made.good, open);
    const { gauges, readings } = start(
      gauge(url, { trustFile: made.caFile }, 'own'),
      gauge(url, { trustFile: stranger.caFile }, 'other'),
      gauge(url, {}, 'none'),
    );
    await gauges.firstRound();
    const outcomes = Object.fromEntries(readings.map(({ monitor, outcome }) => [monitor, outcome]));
    expect(outcomes).toMatchObject({
      'monitor:own': VALUE,
      'monitor:other': { failure: 'unreachable', detail: 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY' },
      'monitor:none': { failure: 'unreachable', detail: 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY' },
    });
  });

  it('is believed when the authority comes into the file', async () => {
    const trustFile = await file('trust', stranger.ca);
    const { gauges, readings, again } = start(gauge(await https(made.good, open), { trustFile }));
    await gauges.firstRound();
    expect(readings).toMatchObject([{ outcome: { failure: 'unreachable' } }]);
    await file('trust', made.ca);
    expect(await again()).toEqual(VALUE);
    await file('trust', 'nonsense');
    expect(await again()).toEqual(VALUE);
  });

  it('is shown a certificate where it wants one', async () => {
    const { cert, key } = made.selfSigned;
    const url = await https({ ...made.good, ca: [cert], requestCert: true, rejectUnauthorized: true }, open);
    const certificate = { file: await file('client.pem', cert), keyFile: await file('client.key', key) };
    const { gauges, readings } = start(
      gauge(url, { trustFile: made.caFile, certificate }, 'known'),
      gauge(url, { trustFile: made.caFile }, 'unknown'),
    );
    await gauges.firstRound();
    const outcomes = Object.fromEntries(readings.map(({ monitor, outcome }) => [monitor, outcome]));
    expect(outcomes).toMatchObject({ 'monitor:known': VALUE, 'monitor:unknown': { failure: 'unreachable' } });
  });

  it('is shown the last pair while half of a new one is there', async () => {
    const [first, second] = [made.selfSigned, stranger.selfSigned];
    const seen: (string | undefined)[] = [];
    const url = await https({ ...made.good, requestCert: true, rejectUnauthorized: false }, (request, response) => {
      seen.push(fingerprintOf(request.socket));
      response.setHeader('connection', 'close');
      response.end(NUMBER);
    });
    const certificate = { file: await file('pair.pem', first.cert), keyFile: await file('pair.key', first.key) };
    const { gauges, again, findings } = start(gauge(url, { trustFile: made.caFile, certificate }));
    await gauges.firstRound();
    await file('pair.pem', second.cert);
    expect(await again()).toEqual(VALUE);
    expect(findings.at(-1)).toMatchObject([{ code: 'gauge-file-unreadable', origin: { file: certificate.file } }]);
    await file('pair.key', second.key);
    expect(await again()).toEqual(VALUE);
    expect(findings.at(-1)).toEqual([]);
    expect(seen[0]).toMatch(/^[0-9A-F]{2}:/);
    expect(seen[1]).toBe(seen[0]);
    expect(seen[2]).not.toBe(seen[0]);
  });
});

function fingerprintOf(socket: object): string | undefined {
  if (!(socket instanceof TLSSocket)) return undefined;
  return socket.getPeerCertificate().fingerprint256;
}
