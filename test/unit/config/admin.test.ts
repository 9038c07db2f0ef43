import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { formatProblem, loadConfig } from '../../../src/config/load.ts';

const REST = `
zones: [{ name: gslb.example, nameservers: { ns1.gslb.example: [192.0.2.53], ns2.gslb.example: [192.0.2.54] } }]
clusters: [{ name: eu-west, location: { country: DE }, source: { manifests: eu-west } }]
`;
const TLS = 'tls: { certificate: a.pem, key: a.key }';
const MUTUAL = 'tls: { certificate: a.pem, key: a.key, client-ca: ca.pem, client-certificates: request }';
const CLIENTS = 'clients: [{ name: ops, scope: read }]';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'azimuth-admin-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function load(admin: string) {
  const file = join(folder, 'azimuth.yaml');
  await writeFile(file, `${REST}admin: { ${admin} }\n`);
  return loadConfig(file, {});
}

describe('an admin API that others can reach', () => {
  it.each([
    ['nothing', '', 'tokens.file or clients and tls'],
    ['tokens in plain HTTP', ', tokens: { file: t.yaml }', 'or tls (or plain-http: anywhere'],
    ['TLS without credentials', `, ${TLS}`, 'or tokens.file or clients beside it'],
    ['plain HTTP without credentials', ', plain-http: anywhere', 'or tokens.file or clients beside it'],
  ])('is refused with %s', async (_what, more, expected) => {
    const loaded = await load(`listen: "0.0.0.0:8053"${more}`);
    expect(loaded.kind).toBe('invalid');
    const problems = loaded.kind === 'invalid' ? loaded.problems.map(formatProblem) : [];
    expect(problems).toEqual([expect.stringContaining(expected)]);
    expect(problems[0]).toContain('admin.listen');
  });

  it.each([
    ['tokens over TLS', `, tokens: { file: t.yaml }, ${TLS}`, []],
    ['client certificates', `, ${MUTUAL}, ${CLIENTS}`, []],
    ['tokens in plain HTTP by order', ', tokens: { file: t.yaml }, plain-http: anywhere', ['admin-plain-http']],
  ])('is taken with %s', async (_what, more, findings) => {
    const loaded = await load(`listen: "0.0.0.0:8053"${more}`);
    expect(loaded.kind === 'ok' && loaded.findings.map(({ code }) => code)).toEqual(findings);
  });
});

it.each([
  ['a client of whom nobody asks', CLIENTS, 'no clients, or admin.tls'],
  ['client certificates of any authority', MUTUAL.replace('client-ca: ca.pem, ', ''), 'the authority of client'],
  ['a client twice', `${MUTUAL}, clients: [{ name: a, scope: read }, { name: a, scope: push }]`, 'each name once'],
  ['a scope that there is not', `${MUTUAL}, clients: [{ name: a, scope: root }]`, 'read, operate, push'],
  ['a name in two lines', `${MUTUAL}, clients: [{ name: "a\\nb", scope: read }]`, 'a name without blanks'],
  ['a name that could be two', `${MUTUAL}, clients: [{ name: "a,b", scope: read }]`, 'a name without blanks'],
  ['a network that is none', 'allow: [10.0.0.0/33]', 'a network like'],
  ['a network without a length', 'allow: [10.0.0.1]', 'a network like'],
  ['TLS without a key', 'tls: { certificate: a.pem }', 'a path'],
])('%s is refused', async (_what, admin, expected) => {
  const loaded = await load(admin);
  expect(loaded.kind === 'invalid' && loaded.problems.map(formatProblem)).toEqual([expect.stringContaining(expected)]);
});

it('networks of one address are taken', async () => {
  const loaded = await load('allow: [192.0.2.1/32, "2001:db8::1/128", "0.0.0.0/0"]');
  expect(loaded.kind === 'ok' && loaded.config.admin.allow).toHaveLength(3);
});
