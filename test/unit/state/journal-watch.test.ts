import { mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { verifyAudit } from '../../../src/state/audit/verify.ts';
import { createState, type State } from '../../../src/state/state.ts';
import { eventually } from '../../support/eventually.ts';
import { createManualClock, type ManualClock } from '../../support/manual-clock.ts';
import { drainEntry, drainsOf } from './audit-fixture.ts';
import { AT } from './journal-fixture.ts';

let folder = '';
let directory = '';
let journal = '';
let clock: ManualClock;
const states = new Set<State>();
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'azimuth-watch-'));
  directory = join(folder, 'state');
  journal = join(directory, 'journal');
  clock = createManualClock(AT);
});
afterEach(async () => {
  for (const state of states) await state.close();
  states.clear();
  await rm(folder, { recursive: true });
});

async function started(inside = directory) {
  const state = createState({ directory: inside, clock });
  states.add(state);
  const codes = (await state.open()).map(({ code }) => code);
  state.admit();
  let told: readonly string[] = [];
  await state.watch((findings) => (told = findings.map(({ code }) => code)));
  return { state, codes, told: () => told };
}

/** What a start finds of drains in a copy of what is there: as after a kill. */
async function drainedAfterKill(): Promise<readonly string[]> {
  const copy = join(folder, `copy-${states.size}`);
  await mkdir(copy);
  await rename(journal, join(copy, 'journal'));
  const { state } = await started(copy);
  return [...(await state.overrides.load()).overrides.keys()];
}

const spoilers: readonly (readonly [string, () => Promise<unknown>])[] = [
  ['removed', () => rm(journal)],
  ['replaced', () => rm(journal).then(() => writeFile(journal, 'something else\n'))],
  ['removed with its directory', () => rm(directory, { recursive: true })],
];

describe('a journal that is taken away while the director runs', () => {
  it.each(spoilers)('%s: it is written anew within a minute, without an order, and that is said', async (_, spoil) => {
    const { state, told } = await started();
    await state.overrides.save(drainsOf(['eu']));
    await spoil();
    await clock.advance(60_000);
    await eventually(() => expect(told()).toEqual(['journal-taken-away']));
    expect(await drainedAfterKill()).toEqual(['drain:eu']);
  });

  it.each(spoilers)('%s: it is written anew at the stop at the latest', async (_, spoil) => {
    const { state, told } = await started();
    await state.overrides.save(drainsOf(['eu']));
    await spoil();
    await state.close();
    expect(told()).toEqual([]);
    expect(await drainedAfterKill()).toEqual(['drain:eu']);
  });

  it('is told as well where an order noticed it first', async () => {
    const { state, told } = await started();
    await state.overrides.save(drainsOf(['eu']));
    await rm(journal);
    await state.overrides.save(drainsOf(['us']));
    await clock.advance(60_000);
    await eventually(() => expect(told()).toEqual(['journal-taken-away']));
  });

  it('is not touched while it is in its place, nor is another directory that got its name', async () => {
    const { state, told } = await started();
    await state.overrides.save(drainsOf(['eu']));
    await state.audit.record(drainEntry('eu'));
    await clock.advance(120_000);
    expect(told()).toEqual([]);
    await rename(directory, join(folder, 'away'));
    const { state: other } = await started();
    await other.overrides.save(drainsOf(['us']));
    await other.audit.record(drainEntry('us'));
    await clock.advance(60_000);
    await eventually(() => expect(told()).toEqual(['journal-taken-away', 'audit-broken']));
    await expect(state.audit.record(drainEntry('eu'))).rejects.toMatchObject({ code: 'state-in-use' });
    await expect(state.overrides.save(drainsOf(['ap']))).rejects.toMatchObject({ code: 'state-in-use' });
    await state.close();
    await other.close();
    expect(await verifyAudit(directory)).toMatchObject({ state: 'whole', entries: 1 });
    expect(await drainedAfterKill()).toEqual(['drain:us']);
    expect(await readdir(join(folder, 'away'))).toContain('journal');
  });

  it('nothing is looked at after the end, nor in a directory that is another’s', async () => {
    const { state } = await started();
    const second = createState({ directory, clock });
    states.add(second);
    const opening = second.open();
    await eventually(async () => {
      await clock.advance(1_000);
      expect(second.standing()).toBe('taken');
    });
    await opening;
    await second.watch(() => expect.fail('it is another’s'));
    expect(second.maySave()).toBe(false);
    await rm(journal, { force: true });
    await second.close();
    await state.close();
    expect(clock.pending()).toBe(0);
  });
});
