import { once } from 'node:events';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { mountDisk } from '../unit/state/small-disk.ts';
import { logField, type OwnProcess, startOwn } from './director-process.ts';
import { addHostname, type DrillApi, drillApi, firstAddress, percentages, type ShownDrill } from './drill-world.ts';
import { type QueryStream, startQueryStream } from './query-stream.ts';
import { type RunningWorld, startWorld } from './running-world.ts';
import { CLUSTERS, PROBE } from './world.ts';

const [EU, US, AP] = CLUSTERS;
const [SHOP, API] = ['shop.gslb.example', 'api.gslb.example'];
const EUROPE = [192, 0, 2];
const AMERICA = [198, 51, 100];

/** So many answers are off their share by two points less often than once in ten million times. */
const MANY = 20_000;
/** Percentage points. */
const TOLERANCE = 2;
/** A director looks at its drills each second, and this machine may be busy, in ms. */
const SLACK_MS = 2_500;
/** By then a gateway that fails is found down, and one that is good again is found up, in ms. */
const FALL_MS = (PROBE.fall * PROBE.interval + PROBE.timeout) * 1000;
const RISE_MS = (PROBE.rise * PROBE.interval + PROBE.timeout) * 1000;

let running: RunningWorld;
/** The director that runs now. */
let director: OwnProcess;
let api: DrillApi;
let port: number;

beforeAll(async () => {
  running = await startWorld(27_653);
  ({ director, port } = running);
  api = await drillApi(running);
  for (const { name } of CLUSTERS) await addHostname(running, name, API, { steering: 'weighted' });
  await eventually(async () => {
    for (const { address } of CLUSTERS) expect((await shares(API, 300)).get(address) ?? 0).toBeGreaterThan(15);
  });
});

afterAll(async () => {
  await director?.stop();
  await running?.stop();
});

function shares(name: string, times = MANY, client = EUROPE): Promise<ReadonlyMap<string, number>> {
  return percentages(port, name, client, times);
}

function near(all: ReadonlyMap<string, number>, wanted: Readonly<Record<string, number>>): void {
  expect([...all.keys()].toSorted()).toEqual(Object.keys(wanted).toSorted());
  for (const [address, percent] of Object.entries(wanted)) {
    expect(Math.abs((all.get(address) ?? 0) - percent), `${address}: ${all.get(address)} %`).toBeLessThan(TOLERANCE);
  }
}

async function until(name: string, holds: (drill: ShownDrill) => boolean): Promise<ShownDrill> {
  let shown: ShownDrill | undefined;
  await eventually(
    async () => {
      shown = await api.show(name);
      expect(shown !== undefined && holds(shown), JSON.stringify(shown?.timeline)).toBe(true);
    },
    { interval: 100 },
  );
  return shown!;
}

const isOver = ({ state }: ShownDrill): boolean => state === 'over';

function momentOf({ timeline }: ShownDrill, wanted: string): number {
  return Date.parse(timeline.find(({ kind }) => kind === wanted)!.at);
}

function drillOf(name: string, action: string, more: object = {}): object {
  return { name, action, scope: { clusters: [EU.name] }, for: '60s', reason: 'proof', ...more };
}

/** How old the view of a cluster is, in seconds. */
async function viewAge(cluster: string): Promise<number> {
  const [, seconds] = new RegExp(`^azimuth_cluster_view_age_seconds\\{cluster="${cluster}"\\} (\\S+)$`, 'm').exec(
    await api.metrics(),
  )!;
  return Number(seconds);
}

/** Asked once a millisecond by a client next to the first cluster. */
async function withLoad<T>(work: (stream: QueryStream) => Promise<T>): Promise<T> {
  const stream = await startQueryStream(port, SHOP, EUROPE);
  try {
    return await work(stream);
  } finally {
    await stream.finish(0);
    // Whatever a drill does, everybody is answered.
    expect(stream.answered).toHaveLength(stream.asked());
    for (const { addresses } of stream.answered) expect(addresses).toHaveLength(1);
  }
}

describe('a drill that fails a cluster', () => {
  it(
    'moves the clients as a real failure would, and they return when its time is over',
    () =>
      withLoad(async (stream) => {
        await stream.until(({ addresses }) => addresses[0] === EU.address);
        const startedAt = Date.now();
        const config = ['--config', running.world.config];
        const options = ['--cluster', EU.name, '--fail', '--for', '8s', '--reason', 'proof'];
        const start = startOwn('src/main.ts', ['drill', 'start', 'fail-eu', ...options, ...config]);
        const moved = await stream.until(({ addresses }) => addresses[0] === US.address);
        await start.stop();
        const watching = startOwn('src/main.ts', ['drill', 'watch', 'fail-eu', ...config]);
        const back = await stream.until(({ addresses }) => addresses[0] === EU.address);
        const shown = await until('fail-eu', isOver);
        await once(watching.child, 'close');

        const begunAt = momentOf(shown, 'begun');
        expect(begunAt).toBeGreaterThanOrEqual(startedAt);
        expect(moved.at - begunAt).toBeLessThanOrEqual(FALL_MS + SLACK_MS);
        expect(back.at - begunAt).toBeGreaterThanOrEqual(8000);
        expect(back.at - momentOf(shown, 'ended')).toBeLessThanOrEqual(RISE_MS + SLACK_MS);
        expect(shown.end).toEqual({ kind: 'completed', why: 'its time is over' });
        expect(watching.child.exitCode).toBe(0);
        expect(watching.lines.some((line) => line.includes('rolled-back'))).toBe(true);
        // Nobody was sent there in between.
        const late = stream.answered.filter(
          ({ askedAt, at, addresses }) => askedAt > moved.at + 500 && at < back.at && addresses[0] === EU.address,
        );
        expect(late).toEqual([]);

        // The timeline tells what was seen from here.
        expect(Math.abs(momentOf(shown, 'decided') - moved.at)).toBeLessThan(1000);
        expect(Math.abs(momentOf(shown, 'recovered') - back.at)).toBeLessThan(1000);
        const kinds = shown.timeline.map(({ kind }) => kind);
        const wanted = [
          'planned',
          'begun',
          'detected',
          'decided',
          'first-new-answer',
          'last-old-answer',
          'ended',
          'recovered',
          'rolled-back',
        ];
        expect(kinds.filter((kind) => wanted.includes(kind)).toSorted()).toEqual(wanted.toSorted());
        expect(momentOf(shown, 'last-old-answer') - moved.at).toBeLessThan(1000);
        expect(momentOf(shown, 'first-new-answer')).toBeGreaterThanOrEqual(momentOf(shown, 'decided'));
        expect(momentOf(shown, 'first-new-answer') - moved.at).toBeLessThan(1000);
        expect(shown.plan).toMatchObject({ cachedSeconds: 30 });
        await eventually(async () => {
          const { clusters = [], samples = [] } = (await api.show('fail-eu'))?.shares ?? {};
          const eu = clusters.indexOf(EU.name);
          expect(samples.length).toBeGreaterThanOrEqual(8);
          expect(samples.some(({ planned, answered }) => planned[eu] === 0 && answered[eu] === 0)).toBe(true);
        });
        expect(await api.metrics()).not.toContain('azimuth_drill_state{drill="fail-eu"');
      }),
    60_000,
  );
});

describe('a drill that drains a cluster in steps', () => {
  it(
    'takes as many clients as each step says, and gives them back',
    () =>
      withLoad(async () => {
        const ramp = { steps: [25, 50, 100], every: '8s' };
        expect((await api.start(drillOf('drain-eu', 'drain', { ramp }))).status).toBe(200);
        for (const [index, percent] of ramp.steps.entries()) {
          await until('drain-eu', ({ step }) => step === index + 1);
          const seen = await shares(SHOP);
          // Or it was not the share of this step.
          expect((await api.show('drain-eu'))?.step).toBe(index + 1);
          near(seen, percent === 100 ? { [US.address]: 100 } : { [EU.address]: 100 - percent, [US.address]: percent });
        }
        expect((await api.stop('drain-eu')).status).toBe(200);
        near(await shares(SHOP, 1000), { [EU.address]: 100 });
        const shown = await until('drain-eu', isOver);
        expect(shown.end?.kind).toBe('stopped');
        expect(shown.timeline.slice(-3).map(({ kind }) => kind)).toEqual(['ended', 'recovered', 'rolled-back']);
        expect(shown.timeline.filter(({ kind }) => kind === 'step').map(({ detail }) => detail)).toEqual([
          '50 %',
          '100 %',
        ]);
      }),
    90_000,
  );
});

describe('a drill of a weight', () => {
  it(
    'sets it, and takes it back',
    () =>
      withLoad(async () => {
        expect((await api.start(drillOf('weight-eu', 'weight', { weight: 200 }))).status).toBe(200);
        near(await shares(API), { [EU.address]: 50, [US.address]: 25, [AP.address]: 25 });
        await until('weight-eu', ({ timeline }) => timeline.some(({ kind }) => kind === 'first-new-answer'));
        await api.stop('weight-eu');
        const third = 100 / 3;
        near(await shares(API), { [EU.address]: third, [US.address]: third, [AP.address]: third });
        await until('weight-eu', isOver);
      }),
    60_000,
  );
});

describe('a drill that blinds a cluster', () => {
  it(
    'keeps what changes there from being seen, and nothing else, until it ends',
    () =>
      withLoad(async ({ answered }) => {
        const before = answered.length;
        expect((await api.start(drillOf('blind-eu', 'blind'))).status).toBe(200);
        const begunAt = momentOf(await until('blind-eu', ({ state }) => state === 'running'), 'begun');
        await addHostname(running, EU.name, 'hidden.gslb.example');
        await addHostname(running, US.name, 'seen.gslb.example');
        await eventually(async () => expect(await firstAddress(port, 'seen.gslb.example', EUROPE)).toBe(US.address));
        // As long again as the other one took, and longer than changes of files are waited for.
        for (let look = 0; look < 10; look++) {
          expect(await firstAddress(port, 'hidden.gslb.example', EUROPE)).toBe('');
          await new Promise((resolve) => setTimeout(resolve, 200));
        }
        // What is known of the cluster gets old, although its manifests were changed a moment ago.
        const sinceBegun = (Date.now() - begunAt) / 1000;
        expect(await viewAge(EU.name)).toBeGreaterThanOrEqual(sinceBegun);
        expect(await viewAge(US.name)).toBeLessThan(sinceBegun);
        await api.stop('blind-eu');
        await eventually(async () => expect(await firstAddress(port, 'hidden.gslb.example', EUROPE)).toBe(EU.address));
        expect(await viewAge(EU.name)).toBeLessThan((Date.now() - begunAt) / 1000);
        await until('blind-eu', isOver);
        // Nobody was sent elsewhere.
        const first = new Set(answered.slice(before).map(({ addresses }) => addresses[0]));
        expect([...first]).toEqual([EU.address]);
        // What only one cluster has is left without anybody by the drills that follow.
        await rm(join(running.world.folder, EU.name, 'hidden.yaml'));
        await rm(join(running.world.folder, US.name, 'seen.yaml'));
        await eventually(async () => {
          expect(await firstAddress(port, 'hidden.gslb.example', EUROPE)).toBe('');
          expect(await firstAddress(port, 'seen.gslb.example', EUROPE)).toBe('');
        });
      }),
    60_000,
  );
});

describe('a drill that meets a real failure', () => {
  it(
    'is broken off, and what it did is taken back',
    () =>
      withLoad(async (stream) => {
        // So few fall at once that nobody takes the prober for blind.
        const more = { scope: { clusters: [EU.name], hostnames: [SHOP] }, abort: { below: 0.5 } };
        expect((await api.start(drillOf('abort-eu', 'fail', more))).status).toBe(200);
        await stream.until(({ addresses }) => addresses[0] === US.address);
        const killedAt = Date.now();
        running.world.gateways.get(US.name)!.process.child.kill('SIGKILL');
        const back = await stream.until(({ addresses }) => addresses[0] === EU.address);
        expect(back.at - killedAt).toBeLessThanOrEqual(FALL_MS + RISE_MS + 2 * SLACK_MS);
        const shown = await until('abort-eu', isOver);
        expect(shown.end?.kind).toBe('aborted');
        expect(shown.end?.why).toMatch(/^healthy-share: \d+ of \d+ endpoints are usable, fewer than 50 %$/);
        await running.world.revive(US.name);
        await eventually(async () => expect(await firstAddress(port, SHOP, AMERICA)).toBe(US.address));
      }),
    60_000,
  );
});

describe('two operators at once', () => {
  it('one of them starts the drill of a name, and one drill runs at a time', async () => {
    // A hostname that has all three, so that none of the drills leaves it without any.
    const scope = { clusters: [AP.name], hostnames: [SHOP] };
    const both = await Promise.all([1, 2].map(() => api.start(drillOf('twice', 'drain'))));
    expect(both.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 409]);
    expect(both.map(({ body }) => body.code)).toContain('drill-exists');
    const other = await api.start(drillOf('other', 'drain', { scope }));
    expect(other).toMatchObject({ status: 409, body: { code: 'safety-max-drills' } });
    expect(await api.forget('twice')).toBe(409);
    await api.stop('twice');
    await until('twice', isOver);
    const two = await Promise.all(['one', 'two'].map((name) => api.start(drillOf(name, 'drain', { scope }))));
    expect(two.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 409]);
    await Promise.all(['one', 'two'].map((name) => api.stop(name)));
    expect(await api.forget('twice')).toBe(200);
    expect(await api.show('twice')).toBeUndefined();
  });
});

describe('a director that is killed in the middle of a drill', () => {
  const ROUNDS = 6;
  const ACTIONS = ['drain', 'fail', 'weight', 'blind'];
  /** The same moments each time: mulberry32. */
  const random = seeded(20_270_131);

  async function killAndRestart(): Promise<void> {
    director.child.kill('SIGKILL');
    await once(director.child, 'exit');
    director = startOwn('src/main.ts', ['run', '--config', running.world.config]);
    await director.waitFor((line) => logField(line, 'ready', 'listening'));
  }

  const third = 100 / 3;

  async function isAsBefore(): Promise<void> {
    // A probe that is late on a busy machine is a real failure, and passes.
    await eventually(async () => near(await shares(SHOP, 1000), { [EU.address]: 100 }));
    await eventually(async () =>
      near(await shares(API), { [EU.address]: third, [US.address]: third, [AP.address]: third }),
    );
  }

  it('has what is planned for later still planned', async () => {
    const at = new Date(Date.now() + 3_600_000).toISOString();
    expect((await api.start(drillOf('killed-planned', 'drain', { at }))).status).toBe(200);
    await killAndRestart();
    expect(await api.show('killed-planned')).toMatchObject({ state: 'planned' });
    await isAsBefore();
    await api.stop('killed-planned');
    expect(await api.show('killed-planned')).toMatchObject({ state: 'over', end: { kind: 'stopped' } });
  }, 60_000);

  it.each([0, 1, 2])(
    'has nothing left of one that was at step %i of its ramp',
    async (step) => {
      const name = `killed-at-${step}`;
      const ramp = { steps: [30, 60, 100], every: '1s' };
      expect((await api.start(drillOf(name, 'drain', { ramp }))).status).toBe(200);
      await until(name, (drill) => drill.step >= step + 1);
      await killAndRestart();
      expect(await until(name, isOver)).toMatchObject({ end: { kind: 'interrupted' } });
      await isAsBefore();
    },
    60_000,
  );

  it('ends the roll-back that was under way', async () => {
    expect((await api.start(drillOf('killed-rolling', 'fail'))).status).toBe(200);
    await eventually(async () => expect(await firstAddress(port, SHOP, EUROPE)).toBe(US.address));
    expect((await api.stop('killed-rolling')).body).toMatchObject({ state: 'rolling-back' });
    await killAndRestart();
    expect(await until('killed-rolling', isOver)).toMatchObject({ end: { kind: 'stopped' } });
    await isAsBefore();
  }, 60_000);

  it(`leaves nothing of it, whenever that is (${ROUNDS} moments)`, async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const action = ACTIONS[round % ACTIONS.length]!;
      const name = `killed-${round}`;
      const ramp = round % 2 === 0 ? { ramp: { steps: [50, 100], every: '1s' } } : {};
      const weight = action === 'weight' ? { weight: 0 } : {};
      const afterMs = Math.floor(random() * 3000);
      const asked = api.start(drillOf(name, action, { ...ramp, ...weight })).catch(() => undefined);
      await new Promise((resolve) => setTimeout(resolve, afterMs));
      await killAndRestart();
      const told = await asked;
      const where = `round ${round}: ${action}, killed after ${afterMs} ms`;
      if (told !== undefined) expect(told.status, where).toBe(200);
      await eventually(async () => {
        const shown = await api.show(name);
        if (told !== undefined || shown !== undefined) {
          expect(shown, where).toMatchObject({ state: 'over', end: { kind: 'interrupted' } });
          expect(shown?.timeline.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['ended', 'rolled-back']));
        }
      });
      await isAsBefore();
    }
  }, 180_000);
});

describe('a disk that is full', () => {
  it('keeps nobody from stopping what runs', async (context) => {
    const { folder, config } = running.world;
    const disk = await mountDisk(folder, 1024, context);
    const before = await readFile(config, 'utf8');
    try {
      await director.stop();
      await writeFile(config, before.replace('state: { directory: state }', 'state: { directory: disk }'));
      director = startOwn('src/main.ts', ['run', '--config', config]);
      await director.waitFor((line) => logField(line, 'ready', 'listening'));
      const own = await drillApi(running, 'disk');
      await eventually(async () => expect(await firstAddress(port, SHOP, EUROPE)).toBe(EU.address));
      expect((await own.start(drillOf('full', 'drain'))).status).toBe(200);
      await eventually(async () => expect(await firstAddress(port, SHOP, EUROPE)).toBe(US.address));
      await disk.fill();
      await own.stop('full');
      // At once, whatever became of what is to be written down.
      expect(await firstAddress(port, SHOP, EUROPE)).toBe(EU.address);
      expect(await own.show('full')).toMatchObject({ state: 'over', end: { kind: 'stopped' } });
    } finally {
      await director.stop();
      disk.unmount();
    }
  }, 60_000);
});

/** Numbers from 0 to 1 that look like chance and are the same each time. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
