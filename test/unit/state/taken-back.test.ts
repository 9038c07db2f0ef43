import { copyFile, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Overrides } from '../../../src/core/orders/override.ts';
import type { AuditEntry } from '../../../src/core/ports.ts';
import { begun, type RolloutSpec } from '../../../src/core/rollout/rollout.ts';
import { createManualClock, type ManualClock } from '../../support/manual-clock.ts';
import { auditEntry, closeStates, drainEntry, drainsOf, entriesOf, startedState } from './audit-fixture.ts';
import { AT, closeJournals, journalIn } from './journal-fixture.ts';

let directory = '';
let journal = '';
let clock: ManualClock;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'azimuth-taken-back-'));
  journal = join(directory, 'journal');
  clock = createManualClock(AT);
});
afterEach(async () => {
  await closeStates();
  await rm(directory, { recursive: true });
});

const started = () => startedState(directory, clock);

const undrained = (cluster: string): AuditEntry => ({
  ...auditEntry(cluster),
  at: clock.now(),
  action: 'cluster.undrain',
});

/** What the journal knows of the audit is forgotten: the disk was full from the first order on, and it was not written. */
async function forgotten(): Promise<void> {
  const older = journalIn(directory);
  await older.open();
  await older.change({ kind: 'audit', at: AT, put: [], drop: [...older.values('audit').keys()] });
  await closeJournals();
}

/** A drain with its entry, taken back without one. */
async function drainedAndTakenBack(): Promise<void> {
  const { state } = await started();
  await state.overrides.save(drainsOf(['eu']));
  await state.audit.record(drainEntry('eu'));
  await clock.advance(10);
  await state.overrides.save(new Map());
  await state.close();
}

const FOUND = [' cluster.undrain eu found-taken-back', 'ana cluster.drain eu done'];

describe('what was taken back without an entry, as the process ended between the two', () => {
  it('gets one at the next start, and no second one', async () => {
    await drainedAndTakenBack();
    const { state, codes } = await started();
    expect(codes).toEqual([]);
    expect(await entriesOf(state)).toEqual(FOUND);
    const { items } = await state.audit.list({ limit: 1 });
    expect(items[0]).toMatchObject({ from: '', at: AT + 10, before: { cluster: 'eu', at: AT }, after: null });
    await state.close();
    expect(await entriesOf((await started()).state)).toEqual(FOUND);
  });

  it('the same where the journal knew nothing of the audit: it is not missing from it', async () => {
    await drainedAndTakenBack();
    await forgotten();
    const { state, codes } = await started();
    expect(codes).toEqual([]);
    expect(await entriesOf(state)).toEqual(FOUND);
    await state.close();
    const { state: again, codes: none } = await started();
    expect(none).toEqual([]);
    expect(await entriesOf(again)).toEqual(FOUND);
  });

  it('an override by its name, and a rollout', async () => {
    const spec: RolloutSpec = { name: 'green', from: ['eu'], to: ['us'], plan: { kind: 'blue-green' } };
    const rollout = begun(spec, AT, 'cy');
    const { state: first } = await started();
    const scope = { hostnames: ['shop.*'] };
    const order = { name: 'slow', scope, action: { kind: 'down' }, at: AT, by: 'bob', reason: 'y' } as const;
    await first.overrides.save(new Map([['slow', order]]));
    await first.audit.record({ ...auditEntry('slow'), action: 'override.set', after: order });
    await first.rollouts.save(new Map([['green', rollout]]));
    const after = { ...spec, why: rollout.why };
    await first.audit.record({ ...auditEntry('green'), action: 'rollout.start', after });
    await first.overrides.save(new Map());
    await first.rollouts.save(new Map());
    await first.close();
    const { state } = await started();
    expect((await entriesOf(state)).slice(0, -2).toSorted()).toEqual([
      ' override.clear slow found-taken-back',
      ' rollout.end green found-taken-back',
    ]);
  });

  it('is nothing to be told of where it has its entry, in front of what the journal knows of or behind it', async () => {
    const { state } = await started();
    await state.overrides.save(drainsOf(['eu']));
    await state.audit.record(drainEntry('eu'));
    await state.overrides.save(new Map());
    await state.audit.record(undrained('eu'));
    await state.close();
    const told = ['ana cluster.undrain eu done', 'ana cluster.drain eu done'];
    const { state: second, codes } = await started();
    expect([codes, await entriesOf(second)]).toEqual([[], told]);
    await second.close();
    await forgotten();
    const { state: third, codes: none } = await started();
    expect([none, await entriesOf(third)]).toEqual([[], told]);
  });

  it('so is what was over by itself', async () => {
    const [order] = drainsOf(['eu']).values();
    const ending: Overrides = new Map([[order!.name, { ...order!, until: AT + 5 }]]);
    const { state: first } = await started();
    await first.overrides.save(ending);
    await first.audit.record({ ...drainEntry('eu'), after: { cluster: 'eu', at: AT, until: AT + 5 } });
    await clock.advance(10);
    await first.overrides.save(new Map());
    await first.close();
    const { state, codes } = await started();
    expect([codes, await entriesOf(state)]).toEqual([[], ['ana cluster.drain eu done']]);
  });

  it('where an older file cannot be read: what is in force gets its entry all the same', async () => {
    const { state: first } = await started();
    await first.overrides.save(drainsOf(['eu']));
    await first.audit.record(drainEntry('eu'));
    // More than one file holds.
    const large = { ...auditEntry('large'), after: 'x'.repeat(60_000) };
    await Promise.all(Array.from({ length: 75 }, () => first.audit.record({ ...large, outcome: 'drain-leaves-none' })));
    await first.audit.record(drainEntry('asia'));
    await first.overrides.save(drainsOf(['us']));
    await first.close();
    const older = join(directory, 'audit', '00000001.jsonl');
    await rm(older);
    await mkdir(older);
    const { state } = await started();
    const { items } = await state.audit.list({ limit: 1 });
    expect(items).toMatchObject([{ target: 'us', outcome: 'found-in-force' }]);
  });
});

describe('a journal that is an older copy', () => {
  it('does not pass for one that saw an order go, as it saw an earlier one of that name go', async () => {
    const { state: first } = await started();
    await first.overrides.save(drainsOf(['eu']));
    await first.audit.record(drainEntry('eu'));
    await first.overrides.save(new Map());
    await first.audit.record(undrained('eu'));
    await first.close();
    await copyFile(journal, join(directory, 'older'));
    await clock.advance(10);
    const { state: second } = await started();
    await second.overrides.save(drainsOf(['eu'], AT + 10));
    await second.audit.record(drainEntry('eu', AT + 10));
    await second.close();
    await rename(join(directory, 'older'), journal);
    const { state, codes, message } = await started();
    expect(codes).toEqual(['journal-missing']);
    expect(message).toContain('drain:eu');
    expect((await entriesOf(state))[0]).toBe('ana cluster.drain eu done');
  });
});

describe('the last word of the audit', () => {
  it('is of what is in force, where an entry before it could not be written', async () => {
    const { state } = await started();
    await writeFile(join(directory, 'audit'), 'in the way');
    await expect(state.audit.record(undrained('eu'))).rejects.toThrow('EEXIST');
    await rm(join(directory, 'audit'));
    await state.overrides.save(drainsOf(['eu']));
    await state.audit.record(drainEntry('eu'));
    await state.close();
    expect(await entriesOf((await started()).state)).toEqual([
      'ana cluster.drain eu done',
      'ana cluster.undrain eu done',
    ]);
  });
});
