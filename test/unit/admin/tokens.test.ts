import { createHash } from 'node:crypto';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type FollowedTokens, followTokens } from '../../../src/admin/followed-tokens.ts';
import { readTokens } from '../../../src/admin/token-file.ts';
import { createTokenVerifier, tokenEntry } from '../../../src/admin/tokens.ts';
import type { Finding } from '../../../src/core/desired/finding.ts';
import { followFile } from '../../../src/prober/followed-file.ts';
import { eventually } from '../../support/eventually.ts';
import { createManualClock } from '../../support/manual-clock.ts';

const SECRET = 'a-secret-of-good-length';
const LOCAL = 'the-token-of-this-machine';
let directory = '';

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'azimuth-tokens-'));
});
afterAll(() => rm(directory, { recursive: true }));

const START = Date.UTC(2026, 0, 1);
const clock = createManualClock(START);
let findings: readonly Finding[] = [];
let logged: object[] = [];
let followed: FollowedTokens | undefined;

/** Follows a file that holds this. */
async function follow(content: string | Buffer, name = 'tokens.yaml'): Promise<FollowedTokens> {
  const file = join(directory, name);
  await writeFile(file, content);
  return followThere(file);
}

async function followThere(file: string): Promise<FollowedTokens> {
  [findings, logged] = [[], []];
  const log = (event: string, fields: object): void => void logged.push({ event, ...fields });
  const onFindings = (found: readonly Finding[]): void => {
    findings = found;
  };
  const others = [tokenEntry('local', 'operate', LOCAL)];
  followed = await followTokens({ file, others, follow: followFile, clock, log, onFindings });
  return followed;
}

/** Replaces the file as one that is careful does: what reads it sees the old one or the new one. */
async function replace(content: string): Promise<void> {
  const next = join(directory, 'next.yaml');
  await writeFile(next, content);
  await rename(next, join(directory, 'tokens.yaml'));
}

afterEach(() => followed?.close());

describe('a token file', () => {
  it('gives each token its name and scope, written plainly or as a hash', async () => {
    const other = 'another-secret-of-good-length';
    const entries = readTokens(`
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
    ['a token in the place of the name', `- { name: ${SECRET}, token: ops, scope: read }`, 'token: expected'],
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
    const error = await follow(content).catch((reason: unknown) => reason);
    expect(String(error)).toContain(expected);
    expect(String(error)).toContain('tokens.yaml');
    expect(String(error)).not.toContain(SECRET);
  });

  it('that is not there is an error of the system', async () => {
    await expect(followThere(join(directory, 'missing.yaml'))).rejects.toThrow(/ENOENT/);
  });
});

describe('a token file that is followed', () => {
  const line = (name: string, token: string, scope = 'read') =>
    `- { name: ${name}, scope: ${scope}, sha256: ${sha256(token)} }\n`;
  const NEXT = 'the-next-secret-of-good-length';

  /** Time goes by until something is so; each look is at most a second later. */
  const soon = (check: () => void) =>
    eventually(async () => {
      await clock.advance(1_000);
      check();
    });

  it('lets in who stands in it, and nobody else from then on', async () => {
    const { tokens } = await follow(line('ops', SECRET, 'operate') + line('grafana', `${SECRET}2`));
    const [ops, grafana] = [tokens.verify(SECRET), tokens.verify(`${SECRET}2`)];
    expect([ops, grafana]).toEqual([
      { name: 'ops', scope: 'operate' },
      { name: 'grafana', scope: 'read' },
    ]);
    let told = 0;
    tokens.onGone(() => {
      told += 1;
    });
    await replace(line('ops', NEXT, 'operate') + line('grafana', `${SECRET}2`) + line('new', `${SECRET}3`));
    await soon(() => expect(tokens.verify(SECRET)).toBeUndefined());
    expect(tokens.verify(NEXT)).toEqual({ name: 'ops', scope: 'operate' });
    // The same person with another token is another caller; who stayed as he was is the same.
    expect([ops, grafana].map((caller) => tokens.isGone(caller!))).toEqual([true, false]);
    expect(tokens.verify(`${SECRET}2`)).toBe(grafana);
    expect(told).toBe(1);
    expect(tokens.verify(LOCAL)).toEqual({ name: 'local', scope: 'operate' });
    expect(logged).toEqual([
      expect.objectContaining({ event: 'admin-tokens-read', tokens: 3, added: 'ops, new', gone: 'ops' }),
    ]);
    expect(findings).toEqual([]);
  });

  it('is gone for whoever may do other things by it', async () => {
    const { tokens } = await follow(line('ops', SECRET, 'operate'));
    const before = tokens.verify(SECRET)!;
    await replace(line('ops', SECRET, 'read'));
    await soon(() => expect(tokens.verify(SECRET)).toEqual({ name: 'ops', scope: 'read' }));
    expect(tokens.isGone(before)).toBe(true);
  });

  it.each([
    ['is empty', ''],
    ['has no token', '[]'],
    ['is no list', 'name: ops'],
    ['is cut short', `- { name: ops, scope: read, token: "${NEXT}`],
    ['is too large', '#'.repeat(70_000)],
  ])('that %s is a finding, and those that were read before count', async (_what, content) => {
    const { tokens } = await follow(line('ops', SECRET));
    const ops = tokens.verify(SECRET)!;
    await replace(content);
    await soon(() => expect(findings).toMatchObject([{ code: 'admin-tokens-unreadable', severity: 'error' }]));
    expect(JSON.stringify(findings)).not.toContain(NEXT);
    expect([tokens.verify(SECRET), tokens.isGone(ops)]).toEqual([ops, false]);
    await replace(line('ops', NEXT));
    await soon(() => expect(tokens.verify(NEXT)).toMatchObject({ name: 'ops' }));
    expect([findings, tokens.verify(SECRET)]).toEqual([[], undefined]);
  });

  it('that is taken away is one as well, and one failed look is none', async () => {
    const { tokens } = await follow(line('ops', SECRET));
    await rm(join(directory, 'tokens.yaml'));
    await clock.advance(1_000);
    expect(findings).toEqual([]);
    await soon(() => expect(findings).toMatchObject([{ code: 'admin-tokens-unreadable' }]));
    expect(tokens.verify(SECRET)).toMatchObject({ name: 'ops' });
  });

  it('that holds tokens themselves is a finding for as long as it does', async () => {
    await follow(`- { name: ops, token: ${SECRET}, scope: read }`);
    expect(findings).toMatchObject([{ code: 'admin-token-plain' }]);
    await replace(line('ops', SECRET));
    await soon(() => expect(findings).toEqual([]));
    // It is the same token.
    expect(logged).toEqual([]);
  });

  it('is not looked at any more when it is closed', async () => {
    const { close } = await follow(line('ops', SECRET));
    close();
    expect(clock.pending()).toBe(0);
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
