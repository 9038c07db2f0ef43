/**
 * Monitors none of whose hostnames is asked for are probed less often, until somebody asks.
 *
 *     own pace ── nobody asked for `after` and the TTL, it is at rest, and nothing is amiss ─► idle
 *        ▲                                                                                      │
 *        ├── somebody asks: it is probed at once ◄──────────────────────────────────────────────┤
 *        └── a result speaks against it, or something is amiss: within its own interval ◄───────┘
 *
 * At rest is who is up with nothing on the way to another state, and has been for `CALM_INTERVALS`. All others keep their own pace.
 * So does who is down: few are, so little would be saved, and it is they whom somebody waits for to come back. Monitors of
 * the configuration are never idle: what hangs on them is not only hostnames.
 *
 * Amiss (`idle-alarm.ts`): when many fail at once all are looked at as usual, or the breaker would see the busy ones fall alone
 * and take that for a real outage.
 */
import type { Hostname, Monitor, MonitorId } from '../desired/model.ts';
import type { BreakerView } from './breaker-terms.ts';
import { createIdleAlarm } from './idle-alarm.ts';
import { emptyRoll, followed, type IdleModel, type Roll, type Watched, without } from './idle-roll.ts';
import type { MonitorHealth } from './monitor-health.ts';
import type { PaceChange } from './pace.ts';
import { isAgainst, isAtRest } from './rest.ts';
import { UNSEEN } from './told.ts';

/** For so many of its own intervals after a result against it a monitor keeps its own pace. */
const CALM_INTERVALS = 6;

/** When monitors are idle. */
export type IdleSettings = {
  /** Nobody asked for so long, beyond the TTL of the answers, in ms. */
  readonly afterMs: number;
  /** From one probe of an idle monitor to the next, in ms; who has a longer interval of its own is never idle. */
  readonly intervalMs: number;
};

/** What a sweep looks at. */
export type IdleView = {
  readonly model: IdleModel;
  readonly health: ReadonlyMap<MonitorId, MonitorHealth>;
  /** How often the hostname was asked for: a count that may go round. */
  asked(hostname: string): number;
  /** Whether it is looked at as if it was asked for; absent: none is. */
  readonly isKept?: ((hostname: Hostname) => boolean) | undefined;
  /** Whether the prober is believed. */
  readonly prober: BreakerView['state'];
};

/** Who is idle. */
export type IdleBook = {
  /** Looks at all of them, at a time in ms that never goes back, and says who changes its pace. */
  sweep(view: IdleView, now: number): readonly PaceChange[];
  /** Forgets all monitors but these: one that comes back is not idle. */
  keep(monitors: { has(id: MonitorId): boolean }): void;
  idle(): ReadonlySet<MonitorId>;
};

type State = {
  readonly settings: IdleSettings;
  readonly alarm: ReturnType<typeof createIdleAlarm>;
  readonly idle: Set<MonitorId>;
  roll: Roll;
};

/** A book that knows no monitor. Whatever it is shown first counts as asked for at that moment. */
export function createIdleBook(settings: IdleSettings): IdleBook {
  const state: State = { settings, alarm: createIdleAlarm(), idle: new Set(), roll: emptyRoll() };
  return {
    sweep(view, now) {
      watch(state, view, now);
      count(state, view, now);
      const around = look(state, view, now);
      return around === 'amiss' ? wakeAll(state, now) : changes(state, now);
    },
    keep(monitors) {
      state.roll = without(state.roll, (id) => monitors.has(id));
      forget(state);
    },
    idle: () => state.idle,
  };
}

function watch(state: State, view: IdleView, now: number): void {
  state.roll = followed(state.roll, view.model, {
    name: (hostname) => ({ count: view.asked(hostname.name), quietAt: quietFrom(state.settings, hostname, now) }),
    monitor: (monitor) => ({
      monitor,
      quietAt: now,
      calmAt: calmFrom(monitor, now),
      rest: 'unsettled',
      pace: 'own',
    }),
  });
  forget(state);
}

function forget({ idle, roll: { watched } }: State): void {
  for (const id of idle) if (!watched.has(id)) idle.delete(id);
}

function calmFrom({ intervalMs }: Monitor, now: number): number {
  return now + CALM_INTERVALS * intervalMs;
}

/** An answer is used until its TTL is over without anybody asking again. */
function quietFrom({ afterMs }: IdleSettings, { policy }: Hostname, now: number): number {
  return now + afterMs + Math.max(policy.ttl, policy.stableTtl ?? 0) * 1000;
}

function count({ settings, roll }: State, view: IdleView, now: number): void {
  for (const name of roll.names.values()) {
    const { hostname, monitors } = name;
    const latest = view.asked(hostname.name);
    if (latest === name.count && view.isKept?.(hostname) !== true) continue;
    name.count = latest;
    name.quietAt = quietFrom(settings, hostname, now);
    for (const each of monitors) each.quietAt = Math.max(each.quietAt, name.quietAt);
  }
}

function look({ alarm, settings, roll }: State, { health, prober }: IdleView, now: number): 'calm' | 'amiss' {
  for (const each of roll.watched.values()) {
    const { monitor, pace } = each;
    const is = health.get(monitor.id) ?? UNSEEN;
    const rest = isAtRest(is) ? 'at-rest' : 'unsettled';
    if (rest === 'unsettled') each.calmAt = calmFrom(monitor, now);
    if (rest === 'at-rest') alarm.good(pace === 'idle' ? settings.intervalMs : monitor.intervalMs);
    else if (each.rest === 'at-rest' && isAgainst(is)) alarm.turned();
    each.rest = rest;
  }
  return alarm.judge(prober, now);
}

function changes({ settings, roll, idle }: State, now: number): readonly PaceChange[] {
  const found: PaceChange[] = [];
  for (const each of roll.watched.values()) {
    const { id, intervalMs: ownMs } = each.monitor;
    const isQuiet = each.quietAt <= now && settings.intervalMs > ownMs;
    if (isQuiet && each.rest === 'at-rest' && each.calmAt <= now) {
      if (each.pace === 'idle') continue;
      each.pace = 'idle';
      idle.add(id);
      found.push({ monitor: id, pace: 'idle', intervalMs: settings.intervalMs });
    } else if (each.pace === 'idle') found.push(wake(each, idle, now));
  }
  return found;
}

function wakeAll({ roll, idle }: State, now: number): readonly PaceChange[] {
  return [...idle].flatMap((id) => {
    const each = roll.watched.get(id);
    return each === undefined ? [] : [wake(each, idle, now)];
  });
}

function wake(each: Watched, idle: Set<MonitorId>, now: number): PaceChange {
  const { id } = each.monitor;
  each.pace = 'own';
  idle.delete(id);
  return { monitor: id, pace: 'own', next: each.quietAt > now ? 'at-once' : 'within-interval' };
}
