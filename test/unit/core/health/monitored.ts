import { AT_ONCE } from '../../../../src/core/desired/judgement.ts';
import type { Judgement, Monitor } from '../../../../src/core/desired/model.ts';
import { type Belief, elapse, judge, NO_BELIEF, release } from '../../../../src/core/health/judge.ts';
import type { Moment, MonitorHealth, ProbeResult } from '../../../../src/core/health/monitor-health.ts';

/** Every 10 s, up after 2, down after 3. */
export const MONITOR: Monitor = {
  id: 'tcp 192.0.2.1:443',
  protocol: 'tcp',
  address: '192.0.2.1',
  port: 443,
  host: '',
  path: '',
  expect: { kind: 'status', ranges: [] },
  intervalMs: 10_000,
  timeoutMs: 3_000,
  rise: 2,
  fall: 3,
};

/** The wall clock shows this when the steady one shows 0. */
export const WALL = 1_800_000_000_000;

/** The same with some settings of judgement. */
export function judgedBy(judgement: Partial<Judgement>, settings: Partial<Monitor> = {}): Monitor {
  return { ...MONITOR, ...settings, judgement: { ...AT_ONCE, ...judgement } };
}

/** `seconds` after the start. */
export function moment(seconds: number): Moment {
  const ms = Math.round(seconds * 1000);
  return { steady: ms, wall: WALL + ms };
}

/** A good or bad result that came in at a moment. */
export function result(good: boolean, { wall: at }: Moment, more: Partial<ProbeResult> = {}): ProbeResult {
  const outcome = good
    ? ({ kind: 'success' } as const)
    : ({ kind: 'failure', failure: 'refused', detail: 'connection refused' } as const);
  return { monitor: MONITOR.id, at, durationMs: 5, outcome, ...more };
}

/** One monitor on its way through time: a result each 10 s, the first after 10 s. */
export function createStory(monitor: Monitor) {
  let belief: Belief = NO_BELIEF;
  let seconds = 0;
  const story = {
    /** One result per character, `+` or `-`, each 10 s after the one before; `.` is 10 s without any. */
    results(signs: string, more: Partial<ProbeResult> = {}): MonitorHealth {
      for (const sign of signs) {
        seconds += 10;
        const now = moment(seconds);
        belief =
          sign === '.' ? elapse(belief, monitor, now) : judge(belief, result(sign === '+', now, more), monitor, now);
      }
      return belief.health;
    },
    /** What is believed so many seconds after the last of it. */
    after(more: number): MonitorHealth {
      return elapse(belief, monitor, moment(seconds + more)).health;
    },
    release(): MonitorHealth {
      belief = release(belief, monitor, moment(seconds));
      return belief.health;
    },
    now: () => seconds,
    belief: () => belief,
  };
  return story;
}
