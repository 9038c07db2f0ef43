import { mkdtemp, readFile, rename, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createState, type State } from '../../../src/state/state.ts';
import { eventually } from '../../support/eventually.ts';
import { createManualClock, type ManualClock } from '../../support/manual-clock.ts';
import { drainEntry, drainsOf } from './audit-fixture.ts';
import { AT } from './journal-fixture.ts';

let folder = '';
let directory = '';
let clock: ManualClock;
const states = new Set<State>();
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'azimuth-writer-'));
  directory = join(folder, 'state');
  clock = createManualClock(AT);
});
afterEach(async () => {
  for (const state of states) await state.close();
  states.clear();
  await rm(folder, { recursive: true });
});

/** A start: it waits for another one as long as it does. */
async function started() {
  const state = createState({ directory, clock });
  states.add(state);
  const opening = state.open();
  await eventually(async () => {
    if (state.standing() === 'unread') await clock.advance(1_000);
    expect(state.standing()).not.toBe('unread');
  });
  const codes = (await opening).map(({ code }) => code);
  state.admit();
  return { state, codes };
}

/** Has the files looked at: the next look is planned when this one ends. */
async function looked(): Promise<void> {
  await clock.advance(60_000);
  await eventually(() => expect(clock.pending()).toBe(1));
}

const drained = async (state: State): Promise<readonly string[]> => [
  ...(await state.overrides.load()).overrides.keys(),
];

describe('two processes never write one journal', () => {
  it('where the directory was removed: it is locked anew before it is written anew', async () => {
    const { state: first } = await started();
    await first.overrides.save(drainsOf(['eu']));
    await rm(directory, { recursive: true });
    await Promise.all([first.overrides.save(drainsOf(['eu', 'us'])), first.audit.record(drainEntry('us'))]);
    const { state: second, codes } = await started();
    expect(second.standing()).toBe('taken');
    expect(codes).toContain('state-in-use');
    await expect(second.overrides.save(drainsOf(['ap']))).rejects.toMatchObject({ code: 'state-in-use' });
    await first.overrides.save(drainsOf(['eu', 'us', 'ap']));
    await Promise.all([second.close(), first.close()]);
    const { state: third, codes: found } = await started();
    expect(found).not.toContain('journal-damaged');
    expect(await drained(third)).toEqual(['drain:eu', 'drain:us', 'drain:ap']);
  });

  it('where the lock was removed, and another one took it: the first writes no more', async () => {
    const { state: first } = await started();
    await first.overrides.save(drainsOf(['eu']));
    await first.audit.record(drainEntry('eu'));
    await rm(join(directory, 'lock'));
    const { state: second } = await started();
    expect(second.standing()).toBe('ours');
    await second.overrides.load();
    await second.overrides.save(drainsOf(['eu', 'us']));
    await second.audit.record(drainEntry('us'));
    // The journal notes it a moment later.
    await eventually(() => expect(second.journal.values('audit').has('override drain:us')).toBe(true));
    const files = ['journal', 'audit/00000001.jsonl'].map((name) => join(directory, name));
    const before = await Promise.all(files.map((file) => readFile(file, 'utf8')));
    await expect(first.overrides.save(drainsOf(['eu', 'ap']))).rejects.toMatchObject({ code: 'state-in-use' });
    await expect(first.audit.record(drainEntry('ap'))).rejects.toMatchObject({ code: 'state-in-use' });
    await first.close();
    expect(await Promise.all(files.map((file) => readFile(file, 'utf8')))).toEqual(before);
    await second.close();
    const { state: third, codes } = await started();
    expect(codes).toEqual([]);
    expect(await drained(third)).toEqual(['drain:eu', 'drain:us']);
  });

  it('where the lock was removed and nobody took it: it is taken again, and nothing is said', async () => {
    const { state: first } = await started();
    const told: (readonly string[])[] = [];
    await first.watch((findings) => void told.push(findings.map(({ code }) => code)));
    await first.overrides.save(drainsOf(['eu']));
    await rm(join(directory, 'lock'));
    await first.overrides.save(drainsOf(['eu', 'us']));
    expect((await started()).state.standing()).toBe('taken');
    expect(told.flat()).toEqual([]);
  });
});

describe('a directory of which nothing can be told for a while', () => {
  it('is no theft: orders are refused with what the system says, nothing is written anew, and then it goes on', async () => {
    const { state } = await started();
    const told: (readonly string[])[] = [];
    await state.watch((findings) => void told.push(findings.map(({ code }) => code)));
    await state.overrides.save(drainsOf(['eu']));
    await state.audit.record(drainEntry('eu'));
    const away = join(folder, 'away');
    await rename(directory, away);
    // ELOOP: one of the errors that say nothing of what is there.
    await symlink(directory, directory);
    await looked();
    await expect(state.overrides.save(drainsOf(['us']))).rejects.toMatchObject({ code: 'ELOOP' });
    await expect(state.audit.record(drainEntry('us'))).rejects.toMatchObject({ code: 'ELOOP' });
    await rm(directory);
    await rename(away, directory);
    await state.overrides.save(drainsOf(['ap']));
    await state.audit.record(drainEntry('ap'));
    await looked();
    await state.close();
    expect(told.flat()).toEqual([]);
    const { state: next, codes } = await started();
    expect(codes).toEqual([]);
    expect(await drained(next)).toEqual(['drain:ap']);
  });
});
