import { copyFile, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { asked, type Drill } from '../../../src/core/drill/drill.ts';
import type { Override } from '../../../src/core/orders/override.ts';
import type { AuditEntry } from '../../../src/core/ports.ts';
import { begun, ordered, type RolloutSpec } from '../../../src/core/rollout/rollout.ts';
import { verifyAudit } from '../../../src/state/audit/verify.ts';
import { eventually } from '../../support/eventually.ts';
import { createManualClock, type ManualClock } from '../../support/manual-clock.ts';
import { specOf } from '../core/drill/world.ts';
import { auditEntry, closeStates, drainEntry, drainsOf, entriesOf, startedState, stateIn } from './audit-fixture.ts';
import { AT, closeJournals, journalIn } from './journal-fixture.ts';

let directory = '';
let journal = '';
let clock: ManualClock;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'azimuth-unaudited-'));
  journal = join(directory, 'journal');
  clock = createManualClock(AT);
});
afterEach(async () => {
  await closeStates();
  await rm(directory, { recursive: true });
});

const started = () => startedState(directory, clock);

const OVERRIDE: Override = {
  name: 'slow',
  scope: { hostnames: ['shop.*'] },
  action: { kind: 'weight', weight: 7 },
  at: AT,
  by: 'bob',
  reason: 'y',
};
const set = (order: Override): AuditEntry => ({
  ...auditEntry(order.name),
  who: order.by,
  action: 'override.set',
  after: { ...order, force: false },
});

const drill = (name: string, more: Partial<Drill>): Drill => ({ ...asked(specOf({ name }), AT, 'dan'), ...more });

const SPEC: RolloutSpec = { name: 'green', from: ['eu'], to: ['us'], plan: { kind: 'blue-green' } };

describe('what is in force without an entry, as the process ended between the two', () => {
  it('gets one at the next start, as it was ordered, and no second one', async () => {
    const { state: first } = await started();
    await first.overrides.save(drainsOf(['eu']));
    await first.audit.record(drainEntry('eu'));
    await first.overrides.save(new Map([...drainsOf(['eu', 'us']), ['slow', OVERRIDE]]));
    await first.rollouts.save(new Map([['green', ordered(begun(SPEC, AT, 'cy'), 'switch', AT + 1, 'cy')!]]));
    await first.drills.save(new Map([['fire', drill('fire', {})]]));
    await first.close();
    const wanted = [
      'ana cluster.drain us found-in-force',
      'bob override.set slow found-in-force',
      'cy rollout.switch green found-in-force',
      'dan drill.start fire found-in-force',
    ];
    const { state: second, codes } = await started();
    expect(codes).toEqual([]);
    expect((await entriesOf(second)).slice(0, -1).toSorted()).toEqual(wanted);
    const { items } = await second.audit.list({ limit: 9 });
    expect(items.find(({ target }) => target === 'slow')?.after).toEqual(OVERRIDE);
    await second.close();
    const { state: third } = await started();
    expect(await entriesOf(third)).toHaveLength(5);
    expect(await verifyAudit(directory)).toMatchObject({ state: 'whole', entries: 5 });
  });

  it('the same order given again later is another one; one that stands is not told twice', async () => {
    const { state: first } = await started();
    await first.overrides.save(drainsOf(['eu']));
    await first.audit.record(drainEntry('eu'));
    await first.overrides.save(drainsOf(['eu'], AT + 5));
    await first.close();
    const { state: second } = await started();
    expect(await entriesOf(second)).toEqual(['ana cluster.drain eu found-in-force', 'ana cluster.drain eu done']);
  });

  it('the stop of a drill is nothing that is in force: it has the entry of whoever stopped it, and no other', async () => {
    const { state: first } = await started();
    await first.drills.save(new Map([['fire', drill('fire', { state: 'running' })]]));
    await first.audit.record({ ...auditEntry('fire'), action: 'drill.start', at: AT + 1 });
    // It is stopped at once, and saved behind that.
    await first.audit.record({ ...auditEntry('fire'), action: 'drill.stop', at: AT + 2 });
    const stopped = drill('fire', { state: 'over', end: { kind: 'stopped', why: 'by ana' } });
    await first.drills.save(new Map([['fire', stopped]]));
    await first.close();
    const { state: second, codes } = await started();
    expect(codes).toEqual([]);
    expect(await entriesOf(second)).toEqual(['ana drill.stop fire done', 'ana drill.start fire done']);
  });

  it('a rollout that went on by itself is nobody’s order', async () => {
    const { state: first } = await started();
    await first.rollouts.save(new Map([['green', { ...begun(SPEC, AT, 'cy'), why: 'all is up' }]]));
    await first.close();
    const { state: second } = await started();
    expect(await entriesOf(second)).toEqual([]);
  });

  it('is looked for again where the journal is one of a version that did not keep account', async () => {
    const { state: first } = await started();
    await first.overrides.save(drainsOf(['eu', 'us']));
    await first.audit.record(drainEntry('eu'));
    await first.close();
    const older = journalIn(directory);
    await older.open();
    await older.change({ kind: 'audit', at: AT, put: [], drop: [...older.values('audit').keys()] });
    await closeJournals();
    const { state: second } = await started();
    expect(await entriesOf(second)).toEqual(['ana cluster.drain us found-in-force', 'ana cluster.drain eu done']);
  });

  it('is told by the one that takes over, too', async () => {
    const { state: first } = await started();
    await first.overrides.save(drainsOf(['eu']));
    const second = stateIn(directory, clock);
    const opened = second.open();
    await eventually(async () => {
      await clock.advance(1_000);
      expect(second.standing()).toBe('taken');
    });
    await opened;
    let ours = 0;
    await second.inherit({
      onNews: async () => {},
      async onOurs() {
        ours += 1;
      },
    });
    expect(await entriesOf(second)).toEqual([]);
    await first.close();
    await eventually(async () => {
      await clock.advance(1_000);
      expect(ours).toBe(1);
    });
    expect(await entriesOf(second)).toEqual(['ana cluster.drain eu found-in-force']);
  });
});

describe('an entry that could not be written', () => {
  it('is written when it can be, though the caller was told that it was not', async () => {
    const { state } = await started();
    await state.watch(() => {});
    await state.overrides.save(drainsOf(['eu']));
    await writeFile(join(directory, 'audit'), 'in the way');
    await expect(state.audit.record(drainEntry('eu'))).rejects.toThrow('EEXIST');
    await expect(state.audit.record({ ...drainEntry('us'), outcome: 'drain-leaves-none' })).rejects.toThrow('EEXIST');
    await rm(join(directory, 'audit'));
    await clock.advance(60_000);
    // What was refused is no loss.
    await eventually(async () => expect(await entriesOf(state)).toEqual(['ana cluster.drain eu done']));
    await state.close();
    expect(await entriesOf((await started()).state)).toHaveLength(1);
  });
});

describe('a journal that does not have what the audit has', () => {
  const ordersOf = async (): Promise<void> => {
    const { state } = await started();
    await state.overrides.save(new Map([...drainsOf(['eu']), ['slow', OVERRIDE]]));
    await state.audit.record(drainEntry('eu'));
    await state.audit.record(set(OVERRIDE));
    await state.close();
  };

  it('as it is gone: an error that names what is not in force, told once', async () => {
    await ordersOf();
    await rm(journal);
    const state = stateIn(directory, clock);
    const findings = await state.open();
    expect(findings.map(({ code, severity }) => `${code} ${severity}`)).toEqual(['journal-missing error']);
    expect(findings[0]?.message).toContain('drain:eu');
    expect(findings[0]?.message).toContain('slow');
    expect(findings[0]?.suggestion).toContain('again');
    await state.close();
    expect((await started()).codes).toEqual([]);
  });

  it('as it is an older copy: orders that are not in it, and those that were taken back', async () => {
    const { state: first } = await started();
    await first.overrides.save(drainsOf(['us']));
    await first.audit.record(drainEntry('us'));
    await first.close();
    await copyFile(journal, join(directory, 'older'));
    const { state: second } = await started();
    await second.overrides.save(drainsOf(['eu']));
    await second.audit.record({ ...auditEntry('us'), action: 'cluster.undrain', at: AT + 2 });
    await second.audit.record(drainEntry('eu'));
    await second.close();
    await rename(join(directory, 'older'), journal);
    const state = stateIn(directory, clock);
    const [told, ...more] = await state.open();
    expect(more).toEqual([]);
    expect(told).toMatchObject({ code: 'journal-missing' });
    expect(told?.message).toMatch(/not in force.*drain:eu.*in force.*drain:us/is);
  });

  it('is nothing to be told of where all of it was over, or there was nothing but refusals', async () => {
    const { state: first } = await started();
    await first.audit.record({ ...auditEntry('eu'), outcome: 'drain-leaves-none' });
    await first.close();
    await rm(journal, { force: true });
    expect((await started()).codes).toEqual([]);
  });
});

describe('what the journal knows of orders that have an entry', () => {
  it('does not grow with orders that are over', async () => {
    const { state } = await started();
    await state.watch(() => {});
    const many = Array.from({ length: 1_300 }, (_, number) => `c${number}`);
    await state.overrides.save(drainsOf(many));
    await Promise.all(many.map((cluster) => state.audit.record(drainEntry(cluster))));
    await clock.advance(60_000);
    await eventually(() => expect(state.journal.values('audit').size).toBe(1_301));
    await state.overrides.save(drainsOf(['c7']));
    await eventually(async () => {
      await clock.advance(60_000);
      expect([...state.journal.values('audit').keys()].toSorted()).toEqual(['end', 'override drain:c7']);
    });
    await state.close();
    const { state: second, codes } = await started();
    expect(codes).toEqual([]);
    expect(await verifyAudit(directory)).toMatchObject({ state: 'whole', entries: 1_300 });
    expect((await second.audit.list({ limit: 1 })).items[0]?.outcome).toBe('done');
  });
});
