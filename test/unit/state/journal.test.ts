import { execFileSync } from 'node:child_process';
import { appendFile, mkdir, mkdtemp, readdir, readFile, rename, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bodyOf, lineOf } from '../../../src/state/journal/entry.ts';
import { createJournalStore } from '../../../src/state/journal/journal-store.ts';
import { eventually } from '../../support/eventually.ts';
import { AT, asides, closeJournals, createDisk, drop, journalIn, put, reread, valuesOf } from './journal-fixture.ts';

let directory = '';
let file = '';
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'azimuth-journal-'));
  file = join(directory, 'journal');
});
afterEach(async () => {
  await closeJournals();
  await rm(directory, { recursive: true });
});

describe('a journal', () => {
  it('has nothing at first, and makes nothing before something is written', async () => {
    const inside = join(directory, 'not', 'yet');
    expect(await reread(inside)).toMatchObject({ values: new Map(), state: 'new', codes: [] });
    await expect(stat(inside)).rejects.toThrow('ENOENT');
    await put(journalIn(inside), 'a', 1);
    expect((await reread(inside)).values).toEqual(new Map([['a', 1]]));
  });

  it('gives back the latest of each key, to another process as well', async () => {
    const journal = journalIn(directory);
    await put(journal, 'a', 1);
    await put(journal, 'b', { text: 'höher "\n\u2028 \ud800' });
    await put(journal, 'a', [2]);
    await put(journal, '__proto__', null);
    await put(journal, 'gone', true);
    await drop(journal, 'gone');
    const kept = [
      ['a', [2]],
      ['b', { text: 'höher "\n\u2028 \ud800' }],
      ['__proto__', null],
    ] as const;
    expect([...valuesOf(journal)]).toEqual(kept);
    expect([...(await reread(directory)).values]).toEqual(kept);
  });

  it('is for its owner alone and leaves nothing beside it', async () => {
    await put(journalIn(directory), 'a', 1);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await readdir(directory)).toEqual(['journal']);
  });

  it('writes and syncs together what comes while it syncs, in its order', async () => {
    const disk = createDisk();
    const journal = journalIn(directory, { open: disk.open });
    await put(journal, 'a', 'first');
    const before = disk.syncs;
    await Promise.all(Array.from({ length: 200 }, (_, value) => put(journal, 'a', value)));
    expect(disk.syncs - before).toBeLessThanOrEqual(3);
    expect((await reread(directory)).values.get('a')).toBe(199);
  });

  it('keeps what it does not know, over compactions as well', async () => {
    const journal = journalIn(directory);
    await journal.change({ kind: 'of-a-newer-version', at: AT, put: [['x', '{"y":[1,null]}']], drop: [] });
    for (let round = 0; round < 120; round++) await put(journal, 'large', `${round}${'x'.repeat(20_000)}`);
    await journal.close();
    expect((await stat(file)).size).toBeLessThan(2 ** 20 + 100_000);
    const again = journalIn(directory);
    await again.open();
    expect([...again.values('of-a-newer-version')]).toEqual([['x', '{"y":[1,null]}']]);
  });

  it('is compacted to what it keeps, and never while that is most of it', async () => {
    const journal = journalIn(directory);
    for (let key = 0; key < 60; key++) await put(journal, `key ${key}`, 'x'.repeat(20_000));
    expect((await stat(file)).size).toBeGreaterThan(1_200_000);
    for (let key = 0; key < 60; key++) await drop(journal, `key ${key}`);
    await journal.close();
    expect((await stat(file)).size).toBeLessThan(400_000);
    expect(await reread(directory)).toMatchObject({ values: new Map(), codes: [] });
    expect(await readdir(directory)).toEqual(['journal']);
  });

  it('refuses what it could not read again, and takes what comes next', async () => {
    const journal = journalIn(directory);
    await expect(put(journal, 'a', 'x'.repeat(5 * 2 ** 20))).rejects.toMatchObject({ code: 'journal-full' });
    await put(journal, 'a', 1);
    expect((await reread(directory)).values).toEqual(new Map([['a', 1]]));
  });

  it('refuses more than it may keep in all, and drops are free', async () => {
    const journal = journalIn(directory);
    const large = 'x'.repeat(4 * 2 ** 20 - 1_000);
    for (let key = 0; key < 12; key++) await put(journal, `${key}`, large);
    await expect(put(journal, 'more', large)).rejects.toMatchObject({ code: 'journal-full' });
    await drop(journal, '3');
    await put(journal, 'more', large);
  }, 60_000);

  it('takes nothing after it was closed', async () => {
    const journal = journalIn(directory);
    const last = put(journal, 'a', 1);
    await journal.close();
    await last;
    await expect(put(journal, 'a', 2)).rejects.toMatchObject({ code: 'journal-closed' });
    await journal.close();
    expect((await reread(directory)).values.get('a')).toBe(1);
  });
});

const MOUNT = 'mount';
const UNMOUNT = 'umount';

/** Mounts a disk of 1 MiB, where this user may. */
function isMounted(mount: string): boolean {
  try {
    execFileSync(MOUNT, ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', mount], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

describe('a disk that fails', () => {
  it.each(['write', 'half-write', 'sync'] as const)(
    'at a %s: that is told, and what was acknowledged stands',
    async (fails) => {
      const disk = createDisk();
      const journal = journalIn(directory, { open: disk.open });
      await put(journal, 'a', 1);
      disk.fails = fails;
      await expect(put(journal, 'a', 2)).rejects.toThrow('the disk fails');
      await expect(put(journal, 'b', 2)).rejects.toThrow('the disk fails');
      expect(valuesOf(journal)).toEqual(new Map([['a', 1]]));
      disk.fails = 'never';
      await put(journal, 'c', 3);
      const wanted = new Map([
        ['a', 1],
        ['c', 3],
      ]);
      expect(valuesOf(journal)).toEqual(wanted);
      expect(await reread(directory)).toMatchObject({ values: wanted, codes: [] });
    },
  );

  it('while it is compacted: the journal that is there stays, and is compacted later', async () => {
    const disk = createDisk();
    const journal = journalIn(directory, { open: disk.open });
    const temporary = `${file}.${process.pid}.tmp`;
    await mkdir(join(temporary, 'in-the-way'), { recursive: true });
    for (let round = 0; round < 60; round++) await put(journal, 'a', `${round}${'x'.repeat(20_000)}`);
    expect((await stat(file)).size).toBeGreaterThan(2 ** 20);
    await rm(temporary, { recursive: true });
    for (let round = 0; round < 60; round++) await put(journal, 'a', `${round}${'y'.repeat(20_000)}`);
    await journal.close();
    expect((await stat(file)).size).toBeLessThan(2 ** 20 + 100_000);
    expect((await reread(directory)).values.get('a')).toMatch(/^59y/);
  });

  it('that is full, the real one: the next change after there is room again is taken', async (context) => {
    const mount = join(directory, 'small');
    await mkdir(mount);
    context.skip(!isMounted(mount), 'this user cannot mount a file system');
    try {
      const journal = journalIn(mount);
      await put(journal, 'a', 1);
      const rest = Buffer.alloc(2 ** 20);
      await writeFile(join(mount, 'rest'), rest).catch(() => {});
      await expect(put(journal, 'b', 'x'.repeat(10_000))).rejects.toMatchObject({ code: 'ENOSPC' });
      await rm(join(mount, 'rest'));
      await put(journal, 'c', 3);
      await journal.close();
      expect(await reread(mount)).toMatchObject({
        values: new Map([
          ['a', 1],
          ['c', 3],
        ]),
        codes: [],
      });
    } finally {
      execFileSync(UNMOUNT, [mount]);
    }
  });

  it.each(['file', 'directory'])('whose %s was taken away: all of it is written anew', async (what) => {
    const inside = join(directory, 'inside');
    const journal = journalIn(inside);
    await put(journal, 'a', 1);
    await (what === 'file'
      ? rename(join(inside, 'journal'), join(directory, 'away'))
      : rm(inside, { recursive: true }));
    await put(journal, 'b', 2);
    expect(await reread(inside)).toMatchObject({
      values: new Map([
        ['a', 1],
        ['b', 2],
      ]),
      codes: [],
    });
  });
});

describe('a journal that is not as it was written', () => {
  const written = async (): Promise<void> => {
    const journal = journalIn(directory);
    for (let value = 0; value < 5; value++) await put(journal, `key ${value}`, value);
    await journal.close();
  };
  const edit = async (change: (text: string) => string): Promise<void> =>
    writeFile(file, change(await readFile(file, 'utf8')));
  /** Every key but one. */
  const without = (...keys: number[]): ReadonlyMap<string, unknown> =>
    new Map([0, 1, 2, 3, 4].filter((key) => !keys.includes(key)).map((key) => [`key ${key}`, key]));

  it('torn at its end: cut, told, kept aside, and told once', async () => {
    await written();
    await appendFile(file, '{"seq":7,"at":1,"kind":"te');
    const first = await reread(directory);
    expect(first).toMatchObject({ values: without(), codes: ['journal-torn'] });
    const [name = ''] = await asides(directory);
    expect(first.findings[0]?.suggestion).toContain(name);
    expect(first.findings[0]?.message).toContain('line 7');
    expect(await readFile(join(directory, name), 'utf8')).toBe('{"seq":7,"at":1,"kind":"te');
    expect(await reread(directory)).toMatchObject({ values: without(), codes: [] });
  });

  it('with a bad line in the middle: the others are in force, a copy is kept, and it is told once', async () => {
    await written();
    await edit((text) => text.replace('"key 2",2', '"key 2",7'));
    const first = await reread(directory);
    expect(first).toMatchObject({ values: without(2), codes: ['journal-damaged'] });
    expect(first.findings[0]?.message).toContain('line 4');
    const [name = ''] = await asides(directory);
    expect(await readFile(join(directory, name), 'utf8')).toContain('"key 2",7');
    expect(await reread(directory)).toMatchObject({ values: without(2), codes: [] });
    await put(journalIn(directory), 'key 2', 2);
    expect((await reread(directory)).values.get('key 2')).toBe(2);
  });

  it.each([
    ['a line is missing', (lines: string[]) => lines.toSpliced(3, 1)],
    ['a line is much too long', (lines: string[]) => lines.toSpliced(3, 1, 'x'.repeat(9 * 2 ** 20))],
  ])('%s: told, and the others are in force', async (_, change) => {
    await written();
    await edit((text) => change(text.split('\n')).join('\n'));
    expect(await reread(directory)).toMatchObject({ values: without(2), codes: ['journal-damaged'] });
  });

  it('with an old line behind newer ones: what is newer holds', async () => {
    const journal = journalIn(directory);
    await put(journal, 'a', 'old');
    const [, old = ''] = (await readFile(file, 'utf8')).split('\n');
    await put(journal, 'a', 'new');
    await appendFile(file, `${old}\n`);
    await put(journalIn(directory), 'b', 1);
    expect(await reread(directory)).toMatchObject({
      values: new Map<string, unknown>([
        ['a', 'new'],
        ['b', 1],
      ]),
    });
  });

  it.each([
    ['of another version', lineOf(1, bodyOf({ kind: 'azimuth-journal', at: AT, put: [['version', '2']], drop: [] }))],
    ['that is too large', undefined],
  ])('one %s is moved away, and a new one begun', async (_, content) => {
    if (content === undefined) {
      await writeFile(file, 'x');
      await truncate(file, 256 * 2 ** 20 + 1);
    } else await writeFile(file, content);
    expect(await reread(directory)).toMatchObject({ values: new Map(), codes: ['journal-unreadable'] });
    expect(await asides(directory)).toHaveLength(1);
    await put(journalIn(directory), 'a', 1);
    expect(await reread(directory)).toMatchObject({ values: new Map([['a', 1]]), codes: [] });
  });

  it('a folder in its place is moved away, too', async () => {
    await mkdir(file);
    expect(await reread(directory)).toMatchObject({ codes: ['journal-unreadable'] });
    await put(journalIn(directory), 'a', 1);
  });

  it('keeps no more than 16 files aside', async () => {
    for (let round = 0; round < 20; round++) {
      await put(journalIn(directory), 'a', round);
      await appendFile(file, 'torn');
      expect((await reread(directory)).codes).toEqual(['journal-torn']);
    }
    expect(await asides(directory)).toHaveLength(16);
  });
});

describe('a store over a journal', () => {
  const numbers = (journal = journalIn(directory)) =>
    createJournalStore<number>({
      journal,
      now: () => AT,
      kind: 'number',
      read: (saved) => (typeof saved === 'number' ? saved : undefined),
      unreadable: { code: 'health-unreadable', what: 'numbers', file },
    });

  it('puts, deletes and replaces, and writes nothing that is so already', async () => {
    const store = numbers();
    await store.put('a', 1);
    await store.change(
      new Map([
        ['b', 2],
        ['c', 3],
      ]),
      ['a'],
    );
    const { size } = await stat(file);
    await store.replace(
      new Map([
        ['c', 3],
        ['b', 2],
      ]),
    );
    await store.delete('never was');
    expect((await stat(file)).size).toBe(size);
    await store.replace(new Map([['c', 4]]));
    expect((await numbers().load()).values).toEqual(new Map([['c', 4]]));
  });

  it('keeps, and tells, what it cannot read, also when all is replaced', async () => {
    const journal = journalIn(directory);
    await journal.change({
      kind: 'number',
      at: AT,
      put: [
        ['odd', '"one"'],
        ['a', '1'],
      ],
      drop: [],
    });
    const store = numbers();
    const { values, findings } = await store.load();
    expect(values).toEqual(new Map([['a', 1]]));
    expect(findings[0]).toMatchObject({ code: 'health-unreadable' });
    expect(findings[0]?.message).toContain('"odd"');
    await store.replace(new Map());
    expect((await numbers().load()).findings).toHaveLength(1);
  });

  it('follows the order in which it is told, also behind a change that fails', async () => {
    const disk = createDisk();
    const store = numbers(journalIn(directory, { open: disk.open }));
    await store.put('a', 0);
    disk.fails = 'sync';
    const failed = store.replace(new Map([['a', 1]]));
    await expect(failed).rejects.toThrow('the disk fails');
    disk.fails = 'never';
    await Promise.all([2, 3, 4].map((value) => store.replace(new Map([['a', value]]))));
    await store.settled();
    await eventually(async () => expect((await numbers().load()).values.get('a')).toBe(4));
  });
});
