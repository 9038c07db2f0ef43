import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { begun, type Rollouts } from '../../../src/core/rollout/rollout.ts';
import { createRolloutStore } from '../../../src/state/rollout-store.ts';

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
afterEach(() => rm(directory, { recursive: true }));

describe('the rollout store', () => {
  it('has none where none were saved', async () => {
    expect(await createRolloutStore({ directory }).load()).toEqual({ rollouts: new Map(), findings: [] });
  });

  it('gives back what was saved last', async () => {
    const store = createRolloutStore({ directory: join(directory, 'new') });
    const saved = [store.save(new Map()), store.save(ROLLOUTS)];
    await Promise.all(saved);
    expect((await createRolloutStore({ directory: join(directory, 'new') }).load()).rollouts).toEqual(ROLLOUTS);
  });

  it.each([
    ['is torn', (text: string) => text.slice(0, -20)],
    ['was edited', (text: string) => text.replace('"step": 0', '"step": 1')],
    ['is of another version', (text: string) => text.replace('"version": 1', '"version": 2')],
    ['has a state that there is not', (text: string) => text.replace('"running"', '"flying"')],
  ])('sets a file aside that %s, and says so', async (_, damage) => {
    await createRolloutStore({ directory }).save(ROLLOUTS);
    const file = join(directory, 'rollouts.json');
    await writeFile(file, damage(await readFile(file, 'utf8')));
    const { rollouts, findings } = await createRolloutStore({ directory }).load();
    expect(rollouts.size).toBe(0);
    expect(findings).toMatchObject([{ code: 'rollouts-unreadable', origin: { file } }]);
    expect((await readdir(directory)).filter((name) => name.startsWith('rollouts.json.corrupt-'))).toHaveLength(1);
  });

  it('refuses what it could not read again', async () => {
    const long = begun({ name: 'long', from: ['eu'], to: ['us'], plan: CANARY }, 1000, 'x'.repeat(17 * 2 ** 20));
    await expect(createRolloutStore({ directory }).save(new Map([['long', long]]))).rejects.toThrow('octets');
    expect(await readdir(directory)).toEqual([]);
  });

  it('rejects where nothing can be written', async () => {
    const file = join(directory, 'file');
    await writeFile(file, '');
    await expect(createRolloutStore({ directory: file }).save(ROLLOUTS)).rejects.toThrow();
  });
});
