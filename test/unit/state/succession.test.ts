import { mkdir, mkdtemp, readdir, readFile, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { drainNameOf, drainOf, type Overrides } from '../../../src/core/orders/override.ts';
import type { FoundClusters, Source } from '../../../src/core/ports.ts';
import { verifyAudit } from '../../../src/state/audit/verify.ts';
import { rememberClusters } from '../../../src/state/found-clusters.ts';
import { createPictureStore } from '../../../src/state/picture-store.ts';
import { createState, type State } from '../../../src/state/state.ts';
import type { OrderKind } from '../../../src/state/succession.ts';
import { eventually } from '../../support/eventually.ts';
import { createManualClock, type ManualClock } from '../../support/manual-clock.ts';
import { drainEntry as entry } from './audit-fixture.ts';
import { AT } from './journal-fixture.ts';
import { routes } from './picture-fixture.ts';

let directory = '';
let clock: ManualClock;
const states = new Set<State>();
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'azimuth-succession-'));
  clock = createManualClock(AT);
});
afterEach(async () => {
  for (const state of states) await state.close();
  states.clear();
  await rm(directory, { recursive: true });
});

/** The state of another process: locks hold between two of one process as well. */
function stateIn(inside = directory): State {
  const state = createState({ directory: inside, clock });
  states.add(state);
  return state;
}

async function owner(): Promise<State> {
  const state = stateIn();
  expect(await state.open()).toEqual([]);
  state.admit();
  return state;
}

/** Opens one that finds the directory taken, and returns the codes of what it says. */
async function openedLate(state: State): Promise<readonly string[]> {
  const codes: string[] = [];
  const opening = state.open().then((all) => codes.push(...all.map(({ code }) => code)));
  await eventually(async () => {
    await clock.advance(1_000);
    expect(codes).not.toEqual([]);
  });
  await opening;
  return codes;
}

/** One that came second, and waits. `told`: what it was told, with the clusters that are drained then. */
async function waiting() {
  const state = stateIn();
  expect(await openedLate(state)).toEqual(['state-in-use']);
  // As at every start; it is not its turn yet.
  state.admit();
  const told: { readonly what: readonly OrderKind[] | 'ours'; readonly drained: readonly string[] }[] = [];
  const drained = async () => [...(await state.overrides.load()).overrides.keys()];
  let findings: readonly string[] = [];
  await state.inherit({
    onNews: async (what) => void told.push({ what, drained: await drained() }),
    async onOurs(all) {
      findings = all.map(({ code }) => code);
      told.push({ what: 'ours', drained: await drained() });
    },
  });
  return { state, told, findings: () => findings };
}

/** Drains of these clusters. */
function drains(...clusters: readonly string[]): Overrides {
  return new Map(
    clusters.map((cluster) => {
      const order = drainOf({ cluster, at: AT, by: 'ana', reason: 'x' });
      return [order.name, order] as const;
    }),
  );
}
const [EU, US] = [drainNameOf('eu'), drainNameOf('us')];

/** Lets seconds go by until it is so: the disk does not go by the clock of the story. */
function afterSeconds(check: () => unknown): Promise<void> {
  return eventually(async () => {
    await clock.advance(1_000);
    await check();
  });
}

/** Lets some tries go by, each to its end. */
async function tries(count: number, waitingOnes = 1): Promise<void> {
  for (let number = 0; number < count; number++) {
    await clock.advance(1_000);
    await eventually(() => expect(clock.pending()).toBe(waitingOnes));
  }
}

describe('one that finds its directory taken', () => {
  it('takes over what the other one left, and takes orders from then on', async () => {
    const first = await owner();
    await first.overrides.save(drains('eu'));
    await first.audit.record(entry('eu'));
    const { state, told, findings } = await waiting();
    await expect(state.overrides.save(new Map())).rejects.toMatchObject({ code: 'state-in-use' });
    await expect(state.audit.record(entry('x'))).rejects.toMatchObject({ code: 'state-in-use' });
    await first.overrides.save(drains('eu', 'us'));
    await first.audit.record(entry('us'));
    await first.close();
    await afterSeconds(() => expect(told.at(-1)).toEqual({ what: 'ours', drained: [EU, US] }));
    expect(findings()).toEqual([]);
    expect(state.standing()).toBe('ours');
    state.admit();
    await state.overrides.save(drains('us'));
    await state.audit.record({ ...entry('eu'), action: 'cluster.undrain' });
    await state.close();
    const third = await owner();
    expect([...(await third.overrides.load()).overrides.keys()]).toEqual([US]);
    expect(await verifyAudit(directory)).toMatchObject({ state: 'whole', entries: 3, tornOctets: 0 });
  });

  it('refuses what was begun before what is there came into force, at a start as well', async () => {
    const first = await owner();
    await first.overrides.save(drains('eu'));
    const { state, told } = await waiting();
    await first.close();
    await afterSeconds(() => expect(told.at(-1)?.what).toBe('ours'));
    // Ours on disk, and not yet in force: an order of somebody who does not know of the drain would end it.
    await expect(state.overrides.save(drains('us'))).rejects.toMatchObject({ code: 'journal-not-read' });
    state.admit();
    await state.overrides.save(drains('eu', 'us'));
    await state.close();
    const third = stateIn();
    const early = third.overrides.save(drains('us'));
    await expect(early).rejects.toMatchObject({ code: 'journal-not-read' });
    await third.open();
    await expect(third.overrides.save(drains('us'))).rejects.toMatchObject({ code: 'journal-not-read' });
    expect([...(await third.overrides.load()).overrides.keys()]).toEqual([EU, US]);
  });

  it('goes by what the other one orders meanwhile, and looks no more often than once a second', async () => {
    const first = await owner();
    const { state, told } = await waiting();
    expect(told).toEqual([]);
    expect(clock.pending()).toBe(1);
    await first.overrides.save(drains('eu'));
    await clock.advance(999);
    expect(told).toEqual([]);
    await afterSeconds(() => expect(told).toEqual([{ what: ['overrides'], drained: [EU] }]));
    await eventually(() => expect(clock.pending()).toBe(1));
    // What is of no order is told to nobody.
    await first.health.save(new Map(), AT + 1);
    await first.overrides.save(drains('us'));
    await afterSeconds(() => expect(told.slice(1)).toEqual([{ what: ['overrides'], drained: [US] }]));
    await first.health.save(new Map(), AT + 2);
    await tries(3);
    expect(told).toHaveLength(2);
    expect(state.standing()).toBe('taken');
  });

  it('does not take the end of a line that is just being written for one', async () => {
    const first = await owner();
    await first.overrides.save(drains('eu'));
    const { told } = await waiting();
    const file = join(directory, 'journal');
    const whole = await readFile(file);
    const [line = ''] = whole.toString().split('\n').slice(-2);
    await writeFile(file, Buffer.concat([whole, Buffer.from(line.slice(0, 40))]));
    await tries(3);
    expect(await readdir(directory)).toEqual(expect.arrayContaining(['journal', 'lock']));
    expect((await readdir(directory)).filter((name) => name.includes('torn'))).toEqual([]);
    await first.close();
    await afterSeconds(() => expect(told.at(-1)).toEqual({ what: 'ours', drained: [EU] }));
    expect((await readdir(directory)).filter((name) => name.includes('torn'))).toHaveLength(1);
  });

  it.each([
    ['gone', (file: string) => rename(file, `${file}.away`), []],
    ['no journal any more', (file: string) => writeFile(file, `${'x'.repeat(300)}\n`), ['journal-damaged']],
    ['too large', (file: string) => truncate(file, 2 ** 28 + 1), ['journal-unreadable']],
  ] as const)('keeps what it read last where the journal is %s, and writes it anew', async (_, spoil, codes) => {
    const first = await owner();
    await first.overrides.save(drains('eu'));
    const { told, state, findings } = await waiting();
    await first.close();
    await spoil(join(directory, 'journal'));
    await afterSeconds(() => expect(told.at(-1)?.what).toBe('ours'));
    expect(findings()).toEqual(codes);
    expect(told.at(-1)?.drained).toEqual([EU]);
    await state.close();
    expect([...(await (await owner()).overrides.load()).overrides.keys()]).toEqual([EU]);
  });

  it('stays one that waits where the lock fails in another way: that is no sign that it is free', async () => {
    const first = await owner();
    const { state, told } = await waiting();
    await rename(join(directory, 'lock'), join(directory, 'lock.away'));
    await mkdir(join(directory, 'lock'));
    await tries(3);
    expect(state.standing()).toBe('taken');
    await rm(join(directory, 'lock'), { recursive: true });
    await rename(join(directory, 'lock.away'), join(directory, 'lock'));
    await first.close();
    await afterSeconds(() => expect(told.at(-1)?.what).toBe('ours'));
  });

  it('takes over at once where the other one ended while it started', async () => {
    const first = await owner();
    const state = stateIn();
    expect(await openedLate(state)).toEqual(['state-in-use']);
    await first.overrides.save(drains('eu'));
    await first.close();
    let drained: readonly string[] = [];
    await state.inherit({
      onNews: async () => expect.fail('it is ours'),
      async onOurs() {
        drained = [...(await state.overrides.load()).overrides.keys()];
      },
    });
    expect(drained).toEqual([EU]);
    expect(clock.pending()).toBe(0);
  });

  it('waits no more when it ends, and leaves the directory to the next', async () => {
    const first = await owner();
    const { state, told } = await waiting();
    await state.giveUp();
    expect(clock.pending()).toBe(0);
    await first.close();
    await clock.advance(5_000);
    expect(told).toEqual([]);
    await state.close();
    await owner();
  });

  it('of two that wait, one has it; the other goes on waiting', async () => {
    const first = await owner();
    const all = [await waiting(), await waiting()];
    await first.close();
    await afterSeconds(() => expect(all.filter(({ state }) => state.standing() === 'ours')).toHaveLength(1));
    await tries(3);
    const [heir] = all.filter(({ state }) => state.standing() === 'ours');
    expect(all.filter(({ told }) => told.at(-1)?.what === 'ours')).toEqual([heir]);
    await eventually(() => expect(heir!.told.at(-1)?.what).toBe('ours'));
    await heir!.state.close();
    await afterSeconds(() => expect(all.every(({ told }) => told.at(-1)?.what === 'ours')).toBe(true));
  });

  it('has nothing to wait for where nobody can be kept out', async () => {
    const state = stateIn('/dev/null/state');
    expect((await state.open()).map(({ code }) => code)).toContain('state-unlocked');
    expect(state.standing()).toBe('ours');
    await state.inherit({ onNews: async () => expect.fail(), onOurs: async () => expect.fail() });
    expect(clock.pending()).toBe(0);
  });
});

describe('what lies beside the journal', () => {
  it('pictures are saved by the one that has the directory, and by the next when it has it', async () => {
    let standing: 'taken' | 'ours' = 'taken';
    const store = createPictureStore({ directory, clock, isOurs: () => standing === 'ours', onFindings: () => {} });
    store.save(routes('eu-west', 3));
    for (let round = 0; round < 3; round++) await clock.advance(10_000);
    expect(await readdir(directory)).toEqual([]);
    standing = 'ours';
    await eventually(async () => {
      await clock.advance(10_000);
      expect(await readdir(join(directory, 'pictures'))).toEqual(['eu-west.jsonl']);
    });
    standing = 'taken';
    store.save(routes('us-east', 3));
    await store.close();
    expect(await readdir(join(directory, 'pictures'))).toEqual(['eu-west.jsonl']);
  });

  it('clusters that were found are remembered by the one that has it, at its end at the latest', async () => {
    let standing: 'taken' | 'ours' = 'taken';
    let tell = (_found: FoundClusters): void => {};
    const source: Source = {
      start: async () => tell({ membership: 'known', clusters: [], findings: [] }),
      found(to) {
        tell = to;
      },
      close: async () => {},
    };
    const isOurs = () => standing === 'ours';
    const start = async (): Promise<Source> => {
      const kept = rememberClusters(source, { directory, isOurs, onFindings: (all) => expect(all).toEqual([]) });
      kept.found?.(() => {});
      await kept.start(() => {});
      return kept;
    };
    await (await start()).close();
    expect(await readdir(directory)).toEqual([]);
    const heir = await start();
    standing = 'ours';
    await heir.close();
    expect(await readdir(directory)).toEqual(['found-clusters.json']);
  });
});
