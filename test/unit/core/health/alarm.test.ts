import { describe, expect, it } from 'vitest';
import { createAlarm } from '../../../../src/core/health/alarm.ts';
import { createSteadyTime } from '../../../../src/core/health/steady-time.ts';
import { createManualClock } from '../../../support/manual-clock.ts';

const HOUR_MS = 3_600_000;

/** By a clock that people set: there is no other. */
function createWorld() {
  const clock = createManualClock(1_000);
  let rings = 0;
  const alarm = createAlarm({
    time: createSteadyTime(() => clock.now()),
    after: (ms, task) => clock.after(ms, task),
    ring() {
      rings += 1;
    },
  });
  return { clock, alarm, rings: () => rings };
}

describe('an alarm', () => {
  it('goes off once, at the earliest of the times that it was set to, however far that is', async () => {
    const { clock, alarm, rings } = createWorld();
    alarm.set(2_000 * HOUR_MS);
    alarm.set(50 * HOUR_MS);
    alarm.set(60 * HOUR_MS);
    await clock.advance(50 * HOUR_MS - 1_001);
    expect([rings(), clock.pending()]).toEqual([0, 1]);
    await clock.advance(1);
    expect([rings(), clock.pending()]).toEqual([1, 0]);
  });

  it('notices within a minute that its time came while its timer slept', async () => {
    const { clock, alarm, rings } = createWorld();
    alarm.set(10 * HOUR_MS);
    clock.setWall(11 * HOUR_MS);
    await clock.advance(60_000);
    expect(rings()).toBe(1);
  });

  it('is silent after it was cancelled', async () => {
    const { clock, alarm, rings } = createWorld();
    alarm.set(HOUR_MS);
    await clock.advance(HOUR_MS / 2);
    alarm.cancel();
    await clock.advance(HOUR_MS);
    expect([rings(), clock.pending()]).toEqual([0, 0]);
  });
});
