import type { MonitorId } from '../desired/model.ts';
import { createAlarm } from './alarm.ts';
import { createBreaker } from './breaker.ts';
import { type BreakerOptions, type BreakerView, UNBROKEN } from './breaker-terms.ts';
import type { ExternalResult } from './external.ts';
import type { GaugeReading } from './external-gauge.ts';
import { createHealthBook, type HealthBook, type HealthBookOptions } from './health-book.ts';
import type { LoadReport } from './load-standing.ts';
import type { Moment, ProbeResult } from './monitor-health.ts';
import type { PaceChange } from './pace.ts';
import { createSteadyTime } from './steady-time.ts';

/** A health book that knows what time it is, and wakes itself when time alone changes something. */
export type TimedBook = Pick<HealthBook, 'watch' | 'heed' | 'publish' | 'published' | 'pushed' | 'gauges' | 'loads'> & {
  take(result: ProbeResult): void;
  push(monitor: MonitorId, result: ExternalResult): void;
  read(reading: GaugeReading): void;
  report(monitor: MonitorId, load: LoadReport): void;
  pace(changes: readonly PaceChange[]): void;
  /** Lets time go by until now: before something is made of what is published next. */
  advance(): void;
  release(monitors: Iterable<MonitorId>): readonly MonitorId[];
  /** Takes one more result of a control target. */
  control(result: ProbeResult): void;
  breaker(): BreakerView;
  /** An operator believes the prober. `trusting`: it was believed. */
  closeBreaker(): 'closed' | 'trusting';
  /** Wakes no more. */
  close(): void;
};

/** What tells the time: a wall clock, timers and, where there is one, a clock that nobody sets. As `Clock` of the ports. */
export type Timepiece = {
  now(): number;
  steady?(): number;
  after(ms: number, task: () => void): () => void;
};

/** Who is told of changes, and when the prober is believed; absent: always. */
export type TimedBookOptions = Omit<HealthBookOptions, 'breaker'> & { readonly breaker?: BreakerOptions | undefined };

/** Sets a book without monitors by a clock. Without a steady clock a wall clock that is set ahead is time that went by. */
export function createTimedBook(clock: Timepiece, options: TimedBookOptions): TimedBook {
  const breaker = createBreaker(options.breaker ?? UNBROKEN);
  const book = createHealthBook({ ...options, breaker });
  const time = createSteadyTime(() => clock.steady?.() ?? clock.now());
  const moment = (): Moment => ({ steady: Math.floor(time.now()), wall: clock.now() });
  const alarm = createAlarm({ time, after: (ms, task) => clock.after(ms, task), ring: () => advance() });
  const rewind = (): void => alarm.set(book.nextAt());
  const advance = (): void => {
    book.advance(moment());
    rewind();
  };
  options.memory?.listen((news) => {
    book.succeed(news, moment());
    book.recall(moment());
    rewind();
  });
  return {
    published: book.published,
    pushed: book.pushed,
    gauges: book.gauges,
    loads: book.loads,
    publish: () => book.publish(),
    watch(monitors, others) {
      book.watch(monitors, others);
      book.recall(moment());
      rewind();
    },
    heed: (model) => book.heed(model),
    advance,
    take(result) {
      book.take(result, moment());
      rewind();
    },
    push(monitor, result) {
      book.push(monitor, result, moment());
      rewind();
    },
    read(reading) {
      book.read(reading, moment());
      rewind();
    },
    report(monitor, load) {
      book.report(monitor, load, moment());
      rewind();
    },
    pace(changes) {
      book.pace(changes, moment());
      rewind();
    },
    release(monitors) {
      const released = book.release(monitors, moment());
      rewind();
      return released;
    },
    control(result) {
      const { steady } = moment();
      breaker.control(result, steady - result.durationMs, steady);
      advance();
    },
    breaker: () => breaker.view(moment().steady),
    closeBreaker() {
      const done = breaker.close(moment().steady);
      advance();
      return done;
    },
    close: () => alarm.cancel(),
  };
}
