import { mkdtemp, readdir, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AuditLog, AuditLogOptions } from '../../../src/state/audit/audit-log.ts';
import { verifyAudit } from '../../../src/state/audit/verify.ts';
import { createReserve } from '../../../src/state/reserve.ts';
import { auditEntry, auditIn, closeAudits } from './audit-fixture.ts';
import { createDisk } from './journal-fixture.ts';
import { createSmallDisk } from './small-disk.ts';

const MIB = 2 ** 20;

let directory = '';
let folder = '';
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'azimuth-full-'));
  folder = join(directory, 'audit');
});
afterEach(async () => {
  await closeAudits();
  await rm(directory, { recursive: true });
});

const logIn = (options: Partial<AuditLogOptions> = {}): AuditLog => auditIn(directory, options);

const files = async (): Promise<readonly string[]> => (await readdir(folder)).toSorted();
/** So large that the next entry begins a file. */
const large = { ...auditEntry('large'), after: 'x'.repeat(1_000) };

describe('an audit whose next file cannot be begun', () => {
  it.each(['write', 'half-write', 'sync'] as const)(
    '(%s) leaves none behind, and keeps what there is',
    async (fails) => {
      const disk = createDisk();
      const log = logIn({ open: disk.open, fileOctets: 1_000, files: 3 });
      await log.record(large);
      await log.record(large);
      const before = await files();
      disk.fails = fails;
      for (let time = 0; time < 10; time++)
        await expect(log.record(auditEntry('lost'))).rejects.toThrow('the disk fails');
      expect(await files()).toEqual(before);
      disk.fails = 'never';
      await log.record(auditEntry('there'));
      expect(await files()).toEqual(['00000001.jsonl', '00000002.jsonl', '00000003.jsonl']);
      expect((await log.list({ limit: 9 })).items.map(({ target }) => target)).toEqual(['there', 'large', 'large']);
      expect(await verifyAudit(directory)).toMatchObject({ state: 'whole', entries: 3, firstSeq: 1 });
    },
  );

  it('never takes a file that somebody put in its place', async () => {
    const log = logIn({ fileOctets: 1_000 });
    await log.record(large);
    await writeFile(join(folder, '00000002.jsonl'), 'mine');
    await log.record(large);
    expect((await stat(join(folder, '00000002.jsonl'))).size).toBe(4);
    expect(await files()).toContain('00000003.jsonl');
  });
});

describe('files of the audit that hold nothing', () => {
  it('push out none that do, hide none, and break no chain', async () => {
    const first = logIn({ fileOctets: 1_000, files: 3 });
    await first.record(large);
    // As versions before left them behind, with a full disk.
    for (let number = 2; number <= 80; number++)
      await writeFile(join(folder, `000000${`${number}`.padStart(2, '0')}.jsonl`), '');
    await first.record(large);
    expect((await first.list({ limit: 9 })).items).toHaveLength(2);
    expect(await verifyAudit(directory)).toMatchObject({ state: 'whole', entries: 2, firstSeq: 1 });
    // They go with those that are older than what is kept.
    for (let time = 0; time < 3; time++) await first.record(large);
    expect(await files()).toEqual(['00000082.jsonl', '00000083.jsonl', '00000084.jsonl']);
    expect(await verifyAudit(directory)).toMatchObject({ state: 'whole', entries: 3 });
  });

  it('are found where one was emptied that others go on from', async () => {
    const log = logIn({ fileOctets: 1_000 });
    for (let time = 0; time < 3; time++) await log.record(large);
    await closeAudits();
    await truncate(join(folder, '00000002.jsonl'), 0);
    expect(await verifyAudit(directory)).toMatchObject({ state: 'broken', file: join(folder, '00000003.jsonl') });
  });
});

describe('entries of what was refused', () => {
  it('get nothing of what is set aside, and orders have all of it', async () => {
    const disk = createSmallDisk(8 * MIB);
    const reserve = createReserve({ directory, ...disk });
    await reserve.refill();
    const log = logIn({ open: disk.open, reserve });
    await log.record(auditEntry('stranger'), 'spare');
    const { size } = await stat(join(directory, 'reserve'));
    disk.octets = size;
    for (let time = 0; time < 5; time++) {
      await expect(log.record(auditEntry('stranger'), 'spare')).rejects.toMatchObject({ code: 'disk-full' });
    }
    expect(reserve.state()).toBe('whole');
    const all = await Promise.allSettled([
      log.record(auditEntry('order')),
      log.record(auditEntry('stranger'), 'spare'),
      log.record(auditEntry('order')),
    ]);
    expect(all.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(reserve.state()).toBe('used');
    // There is room, and it is for orders.
    await expect(log.record(auditEntry('stranger'), 'spare')).rejects.toMatchObject({ code: 'disk-full' });
    disk.octets = 8 * MIB;
    await reserve.refill();
    await log.record(auditEntry('stranger'), 'spare');
    const targets = (await log.list({ limit: 9 })).items.map(({ target }) => target);
    expect(targets).toEqual(['stranger', 'order', 'order', 'stranger']);
    expect(await verifyAudit(directory)).toMatchObject({ state: 'whole', entries: 4 });
  });
});

describe('the room that is set aside', () => {
  it('is gone where somebody removed it, and nothing is put in its place that holds no room', async () => {
    const reserve = createReserve({ directory });
    await reserve.refill();
    await rm(join(directory, 'reserve'));
    const full = Object.assign(new Error('full'), { code: 'ENOSPC' });
    await expect(reserve.covered(1, async () => Promise.reject(full))).rejects.toBe(full);
    expect(reserve.state()).toBe('gone');
    expect(await readdir(directory)).toEqual([]);
    await reserve.refill();
    expect(reserve.state()).toBe('whole');
  });

  it('is never made longer by giving up a part of it', async () => {
    const reserve = createReserve({ directory });
    await reserve.refill();
    await truncate(join(directory, 'reserve'), 40_960);
    let tries = 0;
    const work = async (): Promise<void> => {
      tries += 1;
      if (tries === 1) throw Object.assign(new Error('full'), { code: 'ENOSPC' });
    };
    await reserve.covered(1, work);
    expect((await stat(join(directory, 'reserve'))).size).toBe(8_192);
  });

  it('is not one that is only long, and is made a real one', async () => {
    await writeFile(join(directory, 'reserve'), '');
    await truncate(join(directory, 'reserve'), MIB);
    const reserve = createReserve({ directory });
    await reserve.measure();
    expect(reserve.state()).toBe('gone');
    await reserve.refill();
    expect(reserve.state()).toBe('whole');
    const { size, blocks } = await stat(join(directory, 'reserve'));
    expect(size).toBe(MIB);
    expect(blocks * 512).toBeGreaterThanOrEqual(MIB);
  });
});
