import { spawn } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DrainOverride, Overrides } from '../../../src/core/health/override.ts';
import { createOverrideStore } from '../../../src/state/override-store.ts';

const drain = (cluster: string, at = 1_767_225_600_000): DrainOverride => ({ cluster, at, by: 'ana', reason: 'höher' });
const overrides = (...drains: DrainOverride[]): Overrides => new Map(drains.map((order) => [order.cluster, order]));
const NOTHING: Overrides = new Map();

let directory = '';
let file = '';
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'azimuth-state-'));
  file = join(directory, 'overrides.json');
});
afterEach(() => rm(directory, { recursive: true }));

const setAside = async (): Promise<string[]> => (await readdir(directory)).filter((name) => name.includes('.corrupt-'));

describe('the override store', () => {
  it('has nothing at first, also where the directory is not there yet', async () => {
    const store = createOverrideStore({ directory: join(directory, 'not', 'yet') });
    expect(await store.load()).toEqual({ overrides: NOTHING, findings: [] });
    await store.save(overrides(drain('eu-west')));
    expect((await store.load()).overrides).toEqual(overrides(drain('eu-west')));
  });

  it('gives back what was saved, to another process as well', async () => {
    const text = fc.string({ unit: 'binary', maxLength: 20 }).filter((value) => value.isWellFormed());
    const order = fc.record(
      { cluster: text, at: fc.nat(), from: fc.nat(), by: text, reason: text },
      { requiredKeys: ['cluster', 'at', 'by', 'reason'] },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(order, { maxLength: 5 }), async (drains) => {
        await createOverrideStore({ directory }).save(overrides(...drains));
        const loaded = await createOverrideStore({ directory }).load();
        expect(loaded).toEqual({ overrides: overrides(...drains), findings: [] });
      }),
      { numRuns: 30 },
    );
  });

  it('is for its owner alone and leaves nothing beside it', async () => {
    await createOverrideStore({ directory }).save(overrides(drain('eu-west')));
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await readdir(directory)).toEqual(['overrides.json']);
  });

  it('does saves in their order: the last one asked for stands', async () => {
    const store = createOverrideStore({ directory });
    await Promise.all(Array.from({ length: 30 }, (_, at) => store.save(overrides(drain('eu-west', at)))));
    expect((await store.load()).overrides.get('eu-west')?.at).toBe(29);
  });

  it('rejects a save that fails, keeps the old orders and works again afterwards', async () => {
    const store = createOverrideStore({ directory });
    await store.save(overrides(drain('eu-west')));
    const blocked = `${file}.${process.pid}.tmp`;
    await mkdir(join(blocked, 'in-the-way'), { recursive: true });
    await expect(store.save(NOTHING)).rejects.toThrow();
    expect((await store.load()).overrides.size).toBe(1);
    await rm(blocked, { recursive: true });
    await store.save(NOTHING);
    expect((await store.load()).overrides.size).toBe(0);
  });

  it('is whole, and never older than the last save, after a kill at any moment', async () => {
    const module = new URL('../../../src/state/override-store.ts', import.meta.url).href;
    const program = `
      const { createOverrideStore } = await import(${JSON.stringify(module)});
      const store = createOverrideStore({ directory: ${JSON.stringify(directory)} });
      const reason = 'x'.repeat(500_000);
      for (let at = 0; ; at++) {
        await store.save(new Map([['eu-west', { cluster: 'eu-west', at, by: 'ana', reason }]]));
        process.stdout.write(at + '\\n');
      }`;
    for (const saves of [1, 4, 9]) {
      const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      let saved = -1;
      for await (const chunk of child.stdout) {
        saved = Number(String(chunk).trim().split('\n').at(-1));
        if (saved >= saves) child.kill('SIGKILL');
      }
      const { overrides: loaded, findings } = await createOverrideStore({ directory }).load();
      expect(findings).toEqual([]);
      expect(loaded.get('eu-west')?.at).toBeGreaterThanOrEqual(saved);
    }
  });

  it('refuses what it could not read again', async () => {
    const huge = { ...drain('eu-west'), reason: 'x'.repeat(5 * 2 ** 20) };
    await expect(createOverrideStore({ directory }).save(overrides(huge))).rejects.toThrow('octets');
    expect(await readdir(directory)).toEqual([]);
  });
});

describe('a file that cannot be read', () => {
  it.each([0, 1, 40, 200])('torn after %i octets: set aside whole, with a finding', async (length) => {
    const store = createOverrideStore({ directory });
    await store.save(overrides(drain('eu-west'), drain('us-east')));
    await truncate(file, length);
    const torn = await readFile(file);
    const { overrides: loaded, findings } = await store.load();
    expect(loaded.size).toBe(0);
    expect(findings).toMatchObject([{ code: 'overrides-unreadable', origin: { file } }]);
    const [name = ''] = await setAside();
    expect(findings[0]?.suggestion).toContain(name);
    expect(await readFile(join(directory, name))).toEqual(torn);
    await store.save(overrides(drain('us-east')));
    expect((await store.load()).overrides.size).toBe(1);
    expect(await setAside()).toHaveLength(1);
  });

  it.each([
    ['an edited order', (text: string) => text.replace('eu-west', 'us-east'), 'checksum'],
    ['a newer version', (text: string) => text.replace('"version": 1', '"version": 2'), 'version'],
    ['an order without a reason', (text: string) => text.replace('"reason"', '"because"'), 'drains'],
    ['JSON of another kind', () => '[]', 'object'],
    ['JSON without end', () => '['.repeat(100_000), 'JSON'],
    ['too much of it', () => ' '.repeat(5 * 2 ** 20), 'octets'],
  ])('%s is noticed', async (_, change, reason) => {
    const store = createOverrideStore({ directory });
    await store.save(overrides(drain('eu-west')));
    await writeFile(file, change(await readFile(file, 'utf8')));
    const { overrides: loaded, findings } = await store.load();
    expect(loaded.size).toBe(0);
    expect(findings[0]?.message).toContain(reason);
    expect(await setAside()).toHaveLength(1);
  });

  it('never throws, whatever it holds', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.uint8Array({ maxLength: 50 }),
          fc.json().map((json) => Buffer.from(json)),
        ),
        async (bytes) => {
          await writeFile(file, bytes);
          expect((await createOverrideStore({ directory }).load()).findings).toHaveLength(1);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('a folder in its place is set aside too, and two bad files are both kept', async () => {
    await mkdir(file);
    expect((await createOverrideStore({ directory }).load()).findings).toHaveLength(1);
    await writeFile(file, 'bad');
    expect((await createOverrideStore({ directory }).load()).findings).toHaveLength(1);
    expect(await setAside()).toHaveLength(2);
  });

  it.skipIf(process.getuid?.() === 0)('that cannot be set aside either: the finding says so', async () => {
    await writeFile(file, 'bad');
    await chmod(directory, 0o500);
    const { findings } = await createOverrideStore({ directory }).load();
    await chmod(directory, 0o700);
    expect(findings[0]?.suggestion).toContain('could not be renamed');
  });
});
