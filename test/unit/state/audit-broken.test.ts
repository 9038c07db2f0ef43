import { mkdir, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lineOf, readLine } from '../../../src/state/audit/chain.ts';
import { verifyAudit } from '../../../src/state/audit/verify.ts';
import { createManualClock, type ManualClock } from '../../support/manual-clock.ts';
import { closeStates, auditEntry as entry, startedState } from './audit-fixture.ts';
import { AT } from './journal-fixture.ts';

let directory = '';
let folder = '';
let first = '';
let second = '';
let clock: ManualClock;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'azimuth-broken-'));
  folder = join(directory, 'audit');
  first = join(folder, '00000001.jsonl');
  second = join(folder, '00000002.jsonl');
  clock = createManualClock(AT);
});
afterEach(async () => {
  await closeStates();
  await rm(directory, { recursive: true });
});

const started = () => startedState(directory, clock);

/** A director that records so many entries and is stopped. */
async function recorded(count: number): Promise<readonly string[]> {
  const { state, codes } = await started();
  for (let number = 0; number < count; number++) await state.audit.record(entry(`t${number}`));
  await state.close();
  return codes;
}

const linesIn = async (file = first): Promise<string[]> => (await readFile(file, 'utf8')).trimEnd().split('\n');

/** Broken it says now, after a start, after more entries, and after one more start. */
async function expectBrokenForGood(where: object): Promise<void> {
  expect(await verifyAudit(directory)).toMatchObject({ state: 'broken' });
  expect(await recorded(2)).toContain('audit-broken');
  const verdict = await verifyAudit(directory);
  expect(verdict).toMatchObject({ state: 'broken', ...where });
  await recorded(1);
  expect(await verifyAudit(directory)).toEqual(verdict);
  const { state } = await started();
  expect((await state.audit.list({ limit: 3 })).items.map(({ target }) => target)).toEqual(['t0', 't1', 't0']);
}

describe('the audit that somebody tampered with while the director was stopped', () => {
  it('a whole last line that is not as it was written is never cut', async () => {
    await recorded(3);
    const octets = (await readFile(first, 'utf8')).replace('t2', 't9');
    await writeFile(first, octets);
    await expectBrokenForGood({ file: first, line: 4 });
    expect(await readFile(first, 'utf8')).toBe(octets);
  });

  it('the same, where the process was killed before the journal knew of it', async () => {
    await recorded(3);
    await rm(join(directory, 'journal'));
    await writeFile(first, (await readFile(first, 'utf8')).replace('t2', 't9'));
    expect(await recorded(1)).toContain('audit-broken');
    expect(await verifyAudit(directory)).toMatchObject({ state: 'broken', file: first, line: 4 });
  });

  it('a last line that was written anew, with a hash that fits', async () => {
    await recorded(3);
    const all = await linesIn();
    const before = readLine(Buffer.from(all[2]!))!;
    const forged = lineOf(4, { ...entry('t2'), who: 'bob' }, before.hash)
      .octets.toString()
      .trimEnd();
    await writeFile(first, `${all.with(3, forged).join('\n')}\n`);
    expect(await verifyAudit(directory)).toMatchObject({ file: first, line: 4 });
    await expectBrokenForGood({ file: second, line: 1, reason: expect.stringContaining('another one') });
  });

  it('an end that was cut off, within a line or behind one', async () => {
    for (const cut of [1, 30, 'line'] as const) {
      await recorded(3);
      const all = await readFile(first);
      const to = cut === 'line' ? all.lastIndexOf(10, -2) + 1 : all.length - cut;
      await truncate(first, to);
      await expectBrokenForGood(cut === 'line' ? { file: second, line: 1 } : { file: first, line: 4 });
      await closeStates();
      await rm(directory, { recursive: true });
      await mkdir(directory);
    }
  });

  it.each([
    ['an emptied file', () => truncate(first, 0)],
    ['a folder that is gone', () => rm(folder, { recursive: true })],
    ['an older copy', async () => writeFile(first, `${(await linesIn()).slice(0, 3).join('\n')}\n`)],
  ])('%s', async (_, tamper) => {
    await recorded(4);
    await tamper();
    await expectBrokenForGood({ file: second, line: 1 });
    const head = JSON.parse((await linesIn(second))[0]!);
    // Numbers that were given are not given again.
    expect(head).toMatchObject({ seq: 6, follows: { seq: expect.any(Number), hash: expect.any(String) } });
    expect(head.follows.seq).toBeLessThan(5);
  });

  it('is told by verify alone as well, in words that are true', async () => {
    await recorded(3);
    await truncate(first, (await readFile(first)).lastIndexOf(10, -2) + 1);
    expect(await verifyAudit(directory)).toMatchObject({
      state: 'broken',
      file: first,
      line: 4,
      entries: 2,
      reason: expect.stringContaining('number 4'),
    });
    await rm(folder, { recursive: true });
    expect(await verifyAudit(directory)).toMatchObject({
      state: 'broken',
      reason: expect.stringContaining('number 4'),
    });
  });
});

describe('the audit that is as it was written', () => {
  it('is whole however often a director is stopped or just ends, and nothing is said of it', async () => {
    for (let round = 0; round < 4; round++) expect(await recorded(round)).toEqual([]);
    expect(await verifyAudit(directory)).toMatchObject({ state: 'whole', entries: 6 });
  });

  it('has a torn end only where nothing of it can have been acknowledged', async () => {
    await recorded(2);
    const whole = await readFile(first);
    await writeFile(first, Buffer.concat([whole, Buffer.from('{"seq":4,"at":1,"ent')]));
    expect(await verifyAudit(directory)).toMatchObject({ state: 'whole', tornOctets: 20 });
    expect(await recorded(1)).toEqual(['journal-torn']);
    expect(await verifyAudit(directory)).toMatchObject({ state: 'whole', entries: 3, tornOctets: 0 });
  });

  it('no turned bit of what was acknowledged is forgotten by a start', async () => {
    await recorded(3);
    const octets = await readFile(first);
    const journal = await readFile(join(directory, 'journal'));
    await fc.assert(
      fc.asyncProperty(fc.nat(octets.length * 8 - 1), async (bit) => {
        const turned = Buffer.from(octets);
        turned[bit >> 3]! ^= 1 << (bit & 7);
        await rm(directory, { recursive: true });
        await mkdir(folder, { recursive: true });
        await writeFile(join(directory, 'journal'), journal);
        await writeFile(first, turned);
        expect(await verifyAudit(directory)).toMatchObject({ state: 'broken' });
        expect(await recorded(1)).toContain('audit-broken');
        expect(await verifyAudit(directory)).toMatchObject({ state: 'broken' });
      }),
      { numRuns: 60 },
    );
  });
});

describe('the audit that somebody tampers with while the director runs', () => {
  it.each([
    ['removed', () => rm(first)],
    ['emptied', () => truncate(first, 0)],
    ['removed with its folder', () => rm(folder, { recursive: true })],
  ])('%s: it says so, goes on in a new file, and is broken for good', async (_, tamper) => {
    const { state } = await started();
    let codes: readonly string[] = [];
    await state.watch((findings) => (codes = findings.map(({ code }) => code)));
    await state.audit.record(entry('a'));
    await tamper();
    await clock.advance(60_000);
    await expect.poll(() => codes, { timeout: 20_000 }).toEqual(['audit-broken']);
    await state.audit.record(entry('b'));
    await state.close();
    expect(await readdir(folder)).toContain('00000002.jsonl');
    expect(await verifyAudit(directory)).toMatchObject({ state: 'broken' });
    expect(await recorded(1)).toEqual([]);
    expect(await verifyAudit(directory)).toMatchObject({ state: 'broken' });
  });
});
