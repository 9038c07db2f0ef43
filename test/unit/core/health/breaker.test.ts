import { describe, expect, it } from 'vitest';
import { createBreakerWorld, type Fleet } from './breaker-world.ts';

const THREE: Fleet = { a: 4, b: 4, c: 4 };
const CONTROLS = ['one', 'two', 'three'];

/** A world in which all is up, at 0. */
function upWorld(fleet: Fleet, options: Parameters<typeof createBreakerWorld>[1] = {}) {
  const world = createBreakerWorld(fleet, options);
  for (const id of options.controls ?? []) world.control(id, '+', 0);
  world.turn(world.ids, '+', 0);
  return world;
}

describe('the breaker opens', () => {
  it('when most monitors of most clusters fall at once, and takes back those that just fell', () => {
    const world = upWorld(THREE);
    world.turn(world.of('a'), '-', 30_000);
    world.turn(world.of('b').slice(0, 2), '-', 32_000);
    expect([world.standing('a'), world.standing('b')]).toEqual(['4 down', '2 down, 2 up']);
    world.turn(world.of('b').slice(2, 3), '-', 33_000);
    expect(['a', 'b', 'c'].map(world.standing)).toEqual(['4 up', '4 up', '4 up']);
    expect(world.breaker.view(34_000)).toMatchObject({ state: 'blind', cause: 'mass-flip', withheld: 7, forMs: 1000 });
    expect(world.believed.get('a-0')).toMatchObject({
      state: 'up',
      since: 0,
      withheld: { state: 'down', since: 30_000 },
    });
  });

  it('not for one large cluster that fails alone, though it holds most of the monitors', () => {
    const world = upWorld({ large: 60, b: 20, c: 20 });
    world.turn(world.of('large'), '-', 30_000);
    world.turn(world.of('b').slice(0, 9), '-', 31_000);
    expect([world.standing('large'), world.standing('b')]).toEqual(['60 down', '9 down, 11 up']);
  });

  it('of two clusters only when both fail', () => {
    const world = upWorld({ a: 8, b: 4 });
    world.turn(world.of('a'), '-', 30_000);
    world.turn(world.of('b').slice(0, 2), '-', 30_000);
    expect([world.standing('a'), world.standing('b')]).toEqual(['8 down', '2 down, 2 up']);
    world.turn(world.of('b').slice(2), '-', 30_000);
    expect([world.standing('a'), world.standing('b')]).toEqual(['8 up', '4 up']);
  });

  it('not when half of the clusters fall, nor a cluster of which half is left', () => {
    const world = upWorld({ a: 4, b: 4, c: 4, d: 4 });
    world.turn([...world.of('a'), ...world.of('b'), ...world.of('c').slice(0, 2)], '-', 30_000);
    expect(world.breaker.view(30_000).state).toBe('trusting');
    world.turn(world.of('c').slice(2, 3), '-', 31_000);
    expect(world.breaker.view(31_000).state).toBe('blind');
  });

  it('never where there is one cluster, or where too few monitors fall', () => {
    const alone = upWorld({ a: 20 });
    alone.turn(alone.ids, '-', 30_000);
    expect(alone.standing('a')).toBe('20 down');
    const few = upWorld({ a: 1, b: 1, c: 1 });
    few.turn(few.ids, '-', 30_000);
    expect(few.breaker.view(30_000).state).toBe('trusting');
  });

  it('not for falls that are further apart than the window, nor for who was down long before', () => {
    const slow = upWorld(THREE);
    for (const [index, id] of slow.ids.entries()) slow.turn([id], '-', 30_000 + index * 5_000);
    expect(slow.breaker.view(90_000).state).toBe('trusting');
    const dead = upWorld({ a: 4, b: 4, c: 4, d: 4, e: 4 });
    for (const [index, cluster] of ['a', 'b', 'c', 'd'].entries())
      dead.turn(dead.of(cluster), '-', 30_000 * (index + 1));
    dead.turn(dead.of('e'), '-', 200_000);
    expect(dead.breaker.view(200_000).state).toBe('trusting');
  });

  it('counts falls of slow monitors within their interval', () => {
    const world = upWorld(THREE, { windowMs: 1_000 });
    for (const [index, id] of world.ids.entries()) world.turn([id], '-', 30_000 + index * 800);
    expect(world.breaker.view(60_000).state).toBe('blind');
  });

  it('when more than half of the control targets fail, and not for half of them', () => {
    const world = upWorld(THREE, { controls: ['one', 'two'] });
    for (const now of [5_000, 10_000, 15_000]) world.control('one', '-', now);
    expect(world.breaker.view(15_000).state).toBe('trusting');
    world.control('two', '-', 15_000);
    expect(world.breaker.view(15_000).state).toBe('trusting');
    world.control('two', '-', 20_000);
    expect(world.breaker.view(20_000)).toMatchObject({ state: 'blind', cause: 'controls' });
  });

  it('by the first results of the control targets, so that what falls at a start stays unseen', () => {
    const world = createBreakerWorld(THREE, { controls: CONTROLS });
    world.turn(world.of('a'), '-', 3_000);
    expect(world.standing('a')).toBe('4 down');
    for (const id of CONTROLS) world.control(id, '-', 3_000);
    expect(world.standing('a')).toBe('4 unseen');
    world.turn(world.of('b'), '-', 3_000);
    expect(world.standing('b')).toBe('4 unseen');
    world.probe('b-0', '+', 13_000);
    expect(world.standing('b')).toBe('1 up, 3 unseen');
  });

  it('never by share where the share is 1', () => {
    const world = upWorld(THREE, { share: 1 });
    world.turn(world.ids, '-', 30_000);
    expect(world.breaker.view(30_000).state).toBe('trusting');
  });
});

describe('while it is blind', () => {
  it('going up works, and a verdict that is taken back never was', () => {
    const world = upWorld(THREE);
    world.turn(['a-0'], '-', 1_000);
    world.turn(world.ids.slice(1), '-', 30_000);
    expect(world.breaker.view(30_000)).toMatchObject({ state: 'blind', withheld: 11 });
    world.turn(['a-0'], '+', 31_000);
    world.turn(['a-1'], '+', 31_000);
    expect(world.believed.get('a-0')).toMatchObject({ state: 'up', since: 31_000 });
    const taken = world.believed.get('a-1');
    expect(taken).toMatchObject({ state: 'up', since: 0, contrary: 0 });
    expect(taken).not.toHaveProperty('withheld');
  });

  it('monitors that leave are forgotten', () => {
    const world = upWorld(THREE);
    world.turn(world.ids, '-', 30_000);
    world.breaker.watch(new Map());
    expect(world.breaker.view(30_000).withheld).toBe(0);
    world.close(31_000);
    expect(world.breaker.moved().size).toBe(0);
  });
});

describe('the breaker closes', () => {
  it('by control targets that were good all the time: a real outage waits for one look at them', () => {
    const world = upWorld(THREE, { controls: CONTROLS });
    for (const id of CONTROLS) world.control(id, '+', 29_000);
    world.turn(world.ids, '-', 30_000);
    expect(world.standing('a')).toBe('4 up');
    // Begun before the opening: no proof.
    world.control('one', '+', 31_000, 2_000);
    world.control('two', '+', 31_000, 2_000);
    expect(world.breaker.view(31_000).state).toBe('blind');
    world.control('one', '+', 34_000, 20);
    world.control('two', '+', 34_000, 20);
    expect(['a', 'b', 'c'].map(world.standing)).toEqual(['4 down', '4 down', '4 down']);
  });

  it('by control targets that are good again, and believes no failure from before that', () => {
    const world = upWorld(THREE, { controls: CONTROLS });
    for (const now of [21_000, 26_000]) for (const id of CONTROLS) world.control(id, '-', now);
    world.turn(world.ids, '-', 30_000);
    for (const id of ['one', 'two']) world.control(id, '+', 41_000, 100);
    expect(world.breaker.view(41_000)).toMatchObject({ state: 'trusting', withheld: 12 });
    expect(world.standing('a')).toBe('4 up');
    // What began before the sight was back is not believed, what began after it is.
    world.probe('a-0', '-', 42_000, 3_000);
    expect(world.state('a-0')).toBe('up');
    world.probe('a-0', '-', 51_000, 3_000);
    expect(world.state('a-0')).toBe('down');
    // A first success is on its way up.
    for (const now of [50_000, 60_000]) for (const id of world.ids.slice(1)) world.probe(id, '+', now);
    expect(world.breaker.view(60_000).withheld).toBe(0);
    expect(['a', 'b', 'c'].map(world.standing)).toEqual(['1 down, 3 up', '4 up', '4 up']);
  });

  it('by control targets for a moment only: what fell since is taken back when they fail again', () => {
    const world = upWorld(THREE, { controls: CONTROLS });
    for (const now of [21_000, 26_000]) for (const id of CONTROLS) world.control(id, '-', now);
    world.turn(world.ids, '-', 30_000);
    for (const id of CONTROLS) world.control(id, '+', 41_000);
    for (const id of world.ids) world.probe(id, '-', 44_000);
    expect(world.standing('a')).toBe('4 down');
    for (const now of [46_000, 51_000]) for (const id of CONTROLS) world.control(id, '-', now);
    expect(['a', 'b', 'c'].map(world.standing)).toEqual(['4 up', '4 up', '4 up']);
    expect(world.breaker.view(51_000)).toMatchObject({ state: 'blind', cause: 'controls', withheld: 12 });
  });

  it('without control targets when what is withheld is no mass for a window, and one dead cluster may be left', () => {
    const world = upWorld(THREE);
    world.turn(world.ids, '-', 30_000);
    world.turn([...world.of('b'), ...world.of('c').slice(0, 3)], '+', 50_000);
    world.turn(['a-0', 'a-1', 'a-2'], '-', 55_000);
    world.advance(59_999);
    expect(world.breaker.view(59_999).state).toBe('blind');
    expect(world.breaker.nextAt()).toBe(60_000);
    world.advance(60_000);
    expect(world.breaker.view(60_000)).toMatchObject({ state: 'trusting', withheld: 2 });
    expect(world.standing('a')).toBe('3 down, 1 up');
    world.probe('a-3', '-', 61_000);
    expect(world.standing('a')).toBe('4 down');
  });

  it('by an operator, who believes all that is measured', () => {
    const world = upWorld(THREE);
    expect(world.close(1_000)).toBe('trusting');
    world.turn(world.ids, '-', 30_000);
    expect(world.close(31_000)).toBe('closed');
    expect(['a', 'b', 'c'].map(world.standing)).toEqual(['4 down', '4 down', '4 down']);
    expect(world.breaker.view(31_000)).toMatchObject({ state: 'trusting', withheld: 0 });
  });

  it('by an operator also for what still waits for a result after it closed', () => {
    const world = upWorld(THREE, { controls: CONTROLS });
    for (const now of [21_000, 26_000]) for (const id of CONTROLS) world.control(id, '-', now);
    world.turn(world.ids, '-', 30_000);
    for (const id of CONTROLS) world.control(id, '+', 41_000);
    expect(world.breaker.view(41_000)).toMatchObject({ state: 'trusting', withheld: 12 });
    expect(world.close(42_000)).toBe('trusting');
    expect(world.breaker.view(42_000).withheld).toBe(0);
    expect(['a', 'b', 'c'].map(world.standing)).toEqual(['4 down', '4 down', '4 down']);
  });

  it('after the longest time, and does not open again for the same failing control targets', () => {
    const world = upWorld(THREE, { controls: CONTROLS, longestMs: 60_000 });
    for (const now of [5_000, 10_000]) for (const id of CONTROLS) world.control(id, '-', now);
    world.turn(world.ids, '-', 30_000);
    expect(world.breaker.nextAt()).toBe(70_000);
    expect(world.breaker.view(30_000)).toMatchObject({ state: 'blind', forMs: 20_000, leftMs: 40_000 });
    world.advance(70_000);
    expect(world.standing('a')).toBe('4 down');
    for (const id of CONTROLS) world.control(id, '-', 75_000);
    expect(world.breaker.view(75_000).state).toBe('trusting');
    for (const id of CONTROLS) world.control(id, '+', 80_000);
    for (const now of [85_000, 90_000]) for (const id of CONTROLS) world.control(id, '-', now);
    expect(world.breaker.view(90_000).state).toBe('blind');
  });

  it('and rests then, so that the rest of an outage that was believed does not open it again', () => {
    const world = upWorld({ a: 8, b: 8 });
    world.turn([...world.of('a').slice(0, 5), ...world.of('b').slice(0, 5)], '-', 30_000);
    world.close(31_000);
    world.turn([...world.of('a'), ...world.of('b')], '-', 40_000);
    expect([world.standing('a'), world.standing('b')]).toEqual(['8 down', '8 down']);
  });
});
