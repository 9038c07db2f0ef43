/** `check` reads the files that `run` reads, and says what `run` says. */
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { rehearse } from '../../../src/compose/rehearse.ts';
import { loadConfig } from '../../../src/config/load.ts';
import { startOwn } from '../../interop/director-process.ts';
import { authority, serverPair } from '../admin/tls-fixture.ts';

const CONFIG = `zones: [{ name: gslb.example, nameservers: { ns1.gslb.example: [192.0.2.53], ns2.gslb.example: [192.0.2.54] } }]
clusters: [{ name: eu, location: { country: DE }, source: { manifests: eu } }]
dns: { listen: ["127.0.0.1:0"] }
state: { directory: state }
`;

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'azimuth-check-files-'));
  await mkdir(join(folder, 'eu'));
});
afterEach(() => rm(folder, { recursive: true }));

const at = (name: string) => join(folder, name);
const config = () => at('azimuth.yaml');

async function check(more: string) {
  await writeFile(config(), CONFIG + more);
  const loaded = await loadConfig(config(), {});
  if (loaded.kind === 'invalid') throw new Error(JSON.stringify(loaded.problems));
  const { findings } = await rehearse(loaded.config);
  return findings.map(({ code, severity, message, origin }) => ({ code, severity, message, file: origin.file }));
}

describe('the token file', () => {
  const TOKENS = 'admin: { listen: "127.0.0.1:0", tokens: { file: tokens.yaml } }';

  it('that is missing is an error that names the key', async () => {
    expect(await check(TOKENS)).toEqual([
      {
        code: 'admin-tokens-unreadable',
        severity: 'error',
        message: expect.stringMatching(/^admin\.tokens\.file: ENOENT/),
        file: at('tokens.yaml'),
      },
    ]);
  });

  it.each([
    ['- {', 'not valid YAML'],
    ['- { name: ops, scope: all, token: aaaaaaaaaaaaaaaaaaaaaaaa }', 'entry 1'],
  ])('that holds %j is an error, and no token is quoted', async (text, message) => {
    await writeFile(at('tokens.yaml'), text);
    const findings = await check(TOKENS);
    expect(findings).toMatchObject([{ code: 'admin-tokens-unreadable', message: expect.stringContaining(message) }]);
    expect(JSON.stringify(findings)).not.toContain('aaaaaaaa');
  });

  it('that holds tokens themselves is the same warning as in a director', async () => {
    await writeFile(at('tokens.yaml'), '- { name: ops, scope: operate, token: aaaaaaaaaaaaaaaaaaaaaaaa }');
    expect(await check(TOKENS)).toMatchObject([{ code: 'admin-token-plain' }]);
  });

  it('that is missing ends `run` with the key, and `check` with 1', async () => {
    await check(TOKENS);
    for (const [command, code] of [
      ['check', 1],
      ['run', 1],
    ] as const) {
      const own = startOwn('src/main.ts', [command, '--config', config()]);
      const [exit] = await once(own.child, 'close');
      expect([command, exit]).toEqual([command, code]);
      expect(own.lines.join('\n')).toMatch(/admin\.tokens\.file: ENOENT.*tokens\.yaml/);
    }
  });
});

describe('the files of TLS', () => {
  const TLS =
    'admin: { listen: "127.0.0.1:0", tls: { certificate: cert.pem, key: key.pem, client-ca: ca.pem, client-certificates: request } }';

  it.each([
    ['cert.pem', 'admin.tls.certificate'],
    ['key.pem', 'admin.tls.key'],
    ['ca.pem', 'admin.tls.client-ca'],
  ])('%s that is missing, or holds nothing, is an error that names %s', async (file, key) => {
    const issuer = await authority('of servers');
    const pair = await serverPair(issuer);
    await writeFile(at('cert.pem'), pair.cert);
    await writeFile(at('key.pem'), pair.key);
    await writeFile(at('ca.pem'), issuer.pem);
    expect(await check(TLS)).toEqual([]);
    await rm(at(file));
    const missing = `${key}: ENOENT`;
    expect(await check(TLS)).toMatchObject([
      { code: 'admin-tls-unreadable', severity: 'error', message: expect.stringContaining(missing), file: at(file) },
    ]);
    await writeFile(at(file), 'nothing');
    expect(await check(TLS)).toMatchObject([{ message: expect.stringContaining(`${key}: ${at(file)} holds no`) }]);
  });
});

describe('what else a director reads', () => {
  const prometheus = (more: string) =>
    `monitors: [{ name: load, prometheus: { url: "https://prometheus.example", expr: up, above: 1, ${more} } }]`;

  it.each([
    ['login: { token-file: token }', 'login\\.token-file', 'token'],
    ['login: { user: me, password-file: password }', 'login\\.password-file', 'password'],
    ['trust: trust.pem', 'trust', 'trust.pem'],
  ])('a Prometheus server with %s: it is the warning of a director', async (more, key, file) => {
    expect(await check(prometheus(more))).toEqual([
      {
        code: 'gauge-file-unreadable',
        severity: 'warning',
        message: expect.stringMatching(new RegExp(`^prometheus\\.${key}.*: ENOENT`)),
        file: at(file),
      },
    ]);
  });

  it('files of trust and of headers for probes', async () => {
    const found = await check(
      'prober: { trust: trust.pem, headers: [{ hosts: [a.gslb.example], file: headers.yaml }] }',
    );
    expect(found.map(({ code, file }) => [code, file])).toEqual([
      ['trust-unreadable', at('trust.pem')],
      ['probe-headers-unreadable', at('headers.yaml')],
    ]);
  });
});
