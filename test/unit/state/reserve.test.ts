import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type AuditLog, createAuditLog } from '../../../src/state/audit/audit-log.ts';
import { verifyAudit } from '../../../src/state/audit/verify.ts';
import { createReserve, type Reserve } from '../../../src/state/reserve.ts';
import { createState, type State } from '../../../src/state/state.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import { auditEntry, drainEntry, drainsOf } from './audit-fixture.ts';
import { AT, closeJournals, createDisk, journalIn, OURS, put, reread } from './journal-fixture.ts';
import { createSmallDisk, mountDisk } from './small-disk.ts';

const MIB = 2 ** 20;

let directory = '';
const logs = new Set<AuditLog>();
const states = new Set<State>();
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'azimuth-reserve-'));
});
afterEach(async () => {
  await Promise.all([...logs, ...states].map((each) => each.close()));
  logs.clear();
  states.clear();
  await closeJournals();
  await rm(directory, { recursive: true });
});

const codesOf = (reserve: Reserve): readonly string[] => reserve.findings().map(({ code }) => code);

describe('the room that is set aside', () => {
  it('is 1 MiB of real blocks, for its owner alone, and stays over restarts', async () => {
    const reserve = createReserve({ directory });
    await reserve.measure();
    expect(reserve.state()).toBe('untaken');
    await reserve.refill();
    expect(reserve.state()).toBe('whole');
    const { size, blocks, mode } = await stat(join(directory, 'reserve'));
    expect(size).toBe(MIB);
    expect(blocks * 512).toBeGreaterThanOrEqual(MIB);
    expect(mode & 0o777).toBe(0o600);
    const next = createReserve({ directory });
    await next.measure();
    expect(next.state()).toBe('whole');
  });

  it('is a quarter of a disk that is smaller than four of it, and nothing where there is no room for twice of it', async () => {
    const disk = createSmallDisk(400_000);
    const reserve = createReserve({ directory, ...disk });
    await reserve.refill();
    expect((await stat(join(directory, 'reserve'))).size).toBe(102_400);
    expect(reserve.state()).toBe('whole');
    const full = createReserve({ directory: join(directory, 'full'), room: async () => ({ octets: MIB, free: 1000 }) });
    await full.refill();
    expect(full.state()).toBe('gone');
    expect(codesOf(full)).toEqual(['state-reserve-gone']);
  });

  it('is not said to be gone where nothing can be written at all: others tell of that', async () => {
    const reserve = createReserve({ directory: '/dev/null/state' });
    await reserve.measure();
    await reserve.refill();
    expect(reserve.state()).toBe('untaken');
    expect(reserve.findings()).toEqual([]);
  });

  it('is not touched by a failure of another kind', async () => {
    const reserve = createReserve({ directory });
    await reserve.refill();
    await expect(reserve.covered(1, async () => Promise.reject(new Error('EIO')))).rejects.toThrow('EIO');
    expect(reserve.state()).toBe('whole');
  });
});

describe('a disk that is full', () => {
  it('takes orders and entries until all of it is used, nothing else, and is as before when there is room', async () => {
    const disk = createSmallDisk(2 * MIB);
    const reserve = createReserve({ directory, ...disk });
    await reserve.refill();
    const journal = journalIn(directory, { open: disk.open, reserve });
    const log = createAuditLog({ directory, lock: OURS, now: () => AT, open: disk.open, reserve });
    logs.add(log);
    await put(journal, 'a', 0);
    // A quarter of the disk is what was set aside.
    disk.octets = 600_000;
    const spare = { kind: 'spare', at: AT, put: [['x', '1']], drop: [] } as const;
    let orders = 0;
    for (; reserve.state() !== 'gone'; orders++) {
      await put(journal, 'a', `${orders}${'x'.repeat(5_000)}`);
      await log.record(auditEntry(`${orders}`));
      if (reserve.state() === 'whole') continue;
      await expect(journal.change(spare, 'spare')).rejects.toMatchObject({ code: 'disk-full' });
      expect(codesOf(reserve)).toEqual([reserve.state() === 'used' ? 'state-reserve-used' : 'state-reserve-gone']);
    }
    expect(orders).toBeGreaterThan(50);
    const refused = async (): Promise<never> => {
      for (;;) await put(journal, 'b', 'x'.repeat(9_000));
    };
    await expect(refused()).rejects.toMatchObject({ code: 'ENOSPC' });
    expect(reserve.findings()).toMatchObject([{ code: 'state-reserve-gone', severity: 'error' }]);
    await reserve.refill();
    expect(reserve.state()).toBe('gone');
    disk.octets = 4 * MIB;
    await reserve.refill();
    expect(reserve.state()).toBe('whole');
    expect(reserve.findings()).toEqual([]);
    await journal.change(spare, 'spare');
    await journal.close();
    expect(await verifyAudit(directory)).toMatchObject({ state: 'whole', entries: orders });
    expect((await reread(directory)).codes).toEqual([]);
  });

  it('writes what waits for nobody apart from orders', async () => {
    const disk = createSmallDisk(2 * MIB);
    const reserve = createReserve({ directory, ...disk });
    await reserve.refill();
    const journal = journalIn(directory, { open: disk.open, reserve });
    await put(journal, 'a', 0);
    disk.octets = (await stat(join(directory, 'reserve'))).size + 200;
    const spare = { kind: 'spare', at: AT, put: [['x', JSON.stringify('x'.repeat(100_000))]], drop: [] } as const;
    const all = await Promise.allSettled([
      put(journal, 'b', 1),
      journal.change(spare, 'spare'),
      put(journal, 'c', 2),
      journal.change(spare, 'spare'),
    ]);
    expect(all.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'rejected']);
  });

  it('with a disk that fails otherwise, nothing is lent', async () => {
    const disk = createDisk();
    const reserve = createReserve({ directory });
    await reserve.refill();
    const journal = journalIn(directory, { open: disk.open, reserve });
    disk.fails = 'sync';
    await expect(put(journal, 'a', 1)).rejects.toThrow('EIO');
    expect(reserve.state()).toBe('whole');
  });
});

describe('a director whose disk is full, a real one', () => {
  it.for([400, 8192])('of %i KiB: it can be told what to do, says so, and remembers it', async (kib, context) => {
    const disk = await mountDisk(directory, kib, context);
    const clock = createManualClock(AT);
    const started = async () => {
      const state = createState({ directory: disk.directory, clock });
      states.add(state);
      const codes = (await state.open()).map(({ code }) => code);
      state.admit();
      const told: (readonly string[])[] = [];
      await state.watch((findings) => void told.push(findings.map(({ code }) => code)));
      return { state, codes, told };
    };
    try {
      const { state, told } = await started();
      await state.overrides.save(drainsOf(['eu']));
      await state.audit.record(drainEntry('eu'));
      expect(state.maySave()).toBe(true);
      // Somebody goes on filling it: of each part that is given up he gets the rest.
      for (const round of [1, 2, 3]) {
        await disk.fill();
        // More than is left of the last block of the file.
        const many = Array.from({ length: 40 }, (_, number) => `c${number}`);
        await state.overrides.save(drainsOf(['us', ...many], AT + round));
        await state.overrides.save(drainsOf(['us'], AT + round));
        await state.audit.record({ ...auditEntry('eu'), action: 'cluster.undrain' });
        await state.audit.record(drainEntry('us', AT + round));
      }
      expect(told).toEqual([['state-reserve-used'], ...told.slice(1)]);
      expect(state.maySave()).toBe(false);
      await expect(state.health.save(new Map(), AT)).rejects.toMatchObject({ code: 'disk-full' });
      await state.close();
      const second = await started();
      expect(second.codes).toEqual([]);
      expect(second.told).toEqual([['state-reserve-used']]);
      expect([...(await second.state.overrides.load()).overrides.keys()]).toEqual(['drain:us']);
      await second.state.overrides.save(drainsOf(['us', 'ap']));
      await disk.clear();
      await clock.advance(60_000);
      await expect.poll(() => second.told.at(-1), { timeout: 20_000 }).toEqual([]);
      expect(second.state.maySave()).toBe(true);
      await second.state.health.save(new Map(), AT);
      await second.state.close();
      expect(await verifyAudit(disk.directory)).toMatchObject({ state: 'whole' });
    } finally {
      await Promise.all([...states].map((state) => state.close()));
      disk.unmount();
    }
  });

  it('and which is started with one that is full already says that nothing is set aside', async (context) => {
    const disk = await mountDisk(directory, 1024, context);
    try {
      await writeFile(join(disk.directory, 'large'), Buffer.alloc(MIB - 20_000, 1));
      const state = createState({ directory: disk.directory, clock: createManualClock(AT) });
      states.add(state);
      expect((await state.open()).map(({ code }) => code)).toEqual([]);
      const told: (readonly string[])[] = [];
      await state.watch((findings) => void told.push(findings.map(({ code }) => code)));
      expect(told).toEqual([['state-reserve-gone']]);
      state.admit();
      await state.overrides.save(drainsOf(['eu']));
    } finally {
      await Promise.all([...states].map((state) => state.close()));
      disk.unmount();
    }
  });
});
