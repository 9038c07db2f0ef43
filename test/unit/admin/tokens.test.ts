import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTokenVerifier, loadTokens } from '../../../src/admin/tokens.ts';

const SECRET = 'a-secret-of-good-length';
let directory = '';

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'azimuth-tokens-'));
});
afterAll(() => rm(directory, { recursive: true }));

async function load(content: string | Buffer) {
  const file = join(directory, 'tokens.yaml');
  await writeFile(file, content);
  return loadTokens(file);
}

describe('a token file', () => {
  it('gives each token its name and scope, written plainly or as a hash', async () => {
    const other = 'another-secret-of-good-length';
    const entries = await load(`
- { name: ops, token: "${SECRET}", scope: operate }
- { name: grafana, sha256: ${sha256(other).toUpperCase()}, scope: read }
`);
    const { verify } = createTokenVerifier(entries);
    expect(verify(SECRET)).toEqual({ name: 'ops', scope: 'operate' });
    expect(verify(other)).toEqual({ name: 'grafana', scope: 'read' });
    expect(JSON.stringify(entries)).not.toContain(SECRET);
  });

  it.each([
    ['no YAML', `- name: [ops, token: "${SECRET}"`, 'not valid YAML'],
    ['no list', `name: ops\ntoken: ${SECRET}`, 'expected a list'],
    ['nothing', '', 'expected a list'],
    ['an empty list', '[]', 'at least one token'],
    ['an entry that is a text', `- ${SECRET}`, 'entry 1: expected name'],
    ['an unknown key', `- { name: ops, token: ${SECRET}, scope: read, scopes: read }`, 'unknown key'],
    ['a bad name', `- { name: "a b", token: ${SECRET}, scope: read }`, 'name: expected'],
    ['monitors for a reader', `- { name: a, token: ${SECRET}, scope: read, monitors: [b] }`, 'with scope push'],
    ['monitors that are none', `- { name: a, token: ${SECRET}, scope: push, monitors: [B_] }`, 'names of monitors'],
    ['a bad scope', `- { name: ops, token: ${SECRET}, scope: admin }`, 'scope: expected read, operate or push'],
    ['a short token', '- { name: ops, token: short, scope: read }', 'token: expected 20 to 512'],
    [
      'a token that no header can hold',
      '- { name: ops, token: "a b c d e f g h i j k l m", scope: read }',
      'token: expected',
    ],
    ['a bad hash', '- { name: ops, sha256: abcd, scope: read }', '64 hex digits'],
    ['neither', '- { name: ops, scope: read }', 'either token or sha256'],
    ['both', `- { name: ops, token: ${SECRET}, sha256: ${sha256('x')}, scope: read }`, 'either token or sha256'],
    [
      'one name twice',
      `- { name: ops, token: ${SECRET}, scope: read }\n- { name: ops, token: ${SECRET}2, scope: read }`,
      'two entries have the name',
    ],
    [
      'one token twice',
      `- { name: a, token: ${SECRET}, scope: read }\n- { name: b, token: ${SECRET}, scope: operate }`,
      'two entries have the sha256 of b',
    ],
    ['an alias', `- &a { name: ops, token: ${SECRET}, scope: read }\n- *a`, 'not valid YAML'],
    [
      'too many',
      Array.from({ length: 257 }, (_, i) => `- { name: n${i}, token: ${SECRET}${i}, scope: read }`).join('\n'),
      'more than 256',
    ],
    ['too much', Buffer.alloc(70_000, '#'), 'larger than'],
  ])('with %s is refused by name, and no token is quoted', async (_what, content, expected) => {
    const error = await load(content).catch((reason: unknown) => reason);
    expect(String(error)).toContain(expected);
    expect(String(error)).toContain('tokens.yaml');
    expect(String(error)).not.toContain(SECRET);
  });

  it('that is not there is an error of the system', async () => {
    await expect(loadTokens(join(directory, 'missing.yaml'))).rejects.toThrow(/ENOENT/);
  });
});

describe('the verifier', () => {
  const { verify } = createTokenVerifier([{ name: 'ops', scope: 'read', sha256: sha256(SECRET) }]);

  it.each(['', SECRET.slice(1), `${SECRET} `, SECRET.toUpperCase(), sha256(SECRET), 'x'.repeat(100_000)])(
    'knows nobody by a wrong token (%#)',
    (token) => expect(verify(token)).toBeUndefined(),
  );

  it('with no entries knows nobody', () => {
    expect(createTokenVerifier([]).verify('')).toBeUndefined();
  });
});

function sha256(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
