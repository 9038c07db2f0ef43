import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { begun, type Rollouts } from '../../../src/core/rollout/rollout.ts';
import { createRolloutStore } from '../../../src/state/rollout-store.ts';
import { AT, closeJournals, roomIn } from './journal-fixture.ts';

const CANARY = {
  kind: 'canary',
  steps: [5, 100],
  dwellMs: 600_000,
  rollbackAfterMs: 60_000,
  monitors: ['errors'],
  endpoints: 'must-be-up',
} as const;
const ROLLOUTS: Rollouts = new Map([
  ['shop', begun({ name: 'shop', hostnames: ['shop.example'], from: ['eu'], to: ['us'], plan: CANARY }, 1000, 'ops')],
  [
    'all',
    { ...begun({ name: 'all', from: ['eu'], to: ['us'], plan: { kind: 'blue-green' } }, 7, 'x'), state: 'switched' },
  ],
]);

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'azimuth-rollouts-'));
});
afterEach(async () => {
  await closeJournals();
  await rm(directory, { recursive: true });
});

const storeIn = (inside = directory) => createRolloutStore(roomIn(inside));

describe('the rollout store', () => {
  it('has none where none were saved', async () => {
    expect(await storeIn().load()).toEqual({ rollouts: new Map(), findings: [] });
  });

  it('gives back what was saved last, all of it or nothing', async () => {
    const store = storeIn(join(directory, 'new'));
    const saved = [store.save(new Map()), store.save(ROLLOUTS)];
    await Promise.all(saved);
    await store.close();
    await closeJournals();
    expect((await storeIn(join(directory, 'new')).load()).rollouts).toEqual(ROLLOUTS);
    // One save is one line.
    const lines = (await readFile(join(directory, 'new', 'journal'), 'utf8')).trimEnd().split('\n');
    expect(lines).toHaveLength(2);
  });

  it('has those in force that it can read', async () => {
    const { journal } = roomIn(directory);
    const texts = [...ROLLOUTS].map(([name, rollout]) => [name, JSON.stringify(rollout)] as const);
    const odd = ['shop', JSON.stringify({ ...ROLLOUTS.get('shop'), state: 'flying' })] as const;
    await journal.change({ kind: 'rollout', at: AT, put: [...texts, odd], drop: [] });
    await closeJournals();
    const { rollouts, findings } = await storeIn().load();
    expect([...rollouts.keys()]).toEqual(['all']);
    expect(findings).toMatchObject([{ code: 'rollouts-unreadable' }]);
  });

  it('refuses what it could not read again', async () => {
    const long = begun({ name: 'long', from: ['eu'], to: ['us'], plan: CANARY }, 1000, 'x'.repeat(17 * 2 ** 20));
    await expect(storeIn().save(new Map([['long', long]]))).rejects.toThrow('octets');
    expect(await readdir(directory)).toEqual([]);
  });

  it('rejects where nothing can be written', async () => {
    const file = join(directory, 'file');
    await writeFile(file, '');
    await expect(storeIn(file).save(ROLLOUTS)).rejects.toThrow();
  });
});

describe('rollouts of versions before the journal', () => {
  const old = (): string => {
    const rollouts = [...ROLLOUTS.values()];
    const checksum = createHash('sha256').update(JSON.stringify(rollouts)).digest('hex');
    return JSON.stringify({ version: 1, checksum, rollouts }, null, 2);
  };

  it('are in force, and in the journal from then on', async () => {
    await writeFile(join(directory, 'rollouts.json'), old());
    expect((await storeIn().load()).rollouts).toEqual(ROLLOUTS);
    await closeJournals();
    expect((await storeIn().load()).rollouts).toEqual(ROLLOUTS);
    expect((await readdir(directory)).toSorted()).toEqual(['journal', 'rollouts.json.migrated']);
  });

  it.each([
    ['torn', (text: string) => text.slice(0, -20)],
    ['edited', (text: string) => text.replace('"step": 0', '"step": 1')],
    ['of another version', (text: string) => text.replace('"version": 1', '"version": 2')],
    ['in a state that there is not', (text: string) => text.replace('"running"', '"flying"')],
  ])('that are %s are set aside, which is said', async (_, damage) => {
    const file = join(directory, 'rollouts.json');
    await writeFile(file, damage(old()));
    const { findings } = await roomIn(directory).journal.open();
    expect(findings).toMatchObject([{ code: 'rollouts-unreadable', origin: { file } }]);
    expect((await readdir(directory)).filter((name) => name.startsWith('rollouts.json.corrupt-'))).toHaveLength(1);
  });
});
