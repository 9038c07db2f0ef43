/** The token file of a director that runs: who stands in it is let in, and nobody else, without a restart. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { type IncomingMessage, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { json, text } from 'node:stream/consumers';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readStream } from '../../src/cli/event-stream.ts';
import { eventually } from '../support/eventually.ts';
import { logField, type OwnProcess, startOwn } from './director-process.ts';

const [OPS, NEXT, READER] = ['the-operators-first-token', 'the-operators-next-token', 'the-token-of-a-reader'];
const ITEMS = Type.Object({ items: Type.Array(Type.Record(Type.String(), Type.Unknown())) });

const CONFIG = `zones:
  - { name: gslb.example, nameservers: { ns1.gslb.example: [192.0.2.53] } }
clusters:
  - { name: eu-west, location: { country: DE }, source: { manifests: eu-west } }
dns: { listen: ["127.0.0.1:0"] }
admin: { listen: "127.0.0.1:0", tokens: { file: tokens.yaml } }
state: { directory: state }
`;

let folder = '';
let director: OwnProcess;
let port = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'azimuth-tokens-'));
  await mkdir(join(folder, 'eu-west'));
  await writeFile(join(folder, 'azimuth.yaml'), CONFIG);
  await writeTokens(entry('ops', 'operate', OPS), entry('reader', 'read', READER));
  director = startOwn('src/main.ts', ['run', '--config', join(folder, 'azimuth.yaml')]);
  const listening = await director.waitFor((line) => logField(line, 'ready', 'listening'));
  port = Number(/"admin":.*?"port":(\d+)/.exec(JSON.stringify(listening))?.[1]);
});
afterAll(async () => {
  await director?.stop();
  await rm(folder, { recursive: true });
});

function entry(name: string, scope: string, token: string): string {
  return `- { name: ${name}, scope: ${scope}, sha256: ${createHash('sha256').update(token).digest('hex')} }\n`;
}

/** As a Secret changes: whole, and at once. */
async function writeTokens(...entries: readonly string[]): Promise<void> {
  await writeFile(join(folder, 'next.yaml'), entries.join(''));
  await rename(join(folder, 'next.yaml'), join(folder, 'tokens.yaml'));
}

async function ask(token: string, path: string, method = 'GET'): Promise<IncomingMessage> {
  const type = method === 'POST' ? { 'content-type': 'application/json' } : {};
  const headers = { authorization: `Bearer ${token}`, ...type };
  const sent = request({ host: '127.0.0.1', port, path, method, headers, agent: false });
  sent.end(method === 'POST' ? '{"reason":"proof"}' : undefined);
  const [response]: IncomingMessage[] = await once(sent, 'response');
  return response!;
}

/** Whether a token is let in; a wrong one is refused as wrong, or for coming too often. */
async function isIn(token: string): Promise<boolean> {
  const response = await ask(token, '/v1/status');
  response.resume();
  if (response.statusCode !== 200) expect([401, 429]).toContain(response.statusCode);
  return response.statusCode === 200;
}

/** How often the file was read again. */
const readAgain = () => director.lines.filter((line) => line.includes('"event":"admin-tokens-read"')).length;

const unreadable = async () => (await listOf('/v1/findings')).filter(({ code }) => code === 'admin-tokens-unreadable');
const listOf = async (path: string) => Value.Parse(ITEMS, await json(await ask(READER, path))).items;

it('a token that is replaced counts no more, its stream ends, and others notice nothing', async () => {
  const [mine, others] = await Promise.all([ask(OPS, '/v1/events'), ask(READER, '/v1/events')]);
  const [ofMine, ofOthers] = [readStream(mine), readStream(others)];
  expect(await isIn(NEXT)).toBe(false);
  await writeTokens(entry('ops', 'operate', NEXT), entry('reader', 'read', READER));
  let last: unknown;
  for await (const event of ofMine) last = event;
  expect(last).toMatchObject({ name: 'end', data: '{"code":"token-gone"}' });
  expect([await isIn(OPS), await isIn(NEXT), await isIn(READER)]).toEqual([false, true, true]);
  await eventually(() => expect(readAgain()).toBe(1));
  expect((await ask(NEXT, '/v1/clusters/eu-west/drain', 'POST')).statusCode).toBe(200);
  expect((await ofOthers.next()).value).toMatchObject({ name: expect.not.stringMatching('end') });
  others.destroy();
});

it('what the old token tries is in the audit, whose chain is whole', async () => {
  expect((await ask(OPS, '/v1/clusters/eu-west/drain', 'DELETE')).statusCode).toBe(401);
  await eventually(async () => {
    const [newest, before] = await listOf('/v1/audit');
    expect(newest).toMatchObject({ who: '', action: 'cluster.undrain', outcome: 'token-wrong', before: null });
    expect(newest).toMatchObject({ target: '/v1/clusters/eu-west/drain', from: '127.0.0.1' });
    expect(before).toMatchObject({ who: 'ops', action: 'cluster.drain', outcome: 'done' });
  });
  const verify = startOwn('src/main.ts', ['audit', 'verify', '--directory', join(folder, 'state')]);
  expect((await once(verify.child, 'close'))[0]).toBe(0);
  expect(verify.lines.join('\n')).toContain('2 entries');
  const page = await ask(READER, '/metrics');
  expect(await text(page)).toContain('azimuth_orders_refused_total{code="token-wrong"} 1');
});

it('a file that is emptied or taken away is a finding, and the last good tokens count until it is back', async () => {
  let [good, other] = [NEXT, OPS];
  for (const spoil of [() => writeTokens(''), () => rm(join(folder, 'tokens.yaml'))]) {
    const before = readAgain();
    await spoil();
    await eventually(async () => expect(await unreadable()).toHaveLength(1));
    expect([await isIn(good), await isIn(other)]).toEqual([true, false]);
    await writeTokens(entry('ops', 'operate', other), entry('reader', 'read', READER));
    await eventually(() => expect(readAgain()).toBe(before + 1));
    [good, other] = [other, good];
    expect([await isIn(good), await isIn(other)]).toEqual([true, false]);
    expect(await unreadable()).toEqual([]);
  }
  expect(director.lines.join('\n')).not.toContain(NEXT);
});
