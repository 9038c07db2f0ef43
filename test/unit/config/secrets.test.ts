import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { formatProblem, loadConfig } from '../../../src/config/load.ts';

const SECRET = 'QZ17QZ17';
const FRAME = `zones: [{ name: gslb.example, nameservers: { ns1.gslb.example: [192.0.2.53] } }]
clusters: [{ name: eu, location: { country: DE }, source: { manifests: eu } }]
`;

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'azimuth-config-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** What is said of such a file, as people and as programs read it. */
async function said(text: string, env: NodeJS.ProcessEnv = {}): Promise<string> {
  const file = join(folder, 'azimuth.yaml');
  await writeFile(file, FRAME + text);
  const loaded = await loadConfig(file, env);
  if (loaded.kind === 'ok') throw new Error('nothing is wrong with it');
  return [...loaded.problems.map(formatProblem), JSON.stringify(loaded.problems)].join('\n');
}

const asked = (url: string, more = ''): string =>
  `monitors: [{ name: a, prometheus: { url: "${url}", expr: x, above: 1${more} } }]\n`;

test.each([
  ['a URL with a user', asked(`http://bob:${SECRET}@127.0.0.1:1/`)],
  ['a URL with a @ in the password', asked(`http://bob:x@${SECRET}@127.0.0.1:1/`)],
  ['a URL with a token', asked(`https://127.0.0.1:1/?access_token=${SECRET}`)],
  ['a probe with a user', `monitors: [{ name: a, probe: "https://bob:${SECRET}@a.example/" }]\n`],
  ['a token in the place of its file', `admin: { tokens: ${SECRET} }\n`],
  ['a number', `admin: { tokens: 17171717 }\n`],
  ['a login in the place of its files', asked('https://p.example', `, login: "password=${SECRET}"`)],
  ['text that is no YAML', `admin: { token: "${SECRET}\n`],
])('%s is not quoted', async (_what, text) => {
  const told = await said(text);
  expect(told).not.toContain(SECRET);
  expect(told).not.toContain('17171717');
  expect(told).toContain('expected');
});

test('what else the URL is can be read', async () => {
  expect(await said(asked(`http://bob:${SECRET}@127.0.0.1:1/`))).toContain('found "http://[redacted]@127.0.0.1:1/"');
});

test('a variable of the environment is not quoted either', async () => {
  const told = await said('', { AZIMUTH_ADMIN_LISTEN: `http://bob:${SECRET}@127.0.0.1` });
  expect(told).toContain('AZIMUTH_ADMIN_LISTEN');
  expect(told).not.toContain(SECRET);
});
