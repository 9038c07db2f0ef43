import { type Finding, finding } from '../core/desired/finding.ts';
import { tellChanges } from '../core/desired/finding-changes.ts';
import { idOf } from '../core/desired/gateway-api/metadata.ts';
import { liveOrigin } from '../core/desired/live-origin.ts';
import type { Model } from '../core/desired/model.ts';
import { verdictsInParts } from '../core/desired/object-verdicts.ts';
import type { Clock, ClusterWriter } from '../core/ports.ts';
import { createEventDesk, type EventDesk } from './event-desk.ts';
import { createLane, type Lane } from './lane.ts';
import { REVIEW_MS, REVIEW_PART_MS } from './limits.ts';
import { createStatusDesk, type StatusDesk } from './status-desk.ts';

/** What is written into the clusters. */
export type FeedbackSettings = { readonly status: 'off' | 'annotation'; readonly events: 'off' | 'on' };

/** What feedback needs. */
export type FeedbackOptions = {
  readonly settings: FeedbackSettings;
  readonly writer: ClusterWriter;
  readonly clock: Clock;
  /** From [0, 1). */
  readonly jitter: () => number;
  /** Apexes of our zones. */
  readonly apexes: readonly string[];
  /** Told all findings that stand, whenever one comes or goes. */
  readonly onFindings: (findings: readonly Finding[]) => void;
};

/** Tells the owners of objects, in their clusters, what the director makes of them. */
export type Feedback = {
  /** Begins to write. Before that models are only remembered: the first ones lack clusters. */
  start(): void;
  /** Takes the model of every snapshot; one that is the same costs nothing. */
  onModel(model: Model): void;
  /** Nothing more is begun to be written. */
  close(): void;
};

type Post = { readonly cluster: string; readonly status: StatusDesk; readonly events: EventDesk; readonly lane: Lane };

/**
 * Feedback to all live clusters, or none where all of it is off. What to write follows from the model alone, so that health
 * never leads to a write; changes of the model are collected for `REVIEW_MS`.
 */
export function createFeedback(options: FeedbackOptions): Feedback {
  const { settings, writer, clock, onFindings } = options;
  const isOff = settings.status === 'off' && settings.events === 'off';
  let last: Model | undefined;
  let reviewed: Model | undefined;
  let cancel: (() => void) | undefined;
  const tellOthers = tellChanges(onFindings);
  let state: 'waiting' | 'open' | 'closed' = 'waiting';

  let posts: readonly Post[] = [];

  /** Clusters come and go while we run. */
  function meetClusters(): void {
    const wanted = isOff || state === 'closed' ? [] : writer.clusters;
    if (wanted.length === posts.length && posts.every(({ cluster }, index) => cluster === wanted[index])) return;
    const before = new Map(posts.map((post) => [post.cluster, post]));
    posts = wanted.map((cluster) => before.get(cluster) ?? createPost(cluster, options, tell));
    const kept = new Set(posts);
    for (const post of before.values()) if (!kept.has(post)) post.lane.close();
  }

  function tell(): void {
    if (state === 'open') tellOthers(posts.flatMap(troubleOf));
  }

  function reviewSoon(): void {
    cancel ??= clock.after(REVIEW_MS, () => {
      reviewed = last;
      if (last !== undefined) goOn(reviewInParts(last));
    });
  }

  /** A model that comes meanwhile is reviewed afterwards. */
  function goOn(parts: Iterator<void>): void {
    cancel = parts.next().done === true ? undefined : clock.after(REVIEW_PART_MS, () => goOn(parts));
    if (cancel === undefined && last !== reviewed) reviewSoon();
  }

  function* reviewInParts(model: Model): Generator<void> {
    meetClusters();
    const clusters = new Map(posts.map(({ cluster }) => [liveOrigin(cluster).file, cluster]));
    const verdicts = yield* verdictsInParts(model, clusters);
    for (const { cluster, status, events, lane } of posts) {
      const own = verdicts.get(cluster) ?? [];
      if (settings.status !== 'off') status.want(own);
      if (settings.events !== 'off') events.want(own);
      lane.wake();
      yield;
    }
  }

  return {
    start() {
      state = 'open';
      meetClusters();
      if (posts.length > 0) reviewSoon();
    },
    onModel(model) {
      if (model === last || isOff || (posts.length === 0 && writer.clusters.length === 0)) return;
      last = model;
      if (state === 'open') reviewSoon();
    },
    close() {
      state = 'closed';
      cancel?.();
      for (const { lane } of posts) lane.close();
    },
  };
}

function createPost(
  cluster: string,
  { settings, writer, clock, jitter, apexes }: FeedbackOptions,
  tell: () => void,
): Post {
  const status = createStatusDesk({ cluster, writer, apexes });
  const events = createEventDesk({ cluster, writer });
  const lane = createLane({
    clock,
    jitter,
    next: (now) => (settings.status === 'off' ? undefined : status.next(now)) ?? events.next(now),
    onTurn: tell,
  });
  return { cluster, status, events, lane };
}

function troubleOf({ cluster, status, lane }: Post): readonly Finding[] {
  const origin = liveOrigin(cluster);
  const found: Finding[] = [];
  const trouble = lane.trouble();
  if (trouble !== undefined) {
    const advice = 'Grant what deploy/kubernetes/rbac-feedback.yaml does, or turn feedback off. It is tried again.';
    found.push(finding('feedback-refused', origin, `Feedback cannot be written: ${trouble}.`, advice));
  }
  const [first, ...rest] = status.contested();
  if (first !== undefined) {
    const more = rest.length === 0 ? '' : ` and ${rest.length} more`;
    const message = `Another writer keeps changing the status of ${first.kind} ${idOf(first)}${more}.`;
    const advice = 'Let one director of several with different views write it; it is written ever less often.';
    found.push(finding('feedback-contested', origin, message, advice));
  }
  return found;
}
