import { createEventLog } from '../admin/events/event-log.ts';
import type { Config } from '../config/config.ts';
import type { DnsCounts } from '../core/dns-ports.ts';
import type { DirectorControl } from '../director.ts';
import type { Responder } from '../dns/respond.ts';
import { createLifecycle, type Lifecycle } from '../lifecycle.ts';
import { askedStage } from './asked.ts';
import { drillsStage } from './drills.ts';
import { type Edges, realEdges } from './edges.ts';
import { createEventFeed } from './event-feed.ts';
import { buildFeedback, feedbackStage, withFeedback } from './feedback.ts';
import { idleStage } from './idle.ts';
import type { Observer } from './observer.ts';
import { buildRooms, type Listening, report } from './rooms.ts';
import { successionStage } from './saved-orders.ts';
import {
  addressesStage,
  adminStage,
  dnsStage,
  gaugesStage,
  overridesStage,
  placesStage,
  probesStage,
  sourcesStage,
  stateStage,
} from './stages.ts';

/** A composed director, not yet started. */
export type Azimuth = {
  readonly director: DirectorControl;
  readonly lifecycle: Lifecycle;
  readonly responder: Responder;
  counts(): DnsCounts;
  /** Where it listens, once it does. */
  listening(): Listening;
};

/** Builds all rooms of a configuration and hands them their ports. Nothing runs before `lifecycle.start`. */
export function compose(config: Config, observer: Observer, edges: Edges = realEdges(config)): Azimuth {
  const feedback = buildFeedback(config, edges, (findings) => report(rooms, 'feedback', findings));
  const events = createEventLog({ now: () => edges.clock.now() });
  const feed = createEventFeed({ events, clock: edges.clock, director: () => rooms.director });
  const told = withFeedback(observer, feedback);
  const rooms = buildRooms(config, edges.servers === 'none' ? told : feed.observed(told), edges);
  const stages = [
    overridesStage(rooms),
    placesStage(rooms),
    sourcesStage(rooms),
    addressesStage(rooms),
    gaugesStage(rooms),
    probesStage(rooms),
    ...idleStage(rooms),
    drillsStage(rooms.drillRecorder),
  ];
  // The admin API comes first, so that it can tell what the rest is waiting for.
  const all =
    edges.servers === 'none'
      ? stages
      : [
          ...stateStage(rooms),
          adminStage(rooms, events, feed),
          ...stages,
          ...successionStage(rooms),
          askedStage(rooms.asked),
          dnsStage(rooms),
        ];
  const lifecycle = createLifecycle(feedback === undefined ? all : [...all, feedbackStage(feedback)]);
  rooms.lifecycle = lifecycle;
  const { director, responder, counting } = rooms;
  return { director, lifecycle, responder, counts: () => counting.read(), listening: () => rooms.listening };
}
