import type { Config } from '../config/config.ts';
import type { Finding } from '../core/desired/finding.ts';
import { createFeedback, type Feedback } from '../feedback/feedback.ts';
import type { Stage } from '../lifecycle.ts';
import type { Edges } from './edges.ts';
import type { Observer } from './observer.ts';

/** The room that writes into the clusters; undefined where the configuration turns none of it on. */
export function buildFeedback(
  { feedback: settings, declaration: { zones } }: Config,
  { clock, writer }: Edges,
  onFindings: (findings: readonly Finding[]) => void,
): Feedback | undefined {
  if (writer === undefined || (settings.status === 'off' && settings.events === 'off')) return undefined;
  const apexes = zones.map(({ apex }) => apex);
  return createFeedback({ settings, writer, clock, jitter: Math.random, apexes, onFindings });
}

/** The observer, with the feedback told of every model. */
export function withFeedback(observer: Observer, feedback: Feedback | undefined): Observer {
  if (feedback === undefined) return observer;
  return {
    ...observer,
    onPublish(publication) {
      feedback.onModel(publication.snapshot.model);
      observer.onPublish(publication);
    },
  };
}

/** Comes last: nothing is written of what nobody is answered yet. */
export function feedbackStage(feedback: Feedback): Stage {
  return {
    name: 'feedback',
    waitsFor: 'the feedback',
    start: async () => feedback.start(),
    stop: async () => feedback.close(),
  };
}
