import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { drainOf, type Override, type Overrides } from '../../../src/core/orders/override.ts';
import { createOverrideStore } from '../../../src/state/override-store.ts';
import { AT, closeJournals, createDisk, journalIn, roomIn } from './journal-fixture.ts';

const written = (cluster: string, at = AT) => ({ cluster, at, by: 'ana', reason: 'höher' });
const drain = (cluster: string, at = AT): Override => drainOf(written(cluster, at));
const overrides = (...orders: Override[]): Overrides => new Map(orders.map((order) => [order.name, order]));

let directory = '';
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'azimuth-state-'));
});
afterEach(async () => {
  await closeJournals();
  await rm(directory, { recursive: true });
});

const storeIn = (inside = directory) => createOverrideStore(roomIn(inside));
/** What a start finds. */
const found = async (inside = directory) => {
  await closeJournals();
  return storeIn(inside).load();
};

describe('the override store', () => {
  it('has nothing at first, also where the directory is not there yet', async () => {
    const inside = join(directory, 'not', 'yet');
    const store = storeIn(inside);
    expect(await store.load()).toEqual({ overrides: new Map(), findings: [] });
    await store.save(overrides(drain('eu-west')));
    expect((await found(inside)).overrides).toEqual(overrides(drain('eu-west')));
  });

  it('gives back what was saved last, to another process as well', async () => {
    const text = fc.string({ unit: 'binary', maxLength: 20 }).filter((value) => value.isWellFormed());
    const lists = {
      clusters: fc.array(text),
      gateways: fc.array(text),
      hostnames: fc.array(text),
      teams: fc.array(text),
    };
    const selection = fc.record(lists, { requiredKeys: [] });
    const percent = fc.integer({ min: 0, max: 100 });
    const action: fc.Arbitrary<Override['action']> = fc.oneof(
      fc.record({ kind: fc.constantFrom('up' as const, 'down' as const) }),
      fc.record({ kind: fc.constant('drain' as const), percent }, { requiredKeys: ['kind'] }),
      fc.record(
        { kind: fc.constant('weight' as const), weight: fc.nat(65_535), percent },
        { requiredKeys: ['kind', 'weight'] },
      ),
      fc.record({ kind: fc.constant('pin' as const), nets: fc.array(text, { minLength: 1 }), cluster: text }),
    );
    const order: fc.Arbitrary<Override> = fc.record(
      {
        name: text,
        scope: fc.record({ ...lists, except: selection }, { requiredKeys: [] }),
        action,
        at: fc.nat(),
        from: fc.nat(),
        until: fc.nat(),
        by: text,
        reason: text,
      },
      { requiredKeys: ['name', 'scope', 'action', 'at', 'by', 'reason'] },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(order, { maxLength: 5 }), { maxLength: 4 }), async (saves) => {
        const store = storeIn();
        for (const drains of saves) await store.save(overrides(...drains));
        const wanted = overrides(...(saves.at(-1) ?? []));
        if (saves.length > 0) expect(await found()).toEqual({ overrides: wanted, findings: [] });
      }),
      { numRuns: 30 },
    );
  });

  it('does saves in their order: the last one asked for stands', async () => {
    const store = storeIn();
    await Promise.all(Array.from({ length: 30 }, (_, at) => store.save(overrides(drain('eu-west', at)))));
    expect((await found()).overrides.get('drain:eu-west')?.at).toBe(29);
  });

  it('rejects a save that fails, keeps the old orders and works again afterwards', async () => {
    const disk = createDisk();
    const journal = journalIn(directory, { open: disk.open });
    const store = createOverrideStore({ directory, journal, now: () => AT });
    await store.save(overrides(drain('eu-west')));
    disk.fails = 'sync';
    await expect(store.save(new Map())).rejects.toThrow('the disk fails');
    disk.fails = 'never';
    expect((await store.load()).overrides.size).toBe(1);
    await store.save(new Map());
    expect((await found()).overrides.size).toBe(0);
  });

  it('refuses what it could not read again', async () => {
    const huge = { ...drain('eu-west'), reason: 'x'.repeat(5 * 2 ** 20) };
    await expect(storeIn().save(overrides(huge))).rejects.toMatchObject({ code: 'journal-full' });
    expect(await readdir(directory)).toEqual([]);
  });

  it('tells of an order that it cannot read, keeps it, and has the others in force', async () => {
    const { journal } = roomIn(directory);
    const texts = [
      ['new', JSON.stringify({ ...drain('new'), unknown: true })],
      ['drain:eu-west', JSON.stringify(drain('eu-west'))],
    ] as const;
    await journal.change({ kind: 'override', at: AT, put: texts, drop: [] });
    const { overrides: loaded, findings } = await found();
    expect(loaded).toEqual(overrides(drain('eu-west')));
    expect(findings).toMatchObject([{ code: 'overrides-unreadable' }]);
  });
});

describe('what versions before the journal left', () => {
  const OLD = 'overrides.json';
  const old = (drains: readonly object[]): string => {
    const checksum = createHash('sha256').update(JSON.stringify(drains)).digest('hex');
    return JSON.stringify({ version: 1, checksum, drains }, null, 2);
  };
  const write = (text: string) => writeFile(join(directory, OLD), text);

  it('is in force, is in the journal, and is renamed', async () => {
    const text = old([written('eu-west'), { ...written('us-east'), from: AT + 1 }]);
    await write(text);
    const wanted = overrides(drain('eu-west'), { ...drain('us-east'), from: AT + 1 });
    expect(await storeIn().load()).toEqual({ overrides: wanted, findings: [] });
    expect((await readdir(directory)).toSorted()).toEqual(['journal', 'overrides.json.migrated']);
    expect(await readFile(join(directory, `${OLD}.migrated`), 'utf8')).toBe(text);
    expect(await found()).toEqual({ overrides: wanted, findings: [] });
  });

  it('is read once: what is ended since does not come back, even where the file does', async () => {
    await write(old([written('eu-west')]));
    const store = storeIn();
    await store.load();
    await store.save(new Map());
    await write(old([written('eu-west')]));
    expect((await found()).overrides.size).toBe(0);
  });

  it('is in force where the disk takes nothing, and written with the first change', async () => {
    await write(old([written('eu-west')]));
    const blocked = join(directory, `journal.${process.pid}.tmp`);
    await mkdir(join(blocked, 'in-the-way'), { recursive: true });
    const store = storeIn();
    expect((await store.load()).overrides.size).toBe(1);
    await rm(blocked, { recursive: true });
    await store.save(overrides(drain('eu-west'), drain('us-east')));
    expect((await found()).overrides.size).toBe(2);
  });

  it.each([
    ['torn', (text: string) => text.slice(0, -20), 'JSON'],
    ['empty', () => '', 'JSON'],
    ['edited', (text: string) => text.replace('eu-west', 'us-east'), 'checksum'],
    ['of a newer version', (text: string) => text.replace('"version": 1', '"version": 2'), 'version'],
    ['without a reason', (text: string) => text.replace('"reason"', '"because"'), 'version'],
    ['JSON of another kind', () => '[]', 'version'],
    ['without end', () => '['.repeat(100_000), 'JSON'],
    ['too much', () => ' '.repeat(5 * 2 ** 20), 'octets'],
  ])('that is %s is set aside whole, with a finding', async (_, change, reason) => {
    await write(change(old([written('eu-west')])));
    const { journal } = roomIn(directory);
    const { findings } = await journal.open();
    expect(findings).toMatchObject([{ code: 'overrides-unreadable', origin: { file: join(directory, OLD) } }]);
    expect(findings[0]?.message).toContain(reason);
    const [aside = ''] = (await readdir(directory)).filter((name) => name.includes('.corrupt-'));
    expect(findings[0]?.suggestion).toContain(aside);
    expect((await stat(join(directory, aside))).isFile()).toBe(true);
    const store = storeIn();
    await store.save(overrides(drain('us-east')));
    expect((await found()).overrides.size).toBe(1);
  });
});
