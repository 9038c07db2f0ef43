import type { Config } from '../config/config.ts';
import type { DnsCounts } from '../core/ports.ts';
import type { DirectorControl } from '../director.ts';
import type { Responder } from '../dns/respond.ts';
import { createLifecycle, type Lifecycle } from '../lifecycle.ts';
import { type Edges, realEdges } from './edges.ts';
import { buildFeedback, feedbackStage, withFeedback } from './feedback.ts';
import { buildRooms, type Listening, type Observer, report } from './rooms.ts';
import {
  addressesStage,
  adminStage,
  dnsStage,
  gaugesStage,
  overridesStage,
  placesStage,
  probesStage,
  sourcesStage,
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
  const rooms = buildRooms(config, withFeedback(observer, feedback), edges);
  const stages = [
    overridesStage(rooms),
    placesStage(rooms),
    sourcesStage(rooms),
    addressesStage(rooms),
    gaugesStage(rooms),
    probesStage(rooms),
  ];
  // The admin API comes first, so that it can tell what the rest is waiting for.
  const all = edges.servers === 'none' ? stages : [adminStage(rooms), ...stages, dnsStage(rooms)];
  const lifecycle = createLifecycle(feedback === undefined ? all : [...all, feedbackStage(feedback)]);
  rooms.lifecycle = lifecycle;
  const { director, responder, counting } = rooms;
  return { director, lifecycle, responder, counts: () => counting.read(), listening: () => rooms.listening };
}
