import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Monitor, ProbeExpectation, ProbeProtocol } from '../../src/core/desired/model.ts';
import { monitorOf, probeOnce, verdictOf } from '../unit/prober/probe-once.ts';
import {
  certificatesIn,
  freePorts,
  HOST,
  hasGrpc,
  type Peer,
  type Ports,
  startGrpcServer,
  startProgram,
  startWebServer,
  WEB_SERVERS,
} from './prober-peers.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'azimuth-peers-'));
});
afterAll(() => rm(folder, { recursive: true }));

const REFUSED_CERTIFICATES = [
  ['expired', 'certificate-expired'],
  ['wrongName', 'certificate-name'],
  ['untrusted', 'certificate-untrusted'],
  ['selfSigned', 'certificate-untrusted'],
] as const;

describe.each(WEB_SERVERS)('$name (skipped where it is not installed)', (server) => {
  let peer: Peer & { readonly ports: Ports };

  beforeAll(async () => {
    if (server.program !== undefined) peer = await startWebServer(server, folder);
  });
  afterAll(() => peer?.stop());

  const test = it.skipIf(server.program === undefined);
  const probe = (protocol: ProbeProtocol, port: keyof Ports, given: Partial<Monitor> = {}) => {
    const at = { protocol, address: server.address, port: peer.ports[port], host: HOST };
    return probeOnce(monitorOf({ ...at, ...given }), { trustFile: join(folder, server.name, 'ca.pem') });
  };

  test.each([
    ['http', 'plain', ['connectMs', 'firstByteMs']],
    ['https', 'good', ['connectMs', 'firstByteMs', 'tlsMs']],
    ['h2', 'good', ['connectMs', 'firstByteMs', 'tlsMs']],
    ['https', 'old', ['connectMs', 'firstByteMs', 'tlsMs']],
    ['tcp', 'plain', ['connectMs']],
    ['tls', 'good', ['connectMs', 'tlsMs']],
  ] as const)('is up over %s on its port %s, with its phases timed', async (protocol, port, phases) => {
    const result = await probe(protocol, port);
    expect(result.outcome).toEqual({ kind: 'success' });
    expect(Object.keys(result.phases ?? {}).toSorted()).toEqual(phases);
    expect(result.certificateDaysLeft).toBe(port === 'plain' ? undefined : 20);
  });

  test.each(['http', 'https', 'h2'] as const)('is judged by status, header and body over %s', async (protocol) => {
    const port = protocol === 'http' ? 'plain' : 'good';
    const verdict = async (given: Partial<Monitor>): Promise<string> => verdictOf(await probe(protocol, port, given));
    const strict: ProbeExpectation = { kind: 'status', ranges: [[200, 299]] };
    expect(await verdict({ path: '/moved', expect: strict })).toBe('status');
    expect(await verdict({ path: '/moved' })).toBe('success');
    expect(await verdict({ path: '/elsewhere' })).toBe('status');
    expect(await verdict({ expect: { kind: 'body', text: 'is well' } })).toBe('success');
    expect(await verdict({ expect: { kind: 'body', text: 'is ill' } })).toBe('body');
    expect(await verdict({ expect: { kind: 'header', name: 'x-ready', text: 'yes' } })).toBe('success');
    expect(await verdict({ expect: { kind: 'header', name: 'x-ready', text: 'no' } })).toBe('header');
    expect(await verdict({ expect: { kind: 'header', name: 'x-absent' } })).toBe('header');
  });

  test.each(['https', 'h2', 'tls', 'grpcs'] as const)('is refused over %s with a bad certificate', async (protocol) => {
    for (const [port, failure] of REFUSED_CERTIFICATES) {
      const result = await probe(protocol, port);
      expect([port, verdictOf(result)]).toEqual([port, failure]);
      expect(result.certificateDaysLeft).toBe(port === 'expired' ? -1 : 19);
    }
  });

  test('fails over h2 with alpn where it speaks HTTP/1.1 alone', async () => {
    expect(verdictOf(await probe('h2', 'old'))).toBe('alpn');
    expect(verdictOf(await probe('grpcs', 'old'))).toBe('alpn');
  });

  test('is no gRPC server, and speaks no TLS on its cleartext port', async () => {
    expect(verdictOf(await probe('grpcs', 'good', { path: '' }))).toMatch(/^(status|protocol)$/);
    expect(verdictOf(await probe('https', 'plain'))).toBe('tls');
  });
});

describe.skipIf(!hasGrpc())("gRPC's own server (skipped without the gRPC library of Python)", () => {
  const address = '127.0.0.24';
  let own: string;
  let peer: Peer & { readonly plain: number; readonly secure: number };

  beforeAll(async () => {
    own = join(folder, 'grpc');
    await mkdir(own);
    await certificatesIn(own);
    peer = await startGrpcServer(address, own, 'good');
  });
  afterAll(() => peer.stop());

  it.each([
    ['', 'success'],
    ['down', 'status'],
    ['stranger', 'status'],
  ])('answers for the service "%s": %s, with and without TLS', async (path, verdict) => {
    const trust = { trustFile: join(own, 'ca.pem') };
    const plain = monitorOf({ protocol: 'grpc', address, port: peer.plain, path });
    expect(verdictOf(await probeOnce(plain))).toBe(verdict);
    const secure = monitorOf({ protocol: 'grpcs', address, port: peer.secure, path, host: HOST });
    expect(await probeOnce(secure, trust)).toMatchObject({ certificateDaysLeft: 20 });
    expect(verdictOf(await probeOnce(secure, trust))).toBe(verdict);
  });

  it.each(REFUSED_CERTIFICATES)('is refused with a certificate that is %s: %s', async (certificate, failure) => {
    const bad = await startGrpcServer(address, own, certificate);
    const monitor = monitorOf({ protocol: 'grpcs', address, port: bad.secure, path: '', host: HOST });
    expect(verdictOf(await probeOnce(monitor, { trustFile: join(own, 'ca.pem') }))).toBe(failure);
    await bad.stop();
  });
});

const UNBOUND = ['/usr/sbin/unbound', '/usr/bin/unbound'].find((path) => existsSync(path));

describe.skipIf(UNBOUND === undefined)('unbound (skipped where it is not installed)', () => {
  const address = '127.0.0.25';
  let port = 0;
  let peer: Peer;

  beforeAll(async () => {
    [port = 0] = await freePorts(1);
    const config = join(folder, 'unbound.conf');
    await writeFile(config, unboundConfig(port, address));
    peer = await startProgram(UNBOUND ?? '', ['-d', '-c', config], address, port);
  });
  afterAll(() => peer.stop());

  const probe = (path: string, given: Partial<Monitor> = {}) =>
    probeOnce(monitorOf({ protocol: 'dns', address, port, host: 'www.probe.test', path, ...given }));

  it.each([
    ['an address', 'www.probe.test?type=A', {}, 'success'],
    ['the hostname', '?type=A', {}, 'success'],
    ['an address that is expected', '?type=A', { expect: { kind: 'answer', text: '192.0.2.1' } }, 'success'],
    ['another address', '?type=A', { expect: { kind: 'answer', text: '192.0.2.9' } }, 'answer'],
    ['a type that the name does not have', '?type=AAAA', {}, 'answer'],
    ['a name that does not exist', 'none.probe.test?type=A', {}, 'status'],
    [
      'the same, where that is expected',
      'none.probe.test?type=A',
      { expect: { kind: 'rcode', codes: ['NXDOMAIN'] } },
      'success',
    ],
    [
      'an answer that takes TCP',
      'long.probe.test?type=TXT',
      { expect: { kind: 'answer', text: '9'.repeat(200) } },
      'success',
    ],
  ] satisfies [string, string, Partial<Monitor>, string][])('is asked for %s', async (_what, path, given, verdict) => {
    const result = await probe(path, given);
    expect(verdictOf(result)).toBe(verdict);
    expect(result.phases?.connectMs === undefined).toBe(!path.startsWith('long'));
  });
});

function unboundConfig(port: number, address: string): string {
  const long = Array.from({ length: 10 }, (_, n) => `  local-data: 'long.probe.test. TXT "${String(n).repeat(200)}"'`);
  return `server:
  interface: ${address}@${port}
  access-control: 127.0.0.0/8 allow
  directory: "${folder}"
  pidfile: ""
  chroot: ""
  username: ""
  use-syslog: no
  do-daemonize: no
  local-zone: "probe.test." static
  local-data: "www.probe.test. A 192.0.2.1"
${long.join('\n')}
remote-control:
  control-enable: no
`;
}
