import type { ClusterSpec, MonitorId, NamedMonitor } from '../desired/model.ts';
import { type ExternalResult, type ExternalStanding, expired, NEVER_PUSHED, pushed } from './external.ts';
import { type GaugeReading, type GaugeStanding, gauged, NEVER_READ } from './external-gauge.ts';
import { createLoadBook, type LoadBook } from './load-book.ts';
import type { Moment, MonitorHealth } from './monitor-health.ts';
import { createStillBook } from './still-book.ts';

/** Keeps how the monitors stand that are not probed by us, loads among them. Results for others are passed over. */
export type ExternalBook = Pick<LoadBook, 'report' | 'loads'> & {
  /** Replaces them by those among the named ones; what is known of those that stay is kept. */
  watch(named: readonly NamedMonitor[], clusters?: readonly ClusterSpec[]): void;
  /** Replaces those of which somebody asks for how long they stood still. */
  heed(asked: ReadonlySet<MonitorId>): void;
  has(id: MonitorId): boolean;
  push(id: MonitorId, result: ExternalResult, now: Moment): void;
  read(reading: GaugeReading, now: Moment): void;
  /** Lets time go by. */
  advance(now: Moment): void;
  /** When something expires next, in steady ms; Infinity for never. */
  nextAt(): number;
  /** One map for the life of the book each. */
  readonly pushed: ReadonlyMap<MonitorId, ExternalStanding>;
  readonly gauges: ReadonlyMap<MonitorId, GaugeStanding>;
};

/** A book without monitors. `tell` hears of each belief that is another one. */
export function createExternalBook(tell: (id: MonitorId, health: MonitorHealth) => void): ExternalBook {
  const standings = new Map<MonitorId, ExternalStanding>();
  const gauges = new Map<MonitorId, GaugeStanding>();
  const sources = new Map<MonitorId, NamedMonitor['source']>();
  const loads = createLoadBook(tell);
  const stills = createStillBook(tell);

  function settle<T extends { readonly health: MonitorHealth }>(
    into: Map<MonitorId, T>,
    id: MonitorId,
    { before, after }: { readonly before: T; readonly after: T },
    now: Moment,
  ): void {
    into.set(id, after);
    if (after.health !== before.health) stills.take(id, after.health, now);
  }

  return {
    pushed: standings,
    gauges,
    report: (id, load, now) => loads.report(id, load, now),
    loads: loads.loads,
    watch(named, clusters = []) {
      loads.watch({ named, clusters });
      sources.clear();
      for (const { id, source } of named) {
        if (source.kind === 'external' || source.kind === 'prometheus') sources.set(id, source);
      }
      for (const known of [standings, gauges]) for (const id of known.keys()) if (!sources.has(id)) known.delete(id);
      stills.keep((id) => sources.has(id));
    },
    heed: (asked) => stills.heed(asked),
    has: (id) => sources.has(id) || loads.has(id),
    push(id, result, now) {
      if (sources.get(id)?.kind !== 'external') return;
      const before = standings.get(id) ?? NEVER_PUSHED;
      settle(standings, id, { before, after: pushed(before, result, now) }, now);
    },
    read(reading, now) {
      loads.read(reading, now);
      const source = sources.get(reading.monitor);
      if (source?.kind !== 'prometheus') return;
      const before = gauges.get(reading.monitor) ?? NEVER_READ;
      settle(gauges, reading.monitor, { before, after: gauged(before, reading, source.gauge, now) }, now);
    },
    advance(now) {
      loads.advance(now);
      for (const [id, before] of standings) {
        const source = sources.get(id);
        const after = source?.kind === 'external' ? expired(before, source.whenExpired, now) : before;
        if (after !== before) settle(standings, id, { before, after }, now);
      }
      stills.advance(now);
    },
    nextAt() {
      let next = Math.min(loads.nextAt(), stills.nextAt());
      for (const { expiresAt } of standings.values()) next = Math.min(next, expiresAt);
      return next;
    },
  };
}
