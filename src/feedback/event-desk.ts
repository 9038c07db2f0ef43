import type { Finding } from '../core/desired/finding.ts';
import type { ObjectVerdict } from '../core/desired/object-verdicts.ts';
import type { ClusterEvent, ClusterWriter, WriteOutcome } from '../core/ports.ts';
import type { Job } from './lane.ts';
import { EVENT_SERIES_MS, MAX_CLUSTER_EVENTS, MAX_OBJECT_EVENTS } from './limits.ts';
import { STATUS_KINDS } from './status-desk.ts';

/** Knows which Events of one cluster are to be recorded. */
export type EventDesk = {
  /** Takes what holds in the cluster from now on. */
  want(verdicts: readonly ObjectVerdict[]): void;
  next(now: number): Job | undefined;
};

/** On these Events are recorded: what people write for their own hostnames. */
export const EVENT_KINDS: ReadonlySet<string> = new Set([...STATUS_KINDS, 'ListenerSet', 'XListenerSet', 'Namespace']);

/** What a desk works with. */
export type EventDeskOptions = { readonly cluster: string; readonly writer: Pick<ClusterWriter, 'record'> };

type News = Omit<ClusterEvent, 'at'>;
/** What was recorded, by object. */
type Recorded = { readonly owner: string; readonly at: number };

/**
 * An Event for each error or warning on an object: when it appears, and again every `EVENT_SERIES_MS` while it holds. One
 * that comes and goes is told no more often, and neither an object nor the cluster has more than so many.
 */
export function createEventDesk({ cluster, writer }: EventDeskOptions): EventDesk {
  let wanted: ReadonlyMap<string, News> = new Map();
  const recorded = new Map<string, Recorded>();

  /** What was recorded so long ago that it may be told anew, or that it no longer counts. */
  function expire(now: number): void {
    for (const [key, { at }] of recorded) if (Math.abs(now - at) >= EVENT_SERIES_MS) recorded.delete(key);
  }

  function settle(key: string, owner: string, outcome: WriteOutcome, at: number): void {
    if (outcome.kind !== 'denied' && outcome.kind !== 'failed') recorded.set(key, { owner, at });
  }

  return {
    want(verdicts) {
      const next = new Map<string, News>();
      for (const verdict of verdicts.filter(({ kind }) => EVENT_KINDS.has(kind))) {
        for (const finding of verdict.findings) {
          const news = newsOf(verdict, finding);
          next.set(`${ownerOf(news)} ${news.reason} ${news.note}`, news);
        }
      }
      wanted = next;
    },
    next(now) {
      expire(now);
      if (recorded.size >= MAX_CLUSTER_EVENTS) return undefined;
      const byOwner = new Map<string, number>();
      for (const { owner } of recorded.values()) byOwner.set(owner, (byOwner.get(owner) ?? 0) + 1);
      for (const [key, news] of wanted) {
        const owner = ownerOf(news);
        if (recorded.has(key) || (byOwner.get(owner) ?? 0) >= MAX_OBJECT_EVENTS) continue;
        return {
          run: () => writer.record(cluster, { ...news, at: now }),
          settle: (outcome) => settle(key, owner, outcome, now),
        };
      }
      return undefined;
    },
  };
}

function newsOf({ kind, namespace, name }: ObjectVerdict, { code, message, suggestion }: Finding): News {
  const reason = code.replace(/(?:^|-)([a-z])/g, (_, letter: string) => letter.toUpperCase());
  const note = suggestion === undefined ? message : `${message} (${suggestion})`;
  return { object: { kind, namespace, name }, reason, note };
}

function ownerOf({ object: { kind, namespace, name } }: News): string {
  return `${kind} ${namespace}/${name}`;
}
