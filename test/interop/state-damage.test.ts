import { once } from 'node:events';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createState } from '../../src/state/state.ts';
import { eventually } from '../support/eventually.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { logField, type OwnProcess, startOwn } from './director-process.ts';
import { type RunningWorld, startWorld } from './running-world.ts';
import { CLUSTERS } from './world.ts';

const [EU] = CLUSTERS;

let running: RunningWorld;
/** The director that runs now. */
let director: OwnProcess;

beforeAll(async () => {
  running = await startWorld(25_053);
  ({ director } = running);
});
afterAll(async () => {
  await director?.stop();
  await running?.stop();
});

const state = (): string => join(running.world.folder, 'state');

async function cli(...args: readonly string[]) {
  const command = startOwn('src/main.ts', [...args, '--config', running.world.config]);
  const [code] = await once(command.child, 'close');
  return { code, text: command.lines.join('\n') };
}

async function ended(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  const exited = once(director.child, 'exit');
  director.child.kill(signal);
  await exited;
}

async function started(): Promise<void> {
  director = startOwn('src/main.ts', ['run', '--config', running.world.config]);
  await director.waitFor((line) => logField(line, 'ready', 'listening'));
}

/** The codes of findings that the director told of when it started. */
async function toldOf(code: string): Promise<void> {
  await director.waitFor((line) => (line.includes(`${code}: `) ? line : undefined));
}

async function isDrained(): Promise<boolean> {
  const { text } = await cli('status', '--json');
  const { items }: { items: { name: string; drain: object | null }[] } = JSON.parse(text);
  return items.find(({ name }) => name === EU.name)?.drain !== null;
}

/** Orders by eight at once, each its own names, until nobody answers; how many were acknowledged. */
async function ordering(): Promise<number> {
  const listening = await director.waitFor((line) => logField(line, 'ready', 'listening'));
  const { admin }: { admin: readonly { host: string; port: number }[] } = JSON.parse(JSON.stringify(listening));
  const token = (await readFile(join(state(), 'admin-token'), 'utf8')).trim();
  const body = JSON.stringify({ scope: { clusters: [EU.name] }, action: 'weight', weight: 50, reason: 'x' });
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const writer = async (number: number): Promise<number> => {
    let acknowledged = 0;
    for (let round = 0; ; round++) {
      const url = `http://127.0.0.1:${admin[0]?.port}/v1/overrides/w${number}-${round % 20}`;
      const reply = await fetch(url, { method: 'PUT', headers, body }).catch(() => undefined);
      if (reply === undefined) return acknowledged;
      if (reply.status === 200) acknowledged += 1;
      await reply.body?.cancel().catch(() => {});
    }
  };
  const all = await Promise.all(Array.from({ length: 8 }, (_, number) => writer(number)));
  return all.reduce((sum, acknowledged) => sum + acknowledged, 0);
}

describe('what is in force and what is in the audit', () => {
  it('are the same after a kill in the middle of orders', async () => {
    for (let kill = 0; kill < 3; kill++) {
      const orders = ordering();
      // Some are acknowledged by then, and others are on their way.
      await eventually(async () => {
        const text = await readFile(join(state(), 'audit', '00000001.jsonl'), 'utf8');
        expect(text.split('\n').length).toBeGreaterThan(20 * (kill + 1));
      });
      await ended('SIGKILL');
      expect(await orders).toBeGreaterThan(0);
      await started();
    }
    await ended('SIGTERM');
    const read = createState({ directory: state(), clock: createManualClock(Date.now()) });
    expect(await read.open()).toEqual([]);
    const { overrides } = await read.overrides.load();
    const { items } = await read.audit.list({ limit: 100_000 });
    await read.close();
    const audited = new Set(items.map(({ target, after }) => `${target} ${JSON.parse(JSON.stringify(after)).at}`));
    expect(overrides.size).toBeGreaterThan(0);
    expect([...overrides.values()].filter(({ name, at }) => !audited.has(`${name} ${at}`))).toEqual([]);
    expect((await cli('audit', 'verify')).code).toBe(0);
    await started();
  }, 120_000);
});

describe('a journal that is gone', () => {
  it('while the director runs: it is there again when it stops', async () => {
    expect((await cli('drain', EU.name, '--reason', 'x', '--force')).code).toBe(0);
    await rm(join(state(), 'journal'));
    await ended('SIGTERM');
    await started();
    expect(await isDrained()).toBe(true);
  }, 60_000);

  it('while it is stopped: an error says what is not in force', async () => {
    await ended('SIGKILL');
    await rm(join(state(), 'journal'));
    await started();
    await toldOf('journal-missing');
    const line = director.lines.find((each) => each.includes('journal-missing: '));
    expect(line).toContain(`drain:${EU.name}`);
    expect(await isDrained()).toBe(false);
    expect((await cli('audit', 'verify')).code).toBe(0);
  }, 60_000);
});

describe('an audit whose last line somebody changed', () => {
  it('is broken before a start and after it', async () => {
    await ended('SIGTERM');
    const file = join(state(), 'audit', '00000001.jsonl');
    const lines = (await readFile(file, 'utf8')).trimEnd().split('\n');
    const changed = lines.with(lines.length - 1, lines.at(-1)!.replace('"who":"', '"who":"no'));
    expect(changed).not.toEqual(lines);
    await writeFile(file, `${changed.join('\n')}\n`);
    const before = await cli('audit', 'verify');
    expect(before).toMatchObject({ code: 1, text: expect.stringContaining(`line ${lines.length}: `) });
    await started();
    await toldOf('audit-broken');
    expect((await cli('drain', EU.name, '--reason', 'y', '--force')).code).toBe(0);
    expect(await cli('audit', 'verify')).toEqual(before);
  }, 60_000);
});
