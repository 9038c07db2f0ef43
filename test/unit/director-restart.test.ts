import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createHealthKeeper, type HealthKeeper } from '../../src/compose/health-keeper.ts';
import { EMPTY_PLACES } from '../../src/core/snapshot/empty-places.ts';
import { createDirector, type DirectorControl } from '../../src/director.ts';
import { createState, type State } from '../../src/state/state.ts';
import { eventually } from '../support/eventually.ts';
import { createManualClock, type ManualClock } from '../support/manual-clock.ts';
import { declare, gateway, picture, route } from './core/desired/pictures.ts';

const START = 1_800_000_000_000;
const HOSTS = { eu: '192.0.2.1', us: '192.0.2.2' };
const MINUTE = 60_000;

type Annotations = Readonly<Record<string, string>>;
type Run = {
  readonly director: DirectorControl;
  readonly keeper: HealthKeeper;
  readonly state: State;
  /** Its timers go off no more. */
  end(): void;
};

let directory = '';
let clock: ManualClock;
let run: Run | undefined;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'azimuth-restart-'));
  clock = createManualClock(START);
});
afterEach(async () => {
  await stop();
  await rm(directory, { recursive: true });
});

/** Starts a director on what is saved, with a monitor for each cluster. Its steady clock begins anew. */
async function start(
  annotations: Annotations,
  clusters: readonly (keyof typeof HOSTS)[] = ['eu', 'us'],
): Promise<void> {
  const booted = clock.steady!();
  let life: 'alive' | 'ended' = 'alive';
  const own = {
    now: () => clock.now(),
    steady: () => clock.steady!() - booted,
    after: (ms: number, task: () => void) => clock.after(ms, () => (life === 'alive' ? task() : undefined)),
  };
  const state = createState({ directory, clock: own });
  const keeper = createHealthKeeper({ clock: own, store: state.health, onFindings: (all) => expect(all).toEqual([]) });
  const director = createDirector({
    declaration: declare({ clusters: ['eu', 'us'] }),
    clock: own,
    store: { save: async () => undefined },
    places: EMPTY_PLACES,
    watch: () => undefined,
    memory: keeper.memory,
  });
  director.hold();
  expect(await state.open()).toEqual([]);
  expect(await keeper.restore()).toEqual([]);
  state.admit();
  for (const cluster of clusters) {
    const objects = [
      gateway('edge', { addresses: [HOSTS[cluster]] }),
      route('shop', ['shop.gslb.example'], { annotations }),
    ];
    director.onPicture(picture(cluster, ...objects));
  }
  director.flush();
  run = {
    director,
    keeper,
    state,
    end() {
      life = 'ended';
    },
  };
}

async function stop(): Promise<void> {
  run?.director.close();
  await run?.keeper.close();
  await run?.state.close();
  run = undefined;
}

/** Ends the process in the middle: nothing more is saved than a second after it was so is on disk. */
async function kill(): Promise<void> {
  await clock.advance(1_001);
  // The disk does not go by the clock of the story.
  await eventually(async () => expect(await readFile(join(directory, 'journal'), 'utf8')).toContain('"operator"'));
  run!.end();
  await run!.state.close();
  run = undefined;
}

const idOf = (cluster: keyof typeof HOSTS): string =>
  run!.director.snapshot().model.monitors.find(({ address }) => address === HOSTS[cluster])!.id;

async function results(signs: string): Promise<void> {
  for (const sign of signs) {
    const failed = { kind: 'failure', failure: 'refused', detail: '' } as const;
    const outcome = sign === '+' ? ({ kind: 'success' } as const) : failed;
    run!.director.onProbe({ monitor: idOf('eu'), at: clock.now(), durationMs: 1, outcome });
    await clock.advance(10_000);
  }
}

const shown = () => {
  run!.director.flush();
  const { state, reason, freshness, since } = run!.director.health().get(idOf('eu')) ?? {
    state: 'unseen' as const,
    since: 0,
  };
  return {
    state,
    since,
    ...(reason === undefined ? {} : { reason }),
    ...(freshness === undefined ? {} : { freshness }),
  };
};

describe('a restart', () => {
  it.each([
    ['stopped', stop],
    ['killed', kill],
  ])('by one that was %s: what an operator is waited for is held, until he says so', async (_, end) => {
    const annotations = { failback: 'manual' };
    await start(annotations);
    await results('+---++');
    const { since } = shown();
    expect(shown()).toMatchObject({ state: 'held', reason: 'operator' });
    await end();
    await clock.advance(60 * MINUTE);
    await start(annotations);
    expect(shown()).toEqual({ state: 'held', reason: 'operator', since, freshness: 'stale' });
    await results('+++');
    expect(shown()).toEqual({ state: 'held', reason: 'operator', since });
    expect(run!.director.failback({ cluster: 'eu' })).toEqual([idOf('eu')]);
    expect(shown().state).toBe('up');
    await clock.advance(1_001);
    await stop();
    await start(annotations);
    expect(shown().state).toBe('unseen');
    await results('+');
    expect(shown().state).toBe('up');
  });

  it('while it is down: it is down until a result comes, and then held as if there had been no restart', async () => {
    await start({ failback: 'manual' });
    await results('+---');
    await stop();
    await clock.advance(60 * MINUTE);
    await start({ failback: 'manual' });
    expect(shown()).toMatchObject({ state: 'down', freshness: 'stale' });
    await results('+');
    expect(shown()).toMatchObject({ state: 'held', reason: 'operator' });
  });

  it('goes on with a hold where it was: the time without a director counts', async () => {
    await start({ failback: '10m' });
    await results('+---++');
    expect(shown()).toMatchObject({ state: 'held', reason: 'failback' });
    await clock.advance(4 * MINUTE);
    await stop();
    await clock.advance(3 * MINUTE);
    await start({ failback: '10m' });
    await results('++++++++++++');
    expect(shown().state).toBe('held');
    await results('++++++');
    expect(shown().state).toBe('up');
  });

  it('never makes a hold longer than it is asked to be, wherever the wall clock is set to', async () => {
    await start({ failback: '10m' });
    await results('+---++');
    await stop();
    clock.setWall(START - 365 * 24 * 60 * MINUTE);
    await start({ failback: '10m' });
    await results('+'.repeat(59));
    expect(shown().state).toBe('held');
    await results('++');
    expect(shown().state).toBe('up');
  });

  it('begins anew where the settings are others: that is another monitor', async () => {
    await start({ failback: 'manual' });
    await results('+---++');
    await stop();
    await start({ failback: 'auto' });
    expect(shown().state).toBe('unseen');
    await results('+');
    expect(shown().state).toBe('up');
  });

  it('remembers how often one fell that flaps', async () => {
    const annotations = { 'flap-damping': '10m' };
    await start(annotations);
    await results('+---++');
    expect(shown().state).toBe('up');
    await stop();
    await start(annotations);
    expect(shown().state).toBe('unseen');
    await results('+---++');
    expect(shown()).toMatchObject({ state: 'held', reason: 'flapping' });
    await stop();
    await start(annotations);
    expect(shown()).toMatchObject({ state: 'held', reason: 'flapping' });
  });

  it('lets the first result decide of what nothing holds back', async () => {
    await start({});
    await results('+---');
    await stop();
    await start({});
    expect(shown()).toMatchObject({ state: 'down', freshness: 'stale' });
    await results('+');
    expect(shown().state).toBe('up');
  });

  it('takes nothing for true that is too old', async () => {
    await start({});
    await results('+---');
    await stop();
    await clock.advance(16 * MINUTE);
    await start({});
    expect(shown().state).toBe('unseen');
    await stop();
    await start({ failback: 'manual' });
    await results('+---++');
    await stop();
    await clock.advance(8 * 24 * 60 * MINUTE);
    await start({ failback: 'manual' });
    expect(shown().state).toBe('unseen');
  });

  it('remembers one whose cluster is seen late, and forgets one that is gone for an hour', async () => {
    await start({ failback: 'manual' });
    await results('+---++');
    await stop();
    await start({ failback: 'manual' }, ['us']);
    await clock.advance(59 * MINUTE);
    const annotations = { failback: 'manual' };
    const objects = [gateway('edge', { addresses: [HOSTS.eu] }), route('shop', ['shop.gslb.example'], { annotations })];
    run!.director.onPicture(picture('eu', ...objects));
    expect(shown().state).toBe('held');
    await stop();
    await start({ failback: 'manual' }, ['us']);
    await clock.advance(62 * MINUTE);
    run!.director.onPicture(picture('eu', ...objects));
    expect(shown().state).toBe('unseen');
  });

  it('writes nothing for probes, and nothing at all of what is well', async () => {
    await start({ 'flap-damping': '10m', failback: 'manual' });
    await results('+'.repeat(30));
    await stop();
    await expect(readFile(join(directory, 'journal'))).rejects.toThrow('ENOENT');
    await start({ failback: 'manual' });
    await results('+---');
    await clock.advance(2_000);
    await eventually(async () => expect(await readFile(join(directory, 'journal'), 'utf8')).toContain('"down"'));
    const lines = async () => (await readFile(join(directory, 'journal'), 'utf8')).trim().split('\n');
    const before = (await lines()).length;
    await results('-----');
    // That it was alive is one line a minute.
    expect((await lines()).length - before).toBeLessThanOrEqual(2);
  });
});
