import type { ObjectVerdict } from '../core/desired/object-verdicts.ts';
import type { ClusterObject, ClusterWriter } from '../core/ports.ts';
import type { Job } from './lane.ts';
import { MAX_PENDING_STATUSES, MIN_SCAN_INTERVAL_MS, STRAY_MS } from './limits.ts';
import { speaksOf, statusText } from './status-text.ts';
import { createWrittenStatuses } from './written-statuses.ts';

/** Knows which statuses of one cluster are to be written. */
export type StatusDesk = {
  /** Takes what is to stand in the cluster from now on. */
  want(verdicts: readonly ObjectVerdict[]): void;
  next(now: number): Job | undefined;
  /** Objects whose status somebody else keeps writing over. */
  contested(): readonly ClusterObject[];
};

/** What a desk works with. */
export type StatusDeskOptions = {
  readonly cluster: string;
  readonly writer: Pick<ClusterWriter, 'seenStatus' | 'statuses' | 'annotate'>;
  /** Apexes of our zones: statuses of other directors stay. */
  readonly apexes: readonly string[];
};

/** An object and what is to stand on it; undefined for nothing. */
type Wanted = { readonly key: string; readonly object: ClusterObject; readonly status: string | undefined };

/** Something that stands on an object of which nothing is to be said; since when it is known, in ms since the epoch. */
type Stray = { readonly one: Wanted; readonly since: number };

/** On these a status is written. A ListenerSet has none: what is asked for through it is on its Gateway and its Routes. */
export const STATUS_KINDS: ReadonlySet<string> = new Set([
  'Gateway',
  'HTTPRoute',
  'GRPCRoute',
  'TLSRoute',
  'TCPRoute',
  'UDPRoute',
]);

/**
 * What stands in the cluster is compared with what is to stand there, so that nothing is queued that is no longer true, and
 * nothing is written that another director wrote already.
 */
export function createStatusDesk({ cluster, writer, apexes }: StatusDeskOptions): StatusDesk {
  const written = createWrittenStatuses();
  let wanted: ReadonlyMap<string, Wanted> = new Map();
  let strays: ReadonlyMap<string, Stray> = new Map();
  let pending: Wanted[] = [];
  let scannedAt = Number.NEGATIVE_INFINITY;

  function isDue({ key, object, status }: Wanted, now: number): boolean {
    const seen = writer.seenStatus(cluster, object);
    if (seen.state === 'unseen') return false;
    if (seen.status === status) {
      written.stands(key, now);
      return false;
    }
    // Where nothing is to stand, what others wrote of their zones may.
    const isOurs = seen.status === written.last(key)?.status || speaksOf(seen.status ?? '', apexes);
    return (status !== undefined || isOurs) && written.mayHave(key, status, now);
  }

  /** All that is due. */
  function scan(now: number): readonly Wanted[] {
    const standing = writer.statuses(cluster).map((object) => ({ key: keyOf(object), object, status: undefined }));
    const found = standing.filter(({ key }) => !wanted.has(key));
    strays = new Map(found.map((one) => [one.key, strays.get(one.key) ?? { one, since: now }]));
    const settled = [...strays.values()].filter(({ since }) => Math.abs(now - since) >= STRAY_MS);
    return [...wanted.values(), ...settled.map(({ one }) => one)].filter((one) => isDue(one, now));
  }

  return {
    want(verdicts) {
      const next = verdicts.filter(({ kind }) => STATUS_KINDS.has(kind)).map(wantedOf);
      wanted = new Map(next.map((one) => [one.key, one]));
      pending = [];
      scannedAt = Number.NEGATIVE_INFINITY;
      written.keep((key) => wanted.has(key) || strays.has(key));
    },
    next(now) {
      if (pending.length === 0 && Math.abs(now - scannedAt) >= MIN_SCAN_INTERVAL_MS) {
        scannedAt = now;
        // They are taken from the end.
        pending = scan(now).slice(0, MAX_PENDING_STATUSES).toReversed();
      }
      for (let one = pending.pop(); one !== undefined; one = pending.pop()) {
        if (!isDue(one, now)) continue;
        const { key, object, status } = one;
        return {
          run: () => writer.annotate(cluster, object, status),
          settle: (outcome) => written.note(key, status, outcome, now),
        };
      }
      return undefined;
    },
    contested: () => written.contested().flatMap((key) => wanted.get(key)?.object ?? []),
  };
}

function wantedOf(verdict: ObjectVerdict): Wanted {
  const { kind, namespace, name } = verdict;
  const object = { kind, namespace, name };
  return { key: keyOf(object), object, status: statusText(verdict) };
}

function keyOf({ kind, namespace, name }: ClusterObject): string {
  return `${kind} ${namespace}/${name}`;
}
