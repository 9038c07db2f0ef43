import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { closeJournals, drop, journalIn, put, reread } from './journal-fixture.ts';

let directory = '';
let file = '';
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'azimuth-fuzz-'));
  file = join(directory, 'journal');
});
afterEach(async () => {
  await closeJournals();
  await rm(directory, { recursive: true });
});

type State = Readonly<Record<string, unknown>>;

/** Writes a history, and says what was true after each octet of it at which something was acknowledged. */
async function history(): Promise<{ octets: Buffer; states: readonly { size: number; state: State }[] }> {
  const journal = journalIn(directory);
  const states: { size: number; state: State }[] = [{ size: 0, state: {} }];
  let state: State = {};
  for (const [key, value] of [
    ['a', 1],
    ['b', 'höher'],
    ['a', 2],
    ['b', undefined],
    ['c', { d: [] }],
  ] as const) {
    await (value === undefined ? drop(journal, key) : put(journal, key, value));
    state = { ...state, [key]: value };
    if (value === undefined) state = Object.fromEntries(Object.entries(state).filter(([each]) => each !== key));
    states.push({ size: (await readFile(file)).length, state });
  }
  await journal.close();
  return { octets: await readFile(file), states };
}

describe('a journal under the knife', () => {
  it('cut at any octet, holds what was acknowledged before it, and goes on from there', async () => {
    const { octets, states } = await history();
    for (let length = 0; length <= octets.length; length++) {
      await writeFile(file, octets.subarray(0, length));
      const { values, codes } = await reread(directory);
      const { state, size } = states.findLast((each) => each.size <= length) ?? states[0]!;
      expect(Object.fromEntries(values), `cut at ${length}`).toEqual(state);
      // The first line of a file says nothing but that it is one.
      const isWhole = length === size || octets[length - 1] === 10;
      expect(codes, `cut at ${length}`).toEqual(isWhole ? [] : ['journal-torn']);
      const journal = journalIn(directory);
      await put(journal, 'next', length);
      await journal.close();
      expect(Object.fromEntries((await reread(directory)).values)).toEqual({ ...state, next: length });
      await rm(directory, { recursive: true });
      await mkdir(directory);
    }
  }, 120_000);

  it('with any bit turned, never throws and never says what was not written', async () => {
    const { octets } = await history();
    const written: Readonly<Record<string, readonly unknown[]>> = { a: [1, 2], b: ['höher'], c: [{ d: [] }] };
    await fc.assert(
      fc.asyncProperty(fc.nat(octets.length * 8 - 1), async (bit) => {
        const turned = Buffer.from(octets);
        turned[bit >> 3]! ^= 1 << (bit & 7);
        await writeFile(file, turned);
        const { values, codes } = await reread(directory);
        expect(codes.length).toBeGreaterThan(0);
        for (const [key, value] of values) expect(written[key]).toContainEqual(value);
      }),
      { numRuns: 200 },
    );
  });

  it('of any octets at all, never throws, and can be written afterwards', async () => {
    const { octets } = await history();
    const lines = octets.toString('latin1').split('\n');
    const part = fc.oneof(
      fc.uint8Array({ maxLength: 200 }).map((some) => Buffer.from(some)),
      fc.constantFrom(...lines).map((line) => Buffer.from(`${line}\n`, 'latin1')),
      fc.constant(Buffer.from(`{"seq":1,"at":1,"kind":"test","put":${'['.repeat(50_000)}\n`)),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(part, { maxLength: 6 }), async (parts) => {
        await writeFile(file, Buffer.concat(parts));
        await reread(directory);
        const journal = journalIn(directory);
        await put(journal, 'next', 1);
        await journal.close();
        const again = await reread(directory);
        expect(again.values.get('next')).toBe(1);
        expect(again.codes).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });
});

describe('any run of changes', () => {
  const key = fc.constantFrom('a', 'b', 'c', '__proto__', 'ü "\n');
  const step = fc.oneof(
    { weight: 6, arbitrary: fc.record({ kind: fc.constant('put' as const), key, value: fc.jsonValue() }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('drop' as const), key }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('restart' as const) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('much' as const), key }) },
  );

  it('with restarts and compactions in between equals a Map', async () => {
    let run = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
        run += 1;
        const inside = join(directory, `${run}`);
        const model = new Map<string, unknown>();
        let journal = journalIn(inside);
        for (const each of steps) {
          if (each.kind === 'restart') {
            await journal.close();
            journal = journalIn(inside);
          } else if (each.kind === 'drop') {
            model.delete(each.key);
            await drop(journal, each.key);
          } else if (each.kind === 'much') {
            // More than is kept: the journal is compacted on the way.
            const large = (round: number): string => `${round}${'x'.repeat(300_000)}`;
            for (let round = 0; round < 5; round++) await put(journal, each.key, large(round));
            model.set(each.key, large(4));
          } else {
            model.set(each.key, JSON.parse(JSON.stringify(each.value)));
            await put(journal, each.key, each.value);
          }
        }
        await journal.close();
        const { values, codes } = await reread(inside);
        expect(codes).toEqual([]);
        expect(values).toEqual(model);
        await rm(inside, { recursive: true, force: true });
      }),
      { numRuns: 40 },
    );
  }, 120_000);
});
