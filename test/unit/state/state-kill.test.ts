import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { drainOf } from '../../../src/core/orders/override.ts';
import { verifyAudit } from '../../../src/state/audit/verify.ts';
import { createDirectoryLock } from '../../../src/state/journal/lock.ts';
import { createState } from '../../../src/state/state.ts';
import { AT } from './journal-fixture.ts';

/** How often a process is killed. */
const ROUNDS = 30;

/** Waits for nothing: what is tried again is tried at once. */
const HASTY = {
  now: () => AT,
  after: (_ms: number, task: () => void) => {
    const handle = setImmediate(task);
    return () => clearImmediate(handle);
  },
};

let directory = '';
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'azimuth-kill-'));
});
const children = new Set<ChildProcess>();
afterEach(async () => {
  // Of a test that failed in the middle nothing is left running.
  for (const child of children) child.kill('SIGKILL');
  children.clear();
  await rm(directory, { recursive: true });
});

const moduleOf = (path: string): string => JSON.stringify(new URL(`../../../src/${path}`, import.meta.url).href);

/**
 * Appends three orders and an audit entry at a time, each as large as its number says, and prints each number when it is
 * acknowledged. It goes through a compaction every few dozen.
 */
function appender(from: number): string {
  return `
    const { createState } = await import(${moduleOf('state/state.ts')});
    const { writeSync } = await import('node:fs');
    const after = (ms, task) => { const timer = setTimeout(task, ms); return () => clearTimeout(timer); };
    const state = createState({ directory: ${JSON.stringify(directory)}, clock: { now: () => ${AT}, after } });
    const { findings } = await state.open();
    const put = async (n) => {
      const value = JSON.stringify({ n, filler: 'x'.repeat((n * 7919) % 40_000) });
      await state.journal.change({ kind: 'test', at: ${AT}, put: [['key ' + (n % 5), value]], drop: [] });
      writeSync(1, 'journal ' + n + '\\n');
    };
    const record = async (n) => {
      const entry = { at: ${AT}, who: 'ana', from: '192.0.2.1', action: 'POST /' + n, target: 't', before: null, after: null, outcome: 'done' };
      await state.audit.record(entry);
      writeSync(1, 'audit ' + n + '\\n');
    };
    for (let n = ${from}; ; n += 3) await Promise.all([put(n), put(n + 1), put(n + 2), record(n)]);
  `;
}

type Acked = { readonly journal: Set<number>; readonly audit: Set<number> };

/** Runs it until so many were acknowledged, kills it, and says which ones were. */
async function killedAfter(acks: number, from: number): Promise<Acked> {
  const child = spawn(process.execPath, ['--input-type=module', '-e', appender(from)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.add(child);
  const acked: Acked = { journal: new Set(), audit: new Set() };
  for await (const line of createInterface({ input: child.stdout })) {
    const [what, number] = line.split(' ');
    acked[what === 'audit' ? 'audit' : 'journal'].add(Number(number));
    if (acked.journal.size + acked.audit.size >= acks) child.kill('SIGKILL');
  }
  return acked;
}

describe('a process that is killed while it writes', () => {
  it(`loses nothing that it acknowledged, ${ROUNDS} times`, async () => {
    const audited = new Set<number>();
    let from = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const acked = await killedAfter(1 + ((round * 37) % 90), from);
      const last = Math.max(...acked.journal, ...acked.audit);
      const state = createState({ directory, clock: HASTY });
      const codes = (await state.open()).map(({ code }) => code);
      expect(codes.filter((code) => code !== 'journal-torn')).toEqual([]);
      const kept = [...state.journal.values('test').values()].map((text) => Number(JSON.parse(text).n));
      // The latest of each key is the acknowledged one, or one that was under way.
      for (let key = 0; key < 5; key++) {
        const latest = Math.max(-1, ...[...acked.journal].filter((number) => number % 5 === key));
        if (latest >= 0)
          expect(Math.max(...kept.filter((number) => number % 5 === key))).toBeGreaterThanOrEqual(latest);
      }
      for (const number of acked.audit) audited.add(number);
      await state.close();
      from = last + 10;
    }
    expect(await verifyAudit(directory)).toMatchObject({ state: 'whole', tornOctets: 0 });
    const state = createState({ directory, clock: HASTY });
    const { items } = await state.audit.list({ limit: 100_000 });
    const recorded = new Set(items.map(({ action }) => Number(action.slice('POST /'.length))));
    expect([...audited].filter((number) => !recorded.has(number))).toEqual([]);
    await state.close();
    expect((await readdir(directory)).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  }, 300_000);
});

describe('two processes with one state directory', () => {
  const holder = `
    const { createDirectoryLock } = await import(${moduleOf('state/journal/lock.ts')});
    const after = (ms, task) => { const timer = setTimeout(task, ms); return () => clearTimeout(timer); };
    const lock = createDirectoryLock({ directory: process.env.STATE, clock: { after } });
    process.stdout.write((await lock.take()).kind + '\\n');
    setInterval(() => {}, 1000);
  `;
  const hold = async () => {
    const child = spawn(process.execPath, ['--input-type=module', '-e', holder], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, STATE: directory },
    });
    children.add(child);
    const [line] = await once(createInterface({ input: child.stdout }), 'line');
    return { child, kind: String(line) };
  };

  it('only one has it; the other reads, refuses orders by a code, and says why', async () => {
    const first = createState({ directory, clock: HASTY });
    await first.open();
    first.admit();
    const drain = drainOf({ cluster: 'eu-west', at: AT, by: 'ana', reason: 'x' });
    await first.overrides.save(new Map([[drain.name, drain]]));
    await first.close();
    const { child, kind } = await hold();
    expect(kind).toBe('ours');
    const second = createState({ directory, clock: HASTY });
    expect((await second.open()).map(({ code }) => code)).toEqual(['state-in-use']);
    expect((await second.overrides.load()).overrides).toEqual(new Map([[drain.name, drain]]));
    await expect(second.overrides.save(new Map())).rejects.toMatchObject({ code: 'state-in-use' });
    const entry = { at: AT, who: '', from: '', target: '', before: null, after: null, outcome: 'done' };
    const recorded = second.audit.record({ ...entry, action: 'breaker.close' });
    await expect(recorded).rejects.toMatchObject({ code: 'state-in-use' });
    await second.close();
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  });

  it('a killed one has let go of it, at once', async () => {
    const { child } = await hold();
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
    const lock = createDirectoryLock({ directory, clock: { after: HASTY.after } });
    expect(await lock.take()).toEqual({ kind: 'ours' });
    lock.release();
  });

  it('one that takes over waits for the other to end', async () => {
    const { child } = await hold();
    const waits: (() => void)[] = [];
    const after = (_ms: number, task: () => void) => {
      waits.push(task);
      return () => {};
    };
    const lock = createDirectoryLock({ directory, clock: { after } });
    const taken = lock.take();
    await expect.poll(() => waits.length, { timeout: 20_000 }).toBe(1);
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    await ended;
    waits[0]!();
    expect(await taken).toEqual({ kind: 'ours' });
    lock.release();
  });

  it('nor do two of one process have it', async () => {
    const first = createDirectoryLock({ directory, clock: { after: HASTY.after } });
    const second = createDirectoryLock({ directory, clock: { after: HASTY.after } });
    expect(await first.take()).toEqual({ kind: 'ours' });
    expect(await second.take()).toEqual({ kind: 'taken' });
    first.release();
  });

  it('a directory that cannot be made is not locked, which is said', async () => {
    const lock = createDirectoryLock({ directory: '/dev/null/state', clock: { after: HASTY.after } });
    expect(await lock.take()).toMatchObject({ kind: 'unlocked', problem: expect.stringContaining('ENOTDIR') });
  });
});
