import type { MonitorId } from '../../../../src/core/desired/model.ts';
import { createBreaker } from '../../../../src/core/health/breaker.ts';
import type { Breaker, BreakerOptions } from '../../../../src/core/health/breaker-terms.ts';
import type { MonitorHealth, ProbeResult } from '../../../../src/core/health/monitor-health.ts';

/** Results of a monitor that take it down, and that bring it up again. */
const FALL = 3;
const RISE = 2;

/** Never probed. */
const UNSEEN: MonitorHealth = {
  state: 'unseen',
  since: 0,
  contrary: 0,
  secondsToChange: Number.POSITIVE_INFINITY,
};

/** Clusters and how many monitors each has: `a-0`, `a-1` …, every 10 s. */
export type Fleet = Readonly<Record<string, number>>;

/** What a result says. */
export type Sign = '+' | '-';

/** A breaker with a book of beliefs as plain as can be around it, and with one that has no breaker beside it. */
export function createBreakerWorld(fleet: Fleet, options: Partial<BreakerOptions> = {}) {
  const ids = Object.entries(fleet).flatMap(([cluster, count]) =>
    Array.from({ length: count }, (_, index) => `${cluster}-${index}`),
  );
  const hostnames = ids.map((id) => ({ endpoints: [{ cluster: id.replace(/-\d+$/, ''), monitor: id }] }));
  const breaker = createBreaker({
    share: 0.5,
    windowMs: 10_000,
    atLeast: 4,
    longestMs: 900_000,
    controls: [],
    model: () => ({ hostnames }),
    ...options,
  });
  const monitors = new Map(ids.map((id) => [id, { id, intervalMs: 10_000 }]));
  const believed = new Map<MonitorId, MonitorHealth>();
  const measured = new Map<MonitorId, MonitorHealth>();
  const plain = new Map<MonitorId, MonitorHealth>();
  breaker.watch(monitors);

  const settle = (): void => {
    for (const id of breaker.moved()) believed.set(id, breaker.cover(id, measured.get(id) ?? UNSEEN));
  };
  /** One result that ends at `now`; its probe took `tookMs`. */
  function probe(id: MonitorId, sign: Sign, now: number, tookMs = 0): void {
    const result = resultOf(id, sign, now, tookMs);
    plain.set(id, judged(plain.get(id) ?? UNSEEN, result));
    const monitor = monitors.get(id);
    if (monitor === undefined) throw new Error(`no monitor ${id}`);
    const shown = believed.get(id) ?? UNSEEN;
    const after = judged(measured.get(id) ?? UNSEEN, result);
    const known = breaker.regained(id, after, now);
    const health = known === undefined ? after : judged({ ...UNSEEN, ...known }, result);
    measured.set(id, health);
    const ruling = breaker.judge({ monitor, shown, measured: health, begun: now - tookMs }, now);
    believed.set(id, breaker.cover(id, health));
    if ((ruling === 'withhold') !== (believed.get(id)?.withheld !== undefined)) throw new Error(`${id}: ${ruling}`);
    settle();
  }
  const state = (id: MonitorId): string => (believed.get(id) ?? UNSEEN).state;
  return {
    ids,
    breaker,
    believed,
    plain,
    probe,
    state,
    of: (cluster: string): readonly string[] => ids.filter((id) => id.startsWith(`${cluster}-`)),
    /** How many of a cluster are in each state, such as `2 up, 1 down`. */
    standing: (cluster: string): string => {
      const states = Object.groupBy(
        ids.filter((id) => id.startsWith(`${cluster}-`)),
        state,
      );
      return Object.entries(states)
        .map(([name, members]) => `${members?.length} ${name}`)
        .join(', ');
    },
    /** All of them get `FALL` failures, or `RISE` successes, ending now. */
    turn(all: readonly MonitorId[], sign: Sign, now: number): void {
      for (const id of all) for (let i = 0; i < (sign === '-' ? FALL : RISE); i++) probe(id, sign, now);
    },
    control(id: MonitorId, sign: Sign, now: number, tookMs = 0): void {
      breaker.control(resultOf(id, sign, now, tookMs), now - tookMs, now);
      settle();
    },
    advance(now: number): void {
      breaker.advance(now);
      settle();
    },
    close(now: number): ReturnType<Breaker['close']> {
      const done = breaker.close(now);
      settle();
      return done;
    },
  };
}

/** A world of the breaker. */
export type BreakerWorld = ReturnType<typeof createBreakerWorld>;

/** A result that ends at `now`. */
function resultOf(id: MonitorId, sign: Sign, now: number, tookMs = 0): ProbeResult {
  const outcome =
    sign === '+' ? ({ kind: 'success' } as const) : ({ kind: 'failure', failure: 'timeout', detail: '' } as const);
  return { monitor: id, at: now, durationMs: tookMs, outcome };
}

/** Rise and fall, and no more. */
function judged(before: MonitorHealth, last: ProbeResult): MonitorHealth {
  const seen = last.outcome.kind === 'success' ? 'up' : 'down';
  const fresh = { contrary: 0, secondsToChange: Number.POSITIVE_INFINITY, last };
  if (before.state === seen) return { state: seen, since: before.since, ...fresh };
  const contrary = before.contrary + 1;
  if (before.state === 'unseen' || contrary >= (seen === 'up' ? RISE : FALL)) {
    return { state: seen, since: last.at, ...fresh };
  }
  return { state: before.state, since: before.since, contrary, secondsToChange: 10, last };
}
