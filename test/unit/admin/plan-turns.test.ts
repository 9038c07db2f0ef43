import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createPlanTurns, type PlanTurns } from '../../../src/admin/plan-turns.ts';
import type { Director } from '../../../src/core/ports.ts';
import { createManualClock, type ManualClock } from '../../support/manual-clock.ts';
import { createDrillsWorld, type DrillsWorld, START } from '../core/drill/world.ts';
import { type Admin, OPERATE, type Reply, startAdmin } from './admin-fixture.ts';

const wanted = (): void => {};

describe('the turns of plans', () => {
  let clock: ManualClock;
  let turns: PlanTurns;
  /** The clock goes on while a plan is made. */
  let now: number;
  /** Where it begins. */
  let from: number;
  beforeEach(() => {
    clock = createManualClock(START);
    [now, from] = [0, 1_000_000];
    turns = createPlanTurns({
      steady: () => from + (clock.steady?.() ?? 0) + now,
      after: (ms, task) => clock.after(ms, task),
    });
  });

  const planFor = (ms: number) =>
    turns.plan(() => {
      now += ms;
    });
  const order = (name: string, done: string[], ms = 0) =>
    turns.order(async () => {
      now += ms;
      done.push(name);
      return name;
    }, wanted);

  it('an order waits for the rest after a plan and is not refused, and a plan is', async () => {
    planFor(500);
    expect(() => planFor(1)).toThrow('Try again in 2 s.');
    const done: string[] = [];
    const ordered = order('start', done);
    await clock.advance(1_999);
    expect(done).toEqual([]);
    await clock.advance(1);
    expect([await ordered, done]).toEqual(['start', ['start']]);
    expect(() => planFor(1)).not.toThrow();
  });

  it('orders that take long rest each other, one after the other', async () => {
    const done: string[] = [];
    const all = ['a', 'b', 'c'].map((name) => order(name, done, 200));
    await clock.advance(0);
    expect(done).toEqual(['a']);
    expect(() => planFor(1)).toThrow('Try again in 1 s.');
    await clock.advance(799);
    expect(done).toEqual(['a']);
    await clock.advance(1);
    expect(done).toEqual(['a', 'b']);
    await clock.advance(800);
    expect(await Promise.all(all)).toEqual(['a', 'b', 'c']);
  });

  it('an order waits 5 s at most, and the rest goes on after it', async () => {
    planFor(2_500);
    const done: string[] = [];
    const ordered = order('start', done);
    await clock.advance(4_999);
    expect(done).toEqual([]);
    await clock.advance(1);
    await ordered;
    expect(() => planFor(1)).toThrow('Try again in 5 s.');
    await clock.advance(5_000);
    expect(() => planFor(1)).not.toThrow();
  });

  it('an order that fails holds up none behind it, and counts', async () => {
    const done: string[] = [];
    const failed = turns.order(async () => {
      now += 100;
      throw new Error('no');
    }, wanted);
    const next = order('next', done);
    await expect(failed).rejects.toThrow('no');
    await clock.advance(399);
    expect(done).toEqual([]);
    await clock.advance(1);
    expect(await next).toBe('next');
  });

  it('what nobody waits for any more is not done, before its wait and after it', async () => {
    planFor(500);
    const done: string[] = [];
    let standing: 'wanted' | 'gone' = 'wanted';
    const late = turns.order(
      async () => done.push('late'),
      () => {
        if (standing === 'gone') throw new Error('gone');
      },
    );
    const outcome = expect(late).rejects.toThrow('gone');
    await clock.advance(1_000);
    standing = 'gone';
    await clock.advance(1_000);
    await outcome;
    expect(done).toEqual([]);
    expect(await order('next', done)).toBe('next');
  });

  it('a plan that ends in a refusal is followed by a rest as well', () => {
    const refused = () =>
      turns.plan(() => {
        now += 500;
        throw new Error('no');
      });
    expect(refused).toThrow('no');
    expect(() => planFor(1)).toThrow('Try again in 2 s.');
  });

  it('a clock that goes back makes nobody wait', async () => {
    planFor(500);
    from = 0;
    const done: string[] = [];
    expect(await order('start', done)).toBe('start');
  });

  it('who waits when it is closed is refused, and no timer stays', async () => {
    planFor(500);
    const done: string[] = [];
    const ordered = expect(order('start', done)).rejects.toMatchObject({ problem: 'stopping' });
    await clock.advance(1);
    turns.close();
    await ordered;
    expect([done, clock.pending()]).toEqual([[], 0]);
  });
});

describe('plans, rehearsals and starts of drills', () => {
  const DRAIN = { name: 'd', action: 'drain', scope: { clusters: ['eu'] }, for: '10m', reason: 'proof' };
  const ON_MARS = { ...DRAIN, scope: { clusters: ['mars'] } };
  let world: DrillsWorld;
  let admin: Admin;
  let clock: ManualClock;
  /** What every look at the clock costs, in ms: with it all plans take long. */
  let slow = 0;
  let spent = 0;
  /** How often it was asked whether a drill would be refused, and what that costs, in ms. */
  let asked = 0;
  let refusalMs = 0;
  /** What happens while a drill is started. */
  let meanwhile = (): void => {};

  beforeEach(async () => {
    [slow, spent, asked, refusalMs] = [0, 0, 0, 0];
    meanwhile = () => {};
    world = await createDrillsWorld();
    clock = createManualClock(START);
    admin = await startAdmin({
      director: watched(world.director()),
      now: () => clock.now(),
      steady() {
        spent += slow;
        return (clock.steady?.() ?? 0) + spent;
      },
      after: (ms, task) => clock.after(ms, task),
    });
  });
  afterEach(async () => {
    await admin.server.close();
    world.close();
  });

  const watched = (director: Director): Director => ({
    ...director,
    drills: {
      ...director.drills,
      refusal(spec) {
        asked += 1;
        spent += refusalMs;
        return director.drills.refusal(spec);
      },
      start(spec, by, mode) {
        meanwhile();
        return director.drills.start(spec, by, mode);
      },
    },
  });
  const post = (path: string, body: object): Promise<Reply> =>
    admin.ask(path, { method: 'POST', token: OPERATE, body: JSON.stringify(body) });

  /** Time goes by until an answer is there; how many ms. */
  async function waited(reply: Promise<Reply>): Promise<{ reply: Reply; ms: number }> {
    let ms = 0;
    const there = reply.then(() => 'there' as const);
    const soon = () => new Promise<'under-way'>((resolve) => setImmediate(resolve, 'under-way'));
    while ((await Promise.race([there, soon()])) === 'under-way') {
      await clock.advance(10);
      // The request comes over a socket: only from its wait on time goes by for it.
      if (clock.pending() > 0) ms += 10;
    }
    return { reply: await reply, ms };
  }

  it('have one clock of rests: a plan rests rehearsals, and a rehearsal plans', async () => {
    slow = 100;
    expect((await post('/v1/plan', {})).status).toBe(200);
    expect((await post('/v1/drills/rehearse', DRAIN)).json()).toMatchObject({ code: 'rate-limited' });
    spent += 60_000;
    expect((await post('/v1/drills/rehearse', DRAIN)).status).toBe(200);
    expect((await post('/v1/plan', {})).json()).toMatchObject({ code: 'rate-limited' });
  });

  it('a start after a plan waits, and is done', async () => {
    slow = 1_000;
    expect((await post('/v1/plan', {})).status).toBe(200);
    slow = 0;
    const { reply, ms } = await waited(post('/v1/drills', DRAIN));
    expect([reply.status, ms > 0]).toEqual([200, true]);
    expect(world.director().drills.list()).toHaveLength(1);
  });

  it('a start that is refused for its scope waits as well: to look that up is work', async () => {
    slow = 1_000;
    expect((await post('/v1/plan', {})).status).toBe(200);
    slow = 0;
    const { reply, ms } = await waited(post('/v1/drills', ON_MARS));
    expect([reply.json(), ms > 0, asked]).toMatchObject([{ code: 'drill-nothing' }, true, 0]);
  });

  it('a rehearsal that is refused for its scope rests the planners, and within a rest nothing is looked up', async () => {
    refusalMs = 500;
    expect((await post('/v1/drills/rehearse', ON_MARS)).json()).toMatchObject({ code: 'drill-nothing' });
    expect((await post('/v1/drills/rehearse', ON_MARS)).json()).toMatchObject({ code: 'rate-limited' });
    expect((await post('/v1/plan', {})).json()).toMatchObject({ code: 'rate-limited' });
    expect(asked).toBe(1);
    spent += 2_000;
    expect((await post('/v1/drills/rehearse', ON_MARS)).json()).toMatchObject({ code: 'drill-nothing' });
  });

  it('go by a clock that nobody sets: one set ahead while a drill is started makes nobody rest', async () => {
    meanwhile = () => clock.setWall(START + 3_600_000);
    expect((await post('/v1/drills', DRAIN)).status).toBe(200);
    expect((await post('/v1/plan', {})).status).toBe(200);
  });

  it('a start that is refused by a rule rests the planners', async () => {
    slow = 100;
    const all = { ...DRAIN, scope: { clusters: ['*'] } };
    expect((await post('/v1/drills', all)).json()).toMatchObject({ code: 'drain-leaves-none' });
    expect((await post('/v1/plan', {})).json()).toMatchObject({ code: 'rate-limited' });
  });
});
