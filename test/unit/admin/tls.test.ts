import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { connect as connectTls } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { AdminOptions } from '../../../src/admin/app.ts';
import type { ClientCertificates } from '../../../src/admin/tls/tls-files.ts';
import type { Finding } from '../../../src/core/desired/finding.ts';
import type { Audit, AuditEntry } from '../../../src/core/ports.ts';
import { eventually } from '../../support/eventually.ts';
import { type Admin, READ, startAdmin } from './admin-fixture.ts';
import {
  askTls,
  authority,
  type ClientKind,
  clientPair,
  days,
  type Pair,
  serverPair,
  writeTls,
} from './tls-fixture.ts';

let folder = '';
let ours: Awaited<ReturnType<typeof authority>>;
let others: typeof ours;
let own: Pair;
let admin: Admin | undefined;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'azimuth-tls-'));
  [ours, others] = [await authority('ours'), await authority('others')];
  own = await serverPair(ours);
});
afterAll(() => rm(folder, { recursive: true }));
afterEach(async () => {
  await admin?.server.close();
  admin = undefined;
});

/** Starts a server over TLS, with what it says of itself. */
async function start(clientCertificates: ClientCertificates = 'none', more: Partial<AdminOptions> = {}) {
  let findings: readonly Finding[] = [];
  const files = await writeTls(folder, own, clientCertificates === 'none' ? undefined : ours.pem);
  const started = await startAdmin({
    tls: { ...files, clientCertificates },
    now: () => Date.now(),
    onFindings(all) {
      findings = all;
    },
    ...more,
  });
  admin = started;
  const ask = (path: string, options: Parameters<typeof askTls>[2] = {}) =>
    askTls(started.port, path, { ca: ours.pem, ...options });
  return { ...started, files, ask, findings: () => findings };
}

describe('TLS', () => {
  it('carries the API to those who trust the authority, by version 1.2 or 1.3', async () => {
    const { ask } = await start();
    expect(await ask('/v1/status', { token: READ })).toMatchObject({ status: 200, protocol: 'TLSv1.3' });
    expect(await ask('/healthz', { maxVersion: 'TLSv1.2' })).toMatchObject({ status: 200, protocol: 'TLSv1.2' });
    expect((await ask('/v1/status')).status).toBe(401);
  });

  it('is nothing for those who trust another one, speak an old version, or none', async () => {
    const { ask, port } = await start();
    await expect(ask('/healthz', { ca: others.pem })).rejects.toThrow(/unable to verify|self-signed|issuer/i);
    await expect(
      ask('/healthz', { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' }),
    ).rejects.toThrow();
    const plain = connect(port, '127.0.0.1');
    plain.on('error', () => {});
    plain.write('GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n');
    expect(await text(plain).catch(() => '')).not.toContain('200');
    expect((await ask('/healthz')).status).toBe(200);
  });

  it('an expired certificate of the server is what clients refuse', async () => {
    const expired = await serverPair(ours, days(-5, -1));
    const files = await writeTls(folder, expired);
    const { ask } = await start('none', { tls: { ...files, clientCertificates: 'none' } });
    // `start` wrote the good one; the expired one comes by a change of the files.
    await writeTls(folder, expired);
    await eventually(() => expect(ask('/healthz')).rejects.toThrow(/expired/));
  });

  it('no session is resumed', async () => {
    const { port } = await start();
    const open = (session?: Buffer) => {
      const { promise, resolve, reject } = Promise.withResolvers<{ reused: boolean; session: Buffer | undefined }>();
      const given = session === undefined ? {} : { session };
      const socket = connectTls({
        port,
        host: '127.0.0.1',
        servername: 'localhost',
        ca: ours.pem,
        maxVersion: 'TLSv1.2',
        ...given,
      });
      socket.on('error', reject);
      socket.on('secureConnect', () => {
        resolve({ reused: socket.isSessionReused(), session: socket.getSession() });
        socket.destroy();
      });
      return promise;
    };
    const first = await open();
    expect((await open(first.session)).reused).toBe(false);
  });

  it.each([
    ['a key that is not there', async () => rm(join(folder, 'admin.key')), /ENOENT/],
    [
      'a key of another',
      async () => writeFile(join(folder, 'admin.key'), (await serverPair(ours)).key),
      /is not the key/,
    ],
    ['a certificate that is none', () => writeFile(join(folder, 'admin.pem'), 'nothing'), /holds no CERTIFICATE/],
    [
      'a certificate that cannot be read',
      () => writeFile(join(folder, 'admin.pem'), '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'),
      /no certificate that can be read/,
    ],
    ['too much', () => writeFile(join(folder, 'admin.pem'), 'x'.repeat(1_100_000)), /larger than/],
  ])('does not start with %s, and quotes no key', async (_what, spoil, expected) => {
    const files = await writeTls(folder, own);
    await spoil();
    const error = await startAdmin({ tls: { ...files, clientCertificates: 'none' } }).catch(
      (reason: unknown) => reason,
    );
    expect(String(error)).toMatch(expected);
    expect(String(error)).not.toContain('PRIVATE KEY-----\n');
  });
});

describe('files that change', () => {
  const serial = ({ cert }: Pair) => new X509Certificate(cert).serialNumber;

  it('are read again without a restart, also where a link is swapped', async () => {
    const { ask, files } = await start();
    expect((await ask('/healthz')).serial).toBe(serial(own));
    const next = await serverPair(ours);
    for (const [file, content] of [
      [files.key, next.key],
      [files.certificate, next.cert],
    ] as const) {
      await writeFile(`${file}.new`, content);
      await rename(`${file}.new`, file);
    }
    await eventually(async () => expect((await ask('/healthz')).serial).toBe(serial(next)));
  });

  it('and cannot be used are a finding, the last good ones stay, and good ones end it', async () => {
    const { ask, files, findings, logged } = await start();
    await writeFile(files.certificate, 'nothing');
    await eventually(() => expect(findings().map(({ code }) => code)).toEqual(['admin-tls-unreadable']));
    expect((await ask('/healthz')).serial).toBe(serial(own));
    expect(logged.filter(({ level }) => level === 'error')).toHaveLength(1);
    await writeTls(folder, own);
    await eventually(() => expect(findings()).toEqual([]));
  });

  it('an authority of clients that is taken out is out for new connections', async () => {
    const clients = [{ name: 'ops.example', scope: 'read' }] as const;
    const { ask } = await start('request', { clients });
    const client = await clientPair(ours, { names: [{ type: 'dns', value: 'ops.example' }] });
    expect((await ask('/v1/status', client)).status).toBe(200);
    await writeTls(folder, own, others.pem);
    await eventually(async () => expect((await ask('/v1/status', client)).status).toBe(401));
  });
});

describe('client certificates', () => {
  const clients: AdminOptions['clients'] = [
    { name: 'ops.example', scope: 'operate' },
    { name: 'spiffe://example.org/grafana', scope: 'read' },
    { name: 'batch@example.org', scope: 'push' },
    { name: 'a-common-name', scope: 'read' },
  ];

  it.each<[string, ClientKind, number]>([
    ['a DNS name', { names: [{ type: 'dns', value: 'ops.example' }] }, 200],
    ['a URI', { names: [{ type: 'url', value: 'spiffe://example.org/grafana' }] }, 200],
    ['an address of mail, whose scope is push', { names: [{ type: 'email', value: 'batch@example.org' }] }, 403],
    ['a common name', { commonName: 'a-common-name' }, 200],
    [
      'a common name beside other names',
      { commonName: 'a-common-name', names: [{ type: 'dns', value: 'x.example' }] },
      401,
    ],
    ['a name of nobody', { names: [{ type: 'dns', value: 'nobody.example' }] }, 401],
    ['a wildcard over a name', { names: [{ type: 'dns', value: '*.example' }] }, 401],
    ['a longer URI', { names: [{ type: 'url', value: 'spiffe://example.org/grafana/x' }] }, 401],
    ['two names in one', { names: [{ type: 'url', value: 'x:y, URI:spiffe://example.org/grafana' }] }, 401],
    ['a common name that looks like two', { commonName: 'x\\, CN=a-common-name' }, 401],
    ['the use of a server', { names: [{ type: 'dns', value: 'ops.example' }], usage: 'serverAuth' }, 401],
    ['an end that is past', { names: [{ type: 'dns', value: 'ops.example' }], validity: days(-5, -1) }, 401],
  ])('with %s', async (_what, kind, status) => {
    const { ask } = await start('request', { clients });
    const client = await clientPair(ours, kind);
    const reply = await ask('/v1/status', client);
    expect([reply.status, reply.text]).toEqual([status, expect.any(String)]);
    if (status === 401) expect(JSON.parse(reply.text)).toMatchObject({ code: 'certificate-unknown' });
  });

  it('of another authority do not count, and a token beside one does', async () => {
    const { ask } = await start('request', { clients });
    const stranger = await clientPair(others, { names: [{ type: 'dns', value: 'ops.example' }] });
    expect((await ask('/v1/status', stranger)).status).toBe(401);
    expect((await ask('/v1/status', { ...stranger, token: READ })).status).toBe(200);
    expect((await ask('/v1/status', { token: READ })).status).toBe(200);
    expect((await ask('/healthz')).status).toBe(200);
  });

  it('do not count where a page of another site has the browser ask; a token does', async () => {
    const recorded: AuditEntry[] = [];
    const audit: Audit = {
      record: async (entry) => void recorded.push(entry),
      list: async () => ({ items: [], next: undefined }),
    };
    const { ask } = await start('request', { clients, audit });
    const client = await clientPair(ours, { names: [{ type: 'dns', value: 'ops.example' }] });
    for (const site of ['cross-site', 'same-site', 'x']) {
      const reply = await ask('/v1/status', { ...client, site });
      expect([reply.status, JSON.parse(reply.text)]).toMatchObject([403, { code: 'cross-site' }]);
    }
    await ask('/v1/breaker/close', { ...client, site: 'cross-site', method: 'POST' });
    // It is known whose browser it was.
    await eventually(() => expect(recorded).toMatchObject([{ who: 'ops.example', outcome: 'cross-site' }]));
    expect((await ask('/v1/status', { ...client, site: 'same-origin' })).status).toBe(200);
    expect((await ask('/v1/status', { ...client, site: 'none' })).status).toBe(200);
    expect((await ask('/v1/status', { ...client, site: 'cross-site', token: READ })).status).toBe(200);
  });

  it('that are required end the connection where they are missing or wrong, whatever is asked', async () => {
    const { ask } = await start('require', { clients });
    const good = await clientPair(ours, { names: [{ type: 'dns', value: 'ops.example' }] });
    const stranger = await clientPair(others, { names: [{ type: 'dns', value: 'ops.example' }] });
    expect((await ask('/v1/status', good)).status).toBe(200);
    await expect(ask('/healthz', { token: READ })).rejects.toThrow();
    await expect(ask('/healthz', stranger)).rejects.toThrow();
  });

  it('that end while the connection lasts are refused from then on', async () => {
    let now = Date.now();
    const { ask } = await start('request', { clients, now: () => now });
    const client = await clientPair(ours, { names: [{ type: 'dns', value: 'ops.example' }], validity: days(-1, 1) });
    expect((await ask('/v1/status', client)).status).toBe(200);
    now += 2 * 86_400_000;
    const late = await ask('/v1/status', client);
    expect([late.status, JSON.parse(late.text)]).toMatchObject([401, { detail: expect.stringContaining('EXPIRED') }]);
  });

  it('are none where nobody asks for them', async () => {
    const { ask } = await start('none', { clients });
    const client = await clientPair(ours, { names: [{ type: 'dns', value: 'ops.example' }] });
    expect(JSON.parse((await ask('/v1/status', client)).text)).toMatchObject({ code: 'token-missing' });
  });
});

it('a handshake that never ends is given up', async () => {
  const { port } = await start();
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {});
  await text(socket).catch(() => {});
  expect(socket.destroyed).toBe(true);
});

it('closing does not wait for a handshake that hangs', async () => {
  const { port, server } = await start();
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {});
  await once(socket, 'connect');
  const started = performance.now();
  await server.close();
  expect(performance.now() - started).toBeLessThan(2_000);
  socket.destroy();
});
