import { spawn } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, readFile, rename, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Finding } from '../../../src/core/desired/finding.ts';
import type { PictureStore } from '../../../src/core/ports.ts';
import { createPictureStore } from '../../../src/state/picture-store.ts';
import { createManualClock, type ManualClock } from '../../support/manual-clock.ts';
import { PICTURES, pictureOf, routes } from './picture-fixture.ts';

const START = Date.UTC(2026, 10, 26);

let directory: string;
let file: string;
let clock: ManualClock;
let findings: readonly Finding[];
let told: number;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'azimuth-pictures-'));
  file = join(directory, 'pictures', 'eu-west.jsonl');
  clock = createManualClock(START);
  findings = [];
  told = 0;
});
afterEach(() => rm(directory, { recursive: true }));

function createStore(): PictureStore {
  return createPictureStore({
    directory,
    clock,
    onFindings: (all) => {
      findings = all;
      told += 1;
    },
  });
}

/** Saves as a process that comes and goes. */
async function saved(...pictures: readonly Parameters<PictureStore['save']>[0][]): Promise<void> {
  const store = createStore();
  for (const picture of pictures) store.save(picture);
  await store.close();
}

/** Moves the clock and waits until `holds`: the disk is real and knows no manual clock. */
async function advanceUntil(ms: number, holds: () => boolean | Promise<boolean>): Promise<void> {
  await clock.advance(ms);
  for (let turn = 0; turn < 2000 && !(await holds()); turn++) await new Promise((resolve) => setTimeout(resolve, 2));
  expect(await holds()).toBe(true);
}

function isDeeplyFrozen(value: unknown): boolean {
  return (
    typeof value !== 'object' ||
    value === null ||
    (Object.isFrozen(value) && Object.values(value).every(isDeeplyFrozen))
  );
}

describe('a saved picture', () => {
  it('comes back deeply equal and deeply frozen, whatever is in it', async () => {
    await fc.assert(
      fc.asyncProperty(PICTURES, async (picture) => {
        await saved(picture);
        expect(findings).toEqual([]);
        const loaded = await createStore().load('eu-west');
        expect(loaded).toStrictEqual({ picture: { ...picture, findings: [] }, savedAt: START });
        expect(isDeeplyFrozen(loaded)).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  it('shares what is alike: texts of origins, parents, empty annotations', async () => {
    await saved(routes('eu-west', 3, { annotations: { team: 'web' } }));
    const objects = (await createStore().load('eu-west'))?.picture.objects ?? [];
    const [first, second] = objects;
    expect(objects).toHaveLength(3);
    expect(first?.annotations).toBe(second?.annotations);
    if (first?.kind !== 'HTTPRoute' || second?.kind !== 'HTTPRoute') throw new Error('no routes');
    expect(first.parents).toBe(second.parents);
  });

  it("is its cluster's alone, and nothing where nothing was saved", async () => {
    await saved(routes('eu-west', 1), routes('us-east', 2));
    const store = createStore();
    expect((await store.load('eu-west'))?.picture.objects).toHaveLength(1);
    expect((await store.load('us-east'))?.picture.objects).toHaveLength(2);
    expect(await store.load('ap-northeast')).toBeUndefined();
    expect(findings).toEqual([]);
  });

  it('stays inside of the directory, whatever the cluster is called', async () => {
    await saved(routes('../../escape', 1), routes('..', 1), routes('a/b', 1));
    expect(await readdir(directory)).toEqual(['pictures']);
    expect(await readdir(join(directory, 'pictures'))).toHaveLength(3);
    expect((await createStore().load('../../escape'))?.picture.cluster).toBe('../../escape');
  });

  it('is readable by its owner alone', async () => {
    await saved(routes('eu-west', 1));
    expect((await stat(file)).mode & 0o777).toBe(0o600);
  });

  it('of many objects is written and read in turns that are short', async () => {
    const picture = routes('eu-west', 20_000);
    const store = createStore();
    const before = performance.eventLoopUtilization();
    let longest = 0;
    let last = performance.now();
    const beat = setInterval(() => {
      longest = Math.max(longest, performance.now() - last);
      last = performance.now();
    }, 1);
    store.save(picture);
    await store.close();
    expect((await createStore().load('eu-west'))?.picture.objects).toHaveLength(20_000);
    clearInterval(beat);
    // In one piece it takes as long as the loop was busy in all.
    expect(longest).toBeLessThan(performance.eventLoopUtilization(before).active / 3);
  });
});

describe('saving', () => {
  it('is done soon after a change, then once a minute at most, always with the newest picture', async () => {
    const store = createStore();
    store.save(routes('eu-west', 1));
    await clock.advance(500);
    store.save(routes('eu-west', 2));
    const isThere = (count: number) => async () =>
      (await createStore().load('eu-west'))?.picture.objects.length === count;
    await advanceUntil(10_000, isThere(2));
    store.save(routes('eu-west', 3));
    store.save(routes('eu-west', 4));
    await clock.advance(50_000);
    expect(await isThere(2)()).toBe(true);
    await advanceUntil(11_000, isThere(4));
    await store.close();
  });

  it('is not done where the objects are the very same', async () => {
    const store = createStore();
    const picture = routes('eu-west', 1);
    store.save(picture);
    const isThere = async () =>
      (await readdir(join(directory, 'pictures')).catch((): string[] => [])).includes('eu-west.jsonl');
    await advanceUntil(10_000, isThere);
    await rm(file);
    store.save({ ...picture, findings: [] });
    expect(clock.pending()).toBe(0);
    await store.close();
    expect(await isThere()).toBe(false);
  });

  it('that fails is told once and tried again, less and less often, until it succeeds', async () => {
    await writeFile(join(directory, 'pictures'), 'a file where the folder should be');
    const store = createStore();
    store.save(routes('eu-west', 1));
    await advanceUntil(10_000, () => findings.length === 1);
    expect(findings).toMatchObject([{ code: 'picture-not-saved', severity: 'warning' }]);
    for (const wait of [5_000, 10_000, 20_000]) await advanceUntil(wait, () => clock.pending() === 1);
    expect(told).toBe(1);
    await rm(join(directory, 'pictures'));
    await clock.advance(30_000);
    expect(findings).toHaveLength(1);
    await advanceUntil(10_000, () => findings.length === 0);
    expect((await createStore().load('eu-west'))?.picture.objects).toHaveLength(1);
    await store.close();
  });

  it('removes what killed processes left behind, and nothing of those that live', async () => {
    await mkdir(join(directory, 'pictures'));
    const child = spawn(process.execPath, ['-e', '']);
    await new Promise((resolve) => child.once('exit', resolve));
    const [dead, alive] = [`eu-west.jsonl.${child.pid}.tmp`, `eu-west.jsonl.${process.ppid}.tmp`];
    for (const name of [dead, alive]) await writeFile(join(directory, 'pictures', name), 'half');
    await saved(routes('us-east', 1));
    expect((await readdir(join(directory, 'pictures'))).toSorted()).toEqual([alive, 'us-east.jsonl'].toSorted());
  });

  it('refuses what it could not read again, and the last good file stays', async () => {
    await saved(routes('eu-west', 2));
    const picture = routes('eu-west', 1);
    const odd = { ...picture.objects[0]!, unheard: 'of' };
    await saved({ ...picture, objects: [odd] });
    expect(findings).toMatchObject([{ code: 'picture-not-saved' }]);
    expect(findings[0]?.message).toContain('HTTPRoute team-0/route-0');
    expect((await createStore().load('eu-west'))?.picture.objects).toHaveLength(2);
  });

  it('is whole after a kill at any moment', async () => {
    const module = new URL('../../../src/state/picture-store.ts', import.meta.url).href;
    // Each round takes the place of a process: the store writes at once when it is closed.
    const program = `
      const { createPictureStore } = await import(${JSON.stringify(module)});
      const clock = { now: () => 0, after: () => () => {} };
      const origin = { file: 'x'.repeat(500) };
      const route = { kind: 'HTTPRoute', namespace: 'web', origin, annotations: [], parents: [], hostnames: 'any' };
      for (let count = 300; ; count++) {
        const store = createPictureStore({ directory: ${JSON.stringify(directory)}, clock, onFindings: () => {} });
        const objects = Array.from({ length: count }, (_, index) => ({ ...route, name: 'route-' + index }));
        store.save({ cluster: 'eu-west', objects, findings: [] });
        process.stdout.write(count + '\\n');
        await store.close();
      }`;
    for (let kill = 0; kill < 20; kill++) {
      const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      let round = 0;
      for await (const chunk of child.stdout) {
        round = Number(String(chunk).trim().split('\n').at(-1));
        // At another moment of the writing each time.
        if (round > 300) setTimeout(() => child.kill('SIGKILL'), kill / 2);
      }
      const loaded = await createStore().load('eu-west');
      expect(findings).toEqual([]);
      expect(loaded?.picture.objects.length).toBeGreaterThanOrEqual(round - 1);
    }
    await saved(routes('us-east', 1));
    const left = (await readdir(join(directory, 'pictures'))).toSorted();
    expect(left).toEqual(['eu-west.jsonl', 'us-east.jsonl']);
  }, 60_000);
});

describe('a file that is not as it was written', () => {
  it('is a finding wherever an octet differs or the end is missing, and is set aside', async () => {
    const picture = routes('eu-west', 5, { annotations: { 'azimuth.dev/weight': '10' } });
    await saved(picture);
    const good = await readFile(file);
    await fc.assert(
      fc.asyncProperty(
        fc.nat(good.length - 2),
        fc.oneof(
          fc.integer({ min: 1, max: 255 }).map((flip) => ({ kind: 'flip', flip }) as const),
          fc.constant({ kind: 'cut' } as const),
          fc.uint8Array({ minLength: 1, maxLength: 9 }).map((octets) => ({ kind: 'insert', octets }) as const),
        ),
        async (at, harm) => {
          const bad = Buffer.from(good);
          if (harm.kind === 'flip') bad[at]! ^= harm.flip;
          const harmed =
            harm.kind === 'flip'
              ? bad
              : Buffer.concat([good.subarray(0, at), ...(harm.kind === 'cut' ? [] : [harm.octets, good.subarray(at)])]);
          await writeFile(file, harmed);
          const loaded = await createStore().load('eu-west');
          expect(loaded).toBeUndefined();
          expect(findings).toMatchObject([{ origin: { file } }]);
          // Where the form's name itself is hurt, it looks like that of another version: nothing to set aside.
          if (findings[0]?.code === 'picture-store-damaged') {
            expect(await readFile(`${file}.damaged`)).toEqual(harmed);
          } else expect(findings[0]?.code).toBe('picture-store-outdated');
        },
      ),
      {
        numRuns: 300,
        // White space in the line of the checksum, which the checksum does not cover.
        examples: [[good.length - 2, { kind: 'insert', octets: Uint8Array.of(32) }]],
      },
    );
  });

  it('never makes it throw, whatever it holds', async () => {
    await mkdir(join(directory, 'pictures'));
    const head = { azimuth: 'picture', cluster: 'eu-west', savedAt: START, objects: 1 };
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.uint8Array({ maxLength: 60 }),
          fc.array(fc.json(), { maxLength: 4 }).map((lines) => Buffer.from(lines.join('\n'))),
          fc.json().map((line) => Buffer.from(`${JSON.stringify(head)}\n${line}\n{"sha256":""}\n`)),
        ),
        async (content) => {
          await writeFile(file, content);
          expect(await createStore().load('eu-west')).toBeUndefined();
          expect(findings).toHaveLength(1);
        },
      ),
      { numRuns: 150 },
    );
  });

  it.each([
    ['empty', async () => truncate(file, 0), 'cut short'],
    ['a folder', async () => rm(file).then(() => mkdir(file)), 'not a file'],
    [
      'that of another cluster',
      async () => rename(join(directory, 'pictures', 'us-east.jsonl'), file),
      'another cluster',
    ],
    ['one line without end', async () => writeFile(file, Buffer.alloc(9 * 2 ** 20, 'x')), 'octets'],
    ['far too large', async () => truncate(file, 2 ** 40), 'octets'],
  ])('%s: set aside, and the next saving takes its place', async (_, harm, reason) => {
    await saved(routes('eu-west', 1), routes('us-east', 1));
    await harm();
    const store = createStore();
    expect(await store.load('eu-west')).toBeUndefined();
    expect(findings).toMatchObject([{ code: 'picture-store-damaged', origin: { file } }]);
    expect(findings[0]?.message).toContain(reason);
    expect(await readdir(join(directory, 'pictures'))).toContain('eu-west.jsonl.damaged');
    store.save(routes('eu-west', 3));
    await store.close();
    expect(findings).toEqual([]);
    expect((await store.load('eu-west'))?.picture.objects).toHaveLength(3);
  });

  it('of another version is left as it is, and is no damage', async () => {
    await saved(routes('eu-west', 1));
    const text = await readFile(file, 'utf8');
    await writeFile(file, text.replace(/"shape":"\w+"/, '"shape":"0123456789abcdef"'));
    expect(await createStore().load('eu-west')).toBeUndefined();
    expect(findings).toMatchObject([{ code: 'picture-store-outdated', severity: 'info' }]);
    expect(await readdir(join(directory, 'pictures'))).toEqual(['eu-west.jsonl']);
  });

  it('with a right checksum over objects that core would not make is refused as well', async () => {
    const { createHash } = await import('node:crypto');
    await saved(pictureOf('eu-west', [{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'web' } }]));
    const [head = '', object = ''] = (await readFile(file, 'utf8')).split('\n');
    const forged = [
      object.replace('"web"', '"\\u001b[2J"'),
      object.replace('"Namespace"', '"Secret"'),
      object.replace('"labels":[]', '"labels":[["a"]]'),
      object.replace('"labels":[]', '"labels":[],"__proto__":{}'),
    ];
    for (const line of forged) {
      expect(line).not.toBe(object);
      const body = `${head}\n${line}\n`;
      await writeFile(file, `${body}${JSON.stringify({ sha256: createHash('sha256').update(body).digest('hex') })}\n`);
      expect(await createStore().load('eu-west'), line).toBeUndefined();
      expect(findings).toMatchObject([{ code: 'picture-store-damaged' }]);
    }
  });

  it.skipIf(process.getuid?.() === 0)('that may not be read stays where it is', async () => {
    await saved(routes('eu-west', 1));
    await chmod(file, 0);
    expect(await createStore().load('eu-west')).toBeUndefined();
    expect(findings).toMatchObject([{ code: 'picture-store-damaged' }]);
    expect(await readdir(join(directory, 'pictures'))).toEqual(['eu-west.jsonl']);
  });
});
