import { appendFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AuditEntry } from '../../../src/core/ports.ts';
import type { AuditLog, AuditLogOptions } from '../../../src/state/audit/audit-log.ts';
import { headOf, lineOf, readLine } from '../../../src/state/audit/chain.ts';
import { verifyAudit } from '../../../src/state/audit/verify.ts';
import { auditEntry, auditIn, closeAudits } from './audit-fixture.ts';
import { AT, createDisk } from './journal-fixture.ts';

let directory = '';
let folder = '';
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'azimuth-audit-'));
  folder = join(directory, 'audit');
});
afterEach(async () => {
  await closeAudits();
  await rm(directory, { recursive: true });
});

const logIn = (options: Partial<AuditLogOptions> = {}): AuditLog => auditIn(directory, options);

const entry = (target: string): AuditEntry => ({ ...auditEntry(target), after: { reason: 'höher' } });

/** Records so many entries, one after the other, as a process that then ends. */
async function recorded(count: number, options: Partial<AuditLogOptions> = {}): Promise<void> {
  const log = logIn(options);
  for (let number = 0; number < count; number++) await log.record(entry(`t${number}`));
  await closeAudits();
}

const files = async (): Promise<readonly string[]> =>
  (await readdir(folder)).filter((name) => name.endsWith('.jsonl')).toSorted();
const lastFile = async (): Promise<string> => join(folder, (await files()).at(-1)!);

describe('the audit', () => {
  it('has nothing at first, and makes nothing', async () => {
    expect(await logIn().list({ limit: 10 })).toEqual({ items: [], next: undefined });
    expect(await verifyAudit(directory)).toEqual({ state: 'none' });
    expect(await readdir(directory)).toEqual([]);
  });

  it('lists what was recorded, newest first, page by page, over restarts and files', async () => {
    await recorded(10, { fileOctets: 1_000 });
    await recorded(3, { fileOctets: 1_000 });
    expect((await files()).length).toBeGreaterThan(2);
    const log = logIn();
    const targets: string[] = [];
    let before: number | undefined;
    do {
      const { items, next } = await log.list({ limit: 4, ...(before === undefined ? {} : { before }) });
      expect(items.length).toBeLessThanOrEqual(4);
      targets.push(...items.map(({ target }) => target));
      before = next;
    } while (before !== undefined);
    const wanted = [...Array.from({ length: 10 }, (_, number) => `t${number}`), 't0', 't1', 't2'].toReversed();
    expect(targets).toEqual(wanted);
    expect((await log.list({ limit: 1 })).items[0]).toMatchObject({ ...entry('t2'), seq: expect.any(Number) });
    expect(await verifyAudit(directory)).toMatchObject({ state: 'whole', entries: 13, firstSeq: 1 });
  });

  it('is one chain whatever is recorded at once', async () => {
    const log = logIn();
    await Promise.all(Array.from({ length: 100 }, (_, number) => log.record(entry(`t${number}`))));
    expect(await verifyAudit(directory)).toMatchObject({ state: 'whole', entries: 100, files: 1 });
    expect((await log.list({ limit: 1 })).items[0]?.target).toBe('t99');
  });

  it('gives up its oldest files, and the chain of the others holds', async () => {
    await recorded(30, { fileOctets: 1_000, files: 3 });
    expect(await files()).toHaveLength(3);
    const verdict = await verifyAudit(directory);
    expect(verdict).toMatchObject({ state: 'whole', files: 3 });
    expect(verdict.state === 'whole' && verdict.firstSeq).toBeGreaterThan(1);
  });

  it('tells of large values by their size, and cuts long texts', async () => {
    const log = logIn();
    await log.record({ ...entry('t'.repeat(5_000)), after: 'x'.repeat(70_000) });
    const [item] = (await log.list({ limit: 1 })).items;
    expect(item?.after).toEqual({ cut: '70002 octets' });
    expect(item?.target).toHaveLength(1_000);
  });

  it.each(['write', 'half-write', 'sync'] as const)(
    'refuses where the disk fails at a %s, and goes on behind it',
    async (fails) => {
      const disk = createDisk();
      const log = logIn({ open: disk.open });
      await log.record(entry('first'));
      disk.fails = fails;
      await expect(log.record(entry('lost'))).rejects.toThrow('the disk fails');
      disk.fails = 'never';
      await log.record(entry('second'));
      expect((await log.list({ limit: 9 })).items.map(({ target }) => target)).toEqual(['second', 'first']);
      expect(await verifyAudit(directory)).toMatchObject({ state: 'whole', entries: 2, tornOctets: 0 });
    },
  );

  it('cuts a torn end, keeps it aside, tells it once, and goes on', async () => {
    await recorded(3);
    await appendFile(await lastFile(), '{"seq":5,"at":1,"ent');
    expect(await verifyAudit(directory)).toMatchObject({ state: 'whole', entries: 3, tornOctets: 20 });
    expect((await logIn().open()).map(({ code }) => code)).toEqual(['journal-torn']);
    await closeAudits();
    expect((await readdir(folder)).some((name) => name.includes('.torn-'))).toBe(true);
    await recorded(1);
    expect(await verifyAudit(directory)).toMatchObject({ state: 'whole', entries: 4, tornOctets: 0 });
  });

  it('goes on in front of a file that was begun and never got its first line', async () => {
    await recorded(2);
    await writeFile(join(folder, '00000002.jsonl'), '{"seq":4');
    expect((await logIn().open()).map(({ code }) => code)).toEqual(['journal-torn']);
    await closeAudits();
    await recorded(1);
    expect(await verifyAudit(directory)).toMatchObject({ state: 'whole', entries: 3 });
  });

  it('cut at any octet: what is in front of it stays, and the chain goes on', async () => {
    await recorded(3);
    const octets = await readFile(await lastFile());
    const ends = [...octets.keys()].filter((at) => octets[at] === 10);
    for (let length = 0; length < octets.length; length += 7) {
      await writeFile(join(folder, '00000001.jsonl'), octets.subarray(0, length));
      const kept = Math.max(0, ends.filter((end) => end < length).length - 1);
      await recorded(1);
      expect(await verifyAudit(directory), `cut at ${length}`).toMatchObject({ state: 'whole', entries: kept + 1 });
      await rm(folder, { recursive: true });
      await mkdir(folder);
    }
  });
});

describe('the audit that somebody changed', () => {
  const lines = async (): Promise<string[]> => (await readFile(await lastFile(), 'utf8')).trimEnd().split('\n');
  const write = async (changed: readonly string[]): Promise<void> =>
    writeFile(await lastFile(), `${changed.join('\n')}\n`);

  it.each([
    ['an edited entry', (all: string[]) => all.with(3, all[3]!.replace('ana', 'bob')), 4],
    ['an entry that is gone', (all: string[]) => all.toSpliced(3, 1), 4],
    ['an entry twice', (all: string[]) => all.toSpliced(3, 0, all[3]!), 5],
    ['two entries in another order', (all: string[]) => all.with(3, all[4]!).with(4, all[3]!), 4],
    ['a line of something else', (all: string[]) => all.toSpliced(2, 0, 'hello'), 3],
    ['a first line that is gone', (all: string[]) => all.slice(1), 1],
  ])('%s is found, and where', async (_, change, line) => {
    await recorded(6);
    await write(change(await lines()));
    expect(await verifyAudit(directory)).toMatchObject({ state: 'broken', file: await lastFile(), line });
  });

  it('an entry that was written anew with a hash of its own breaks the one behind it', async () => {
    await recorded(6);
    const all = await lines();
    expect(headOf(1, AT, '0'.repeat(64)).octets.toString()).toBe(`${all[0]}\n`);
    const before = readLine(Buffer.from(all[2]!))!;
    const forged = lineOf(4, { ...entry('t2'), who: 'bob' }, before.hash)
      .octets.toString()
      .trimEnd();
    await write(all.with(3, forged));
    expect(await verifyAudit(directory)).toMatchObject({ state: 'broken', line: 5, entries: 3 });
  });

  it('a file that is gone, or is not the one that was there, is found', async () => {
    await recorded(20, { fileOctets: 1_000 });
    const all = await files();
    const [, second = '', third = ''] = all;
    const octets = await readFile(join(folder, second));
    await rm(join(folder, second));
    expect(await verifyAudit(directory)).toMatchObject({ state: 'broken', file: join(folder, third) });
    await writeFile(join(folder, second), octets.subarray(0, octets.lastIndexOf(10, -2) + 1));
    expect(await verifyAudit(directory)).toMatchObject({ state: 'broken', file: join(folder, third), line: 1 });
    await writeFile(join(folder, second), octets);
    expect(await verifyAudit(directory)).toMatchObject({ state: 'whole' });
  });

  it('is told at a start, is not mended, and the chain goes on behind it', async () => {
    await recorded(6);
    await write((await lines()).with(2, 'hello'));
    const before = await lines();
    expect((await logIn().open()).map(({ code }) => code)).toEqual(['audit-broken']);
    await closeAudits();
    await recorded(1);
    expect((await lines()).slice(0, -1)).toEqual(before);
    expect(await verifyAudit(directory)).toMatchObject({ state: 'broken', line: 3 });
    expect((await logIn().list({ limit: 9 })).items).toHaveLength(6);
  });

  it('no turned bit goes unseen, and none throws', async () => {
    await recorded(3);
    const octets = await readFile(await lastFile());
    await fc.assert(
      fc.asyncProperty(fc.nat(octets.length * 8 - 1), async (bit) => {
        const turned = Buffer.from(octets);
        turned[bit >> 3]! ^= 1 << (bit & 7);
        await writeFile(join(folder, '00000001.jsonl'), turned);
        const verdict = await verifyAudit(directory);
        // The end of the last line turned into something else makes it a torn one.
        if (verdict.state === 'whole') expect(verdict.tornOctets).toBeGreaterThan(0);
        else expect(verdict.state).toBe('broken');
      }),
      { numRuns: 200 },
    );
  });
});
