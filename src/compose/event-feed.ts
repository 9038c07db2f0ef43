import type { Finding } from '../core/desired/finding.ts';
import type { Events, NewEvent, PlainRecord } from '../core/events.ts';
import type { StateChange } from '../core/health/health-book.ts';
import type { Override, Overrides } from '../core/orders/override.ts';
import type { Clock, Director } from '../core/ports.ts';
import type { RolloutStanding } from '../core/rollout/rollout-book.ts';
import type { Publication } from '../director.ts';
import { createDrillNews } from './drill-events.ts';
import type { Observer } from './observer.ts';

/** Most findings that are an event each when many come or go at once; the rest is one event. */
const MAX_FINDING_EVENTS = 100;
/** Snapshots that come within this time of each other are one event, in ms. */
const SNAPSHOT_EVENT_MS = 1_000;

/** What a feed needs. */
export type FeedOptions = {
  readonly events: Events;
  readonly clock: Clock;
  readonly director: () => Pick<Director, 'rollouts' | 'overrides'>;
};

/** Makes events of what the director tells. */
export type EventFeed = {
  /** The observer, with the feed told of everything. */
  observed(observer: Observer): Observer;
  /** No snapshot is told later. */
  close(): void;
};

/** A feed that was told nothing yet: what stands when it is told first is no news. */
export function createEventFeed({ events, clock, director }: FeedOptions): EventFeed {
  const snapshots = createSnapshotNews(clock, (event) => events.publish(event));
  const hearDrills = createDrillNews((event) => events.publish(event), clock.now());
  let overrides: Overrides | undefined;
  let rollouts: ReadonlyMap<string, RolloutStanding> | undefined;
  const publish = (all: readonly NewEvent[]): void => {
    for (const event of all) events.publish(event);
  };
  const onPublish = (publication: Publication): void => {
    const orders = director().overrides();
    if (overrides !== orders) publish(overrideEvents(overrides ?? orders, orders));
    overrides = orders;
    const now = new Map(
      director()
        .rollouts.list()
        .map((each) => [each.rollout.spec.name, each]),
    );
    publish(rolloutEvents(rollouts ?? now, now));
    rollouts = now;
    snapshots.take(publication);
  };
  return {
    close: () => snapshots.close(),
    observed: (observer) => ({
      ...observer,
      onPublish(publication) {
        observer.onPublish(publication);
        onPublish(publication);
      },
      onDrills(drills) {
        observer.onDrills?.(drills);
        hearDrills(drills);
      },
      onStateChange(change) {
        observer.onStateChange(change);
        events.publish(stateEvent(change));
      },
      onFindings(findings) {
        observer.onFindings(findings);
        publish(findingEvents('come', findings));
      },
      onFindingsGone(findings) {
        observer.onFindingsGone?.(findings);
        publish(findingEvents('gone', findings));
      },
      onBreaker(turn, text) {
        observer.onBreaker?.(turn, text);
        const { state } = turn;
        const more = state === 'blind' ? { cause: turn.cause } : { relief: turn.relief, withheld: turn.withheld };
        events.publish({ type: 'breaker', change: state, subject: 'prober', text, data: more });
      },
    }),
  };
}

function stateEvent({ monitor, before, after }: StateChange): NewEvent {
  const { last, reason } = after;
  const failure = last?.outcome.kind === 'failure' ? { failure: last.outcome.failure } : {};
  const why = reason === undefined ? {} : { reason };
  const data = { from: before.state, to: after.state, address: monitor.address, ...why, ...failure };
  const because = failure.failure ?? reason;
  // The rest of the identity is how it is probed.
  const [probed] = monitor.id.split(' every=');
  const text = `${probed}: ${before.state} → ${after.state}${because === undefined ? '' : ` (${because})`}`;
  return { type: 'monitor', change: after.state, subject: monitor.id, text, data };
}

function overrideEvents(before: Overrides, after: Overrides): readonly NewEvent[] {
  const set = [...after.values()].filter((each) => before.get(each.name) !== each);
  const cleared = [...before.values()].filter(({ name }) => !after.has(name));
  return [...set.map((each) => overrideEvent('set', each)), ...cleared.map((each) => overrideEvent('cleared', each))];
}

function overrideEvent(change: 'set' | 'cleared', override: Override): NewEvent {
  const { name, action, by, reason, at, from, until } = override;
  const times = {
    ...(from === undefined ? {} : { from: isoTime(from) }),
    ...(until === undefined ? {} : { until: isoTime(until) }),
  };
  const data = { kind: action.kind, by, reason, at: isoTime(at), ...times };
  const later = from === undefined ? '' : ` from ${isoTime(from)} on`;
  const text = change === 'set' ? `${name}: ${action.kind}${later} by ${by}: ${reason}` : `${name} is cleared`;
  return { type: 'override', change, subject: name, text, data };
}

function rolloutEvents(
  before: ReadonlyMap<string, RolloutStanding>,
  after: ReadonlyMap<string, RolloutStanding>,
): readonly NewEvent[] {
  const changed = [...after].flatMap(([name, each]) => {
    const old = before.get(name);
    if (old?.rollout === each.rollout) return [];
    return [rolloutEvent(old === undefined ? 'started' : 'changed', each)];
  });
  const ended = [...before].flatMap(([name, each]) => (after.has(name) ? [] : [rolloutEvent('ended', each)]));
  return [...changed, ...ended];
}

function rolloutEvent(change: 'started' | 'changed' | 'ended', { rollout, percent }: RolloutStanding): NewEvent {
  const { spec, state, step, why } = rollout;
  const data = { kind: spec.plan.kind, state, percent, step: step + 1, why, from: [...spec.from], to: [...spec.to] };
  const stands = `${state}, ${percent} % to ${spec.to.join(', ')}${why === '' ? '' : ` (${why})`}`;
  const text = change === 'ended' ? `rollout ${spec.name} has ended` : `rollout ${spec.name}: ${stands}`;
  return { type: 'rollout', change, subject: spec.name, text, data };
}

function findingEvents(change: 'come' | 'gone', findings: readonly Finding[]): readonly NewEvent[] {
  const rest = findings.length - MAX_FINDING_EVENTS;
  const each = findings.slice(0, MAX_FINDING_EVENTS).map((one) => findingEvent(change, one));
  if (rest <= 0) return each;
  const text = `${rest} more findings have ${change === 'come' ? 'come' : 'gone'}; /v1/findings lists what stands`;
  return [...each, { type: 'finding', change, subject: 'more', text, data: { count: rest } }];
}

function findingEvent(change: 'come' | 'gone', { code, severity, message, origin }: Finding): NewEvent {
  const data: PlainRecord = { severity, message, ...origin };
  const text = `${change === 'come' ? severity : 'no more'}: ${code}: ${message}`;
  return { type: 'finding', change, subject: code, text, data };
}

/** Tells of the first snapshot at once, and of those that follow closely in one event. */
function createSnapshotNews(clock: Clock, tell: (event: NewEvent) => void) {
  let cancel: (() => void) | undefined;
  let waiting: Publication | undefined;
  let count = 0;
  const told = (): void => {
    if (waiting === undefined) return;
    const { version, serial } = waiting.snapshot;
    const text = `snapshot ${version} is published, serial ${serial}`;
    const data = { version, serial, published: count };
    tell({ type: 'snapshot', change: 'published', subject: String(version), text, data });
    [waiting, count] = [undefined, 0];
  };
  return {
    take(publication: Publication): void {
      waiting = publication;
      count += 1;
      if (cancel !== undefined) return;
      told();
      const rest = (): void => {
        // As long as they come, the pause between two events goes on.
        cancel = waiting === undefined ? undefined : clock.after(SNAPSHOT_EVENT_MS, rest);
        told();
      };
      cancel = clock.after(SNAPSHOT_EVENT_MS, rest);
    },
    close(): void {
      cancel?.();
    },
  };
}

function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}
