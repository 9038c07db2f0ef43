import { describe, expect, it } from 'vitest';
import type { AuditEntry } from '../../../src/core/ports.ts';
import { createOwing } from '../../../src/state/audit/owing.ts';
import { auditEntry } from './audit-fixture.ts';

/** An audit whose writes end when they are told to, and what is in it. */
function slowAudit() {
  const written: string[] = [];
  const under: { readonly entry: AuditEntry; readonly end: (how: 'written' | 'failed') => void }[] = [];
  const owing = createOwing((entry) => {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const end = (how: 'written' | 'failed'): void => {
      if (how === 'written') written.push(textOf(entry));
      if (how === 'written') resolve();
      else reject(new Error('the disk is full'));
    };
    under.push({ entry, end });
    return promise;
  });
  /** Ends all that is under way, and what comes of it, the next one first. */
  const end = async (...hows: readonly ('written' | 'failed')[]): Promise<void> => {
    for (const how of hows) {
      under.shift()?.end(how);
      for (let turn = 0; turn < 20; turn++) await Promise.resolve();
    }
  };
  return { owing, written, end, waiting: () => under.map(({ entry }) => textOf(entry)) };
}

const textOf = ({ action, target, outcome }: AuditEntry): string => `${action} ${target} ${outcome}`;
const drain = (target: string): AuditEntry => auditEntry(target);
const undrain = (target: string): AuditEntry => ({ ...auditEntry(target), action: 'cluster.undrain' });

describe('entries that could not be written', () => {
  it('are written before the next one, in their order', async () => {
    const { owing, written, end } = slowAudit();
    const first = owing.record(undrain('eu'));
    await end('failed');
    await expect(first).rejects.toThrow('full');
    const second = owing.record(drain('eu'));
    await end('written', 'written');
    await second;
    expect(written).toEqual(['cluster.undrain eu done', 'cluster.drain eu done']);
  });

  it('hold up what comes behind them: it fails as they do, and is owed behind them', async () => {
    const { owing, written, end, waiting } = slowAudit();
    const first = owing.record(undrain('eu'));
    await end('failed');
    await expect(first).rejects.toThrow('full');
    const second = owing.record(drain('eu'));
    await end('failed');
    await expect(second).rejects.toThrow('full');
    expect(waiting()).toEqual([]);
    const paid = owing.pay();
    await end('written', 'written');
    await paid;
    expect(written).toEqual(['cluster.undrain eu done', 'cluster.drain eu done']);
  });

  it('are not overtaken by one of the same that was on its way already; others are written beside them', async () => {
    const { owing, written, end, waiting } = slowAudit();
    const first = owing.record(undrain('eu'));
    const second = owing.record(drain('eu'));
    const other = owing.record(drain('us'));
    expect(waiting()).toEqual(['cluster.undrain eu done', 'cluster.drain us done']);
    await end('failed', 'written');
    await expect(first).rejects.toThrow('full');
    await other;
    await end('written', 'written');
    await second;
    expect(written).toEqual(['cluster.drain us done', 'cluster.undrain eu done', 'cluster.drain eu done']);
  });

  it('so is what was found in force and is taken back before it could be written', async () => {
    const { owing, written, end } = slowAudit();
    owing.owe({ ...drain('eu'), outcome: 'found-in-force' });
    const taken = owing.record(undrain('eu'));
    await end('written', 'written');
    await taken;
    expect(written).toEqual(['cluster.drain eu found-in-force', 'cluster.undrain eu done']);
  });

  it('what was refused does not wait for them, and is not owed', async () => {
    const { owing, written, end, waiting } = slowAudit();
    owing.owe(drain('eu'));
    const refused = owing.record({ ...drain('us'), outcome: 'drain-leaves-none' });
    expect(waiting()).toEqual(['cluster.drain us drain-leaves-none']);
    await end('failed');
    await expect(refused).rejects.toThrow('full');
    const paid = owing.pay();
    await end('written');
    await paid;
    expect(written).toEqual(['cluster.drain eu done']);
  });
});
