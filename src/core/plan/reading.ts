/** What one world says to one class of clients of a hostname: read from its answer table. */
import type { Hostname } from '../desired/model.ts';
import { candidatesOf } from '../snapshot/candidates.ts';
import { NONE } from '../snapshot/layout.ts';
import { readSaid, type Said, startsOf } from '../snapshot/said.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import type { Candidate, DecisionReason } from '../steering/decision.ts';

/** Stands for the addresses of the last resort, which are of no cluster. No cluster has this name. */
export const OWN_ADDRESSES = '';

/** One cluster that answers start with. `share`: fraction (0–1) of the answers; they sum up to 1. */
type Start = { readonly cluster: string; readonly share: number };

/** One answer of a hostname. Without starts it names nobody. */
export type Reading = {
  readonly reason: DecisionReason | 'not-served';
  /** Seconds. */
  readonly ttl: number;
  readonly starts: readonly Start[];
  readonly said: Said;
  readonly hostname: Hostname | undefined;
};

/** Reads the answers of one hostname: by the order of the clients. */
export type Reader = {
  readonly hostname: Hostname | undefined;
  readonly candidates: readonly Candidate[];
  readonly read: (order: number) => Reading;
};

const NOTHING_SAID: Said = Object.freeze({ reason: 'nobody', ttl: 0, answers: 0, choices: [], buckets: [] });

const NOT_SERVED: Reader = {
  hostname: undefined,
  candidates: [],
  read: () => ({ reason: 'not-served', ttl: 0, starts: [], said: NOTHING_SAID, hostname: undefined }),
};

/** A reader of the hostname with this index in the model; NONE: a hostname that is not served. */
export function createReader(snapshot: Snapshot, target: number): Reader {
  const hostname = snapshot.model.hostnames[target];
  if (target === NONE || hostname === undefined) return NOT_SERVED;
  const { table } = snapshot;
  const read = (order: number): Reading => {
    const said = readSaid(table, target, order);
    return { reason: said.reason, ttl: said.ttl, starts: clustersOf(said, hostname), said, hostname };
  };
  return { hostname, candidates: candidatesOf(snapshot, target), read };
}

function clustersOf(said: Said, { endpoints }: Hostname): readonly Start[] {
  return startsOf(said).map(({ candidate, share }) => {
    return { cluster: endpoints[candidate]?.cluster ?? OWN_ADDRESSES, share };
  });
}

/** Fraction (0–1) of these clients that start at another cluster than before, or at one where there was none. */
export function movedBetween(before: Reading, after: Reading): number {
  const [old, next] = [before.said.buckets, after.said.buckets];
  const isWhole = before.said.aside === undefined && after.said.aside === undefined;
  if (isWhole && old.length > 0 && old.length === next.length) {
    const moved = old.filter((choice, bucket) => ownerOf(before, choice) !== ownerOf(after, next[bucket] ?? NONE));
    return moved.length / old.length;
  }
  if (before.starts.length === 0) return after.starts.length === 0 ? 0 : 1;
  // Not what is kept, taken from 1: equal shares must make nothing, and a sum of thirds is not 1.
  const clusters = new Set(before.starts.map(({ cluster }) => cluster));
  let moved = 0;
  for (const cluster of clusters) moved += Math.max(0, shareOf(before, cluster) - shareOf(after, cluster));
  return moved;
}

function shareOf({ starts }: Reading, cluster: string): number {
  return starts.reduce((sum, start) => (start.cluster === cluster ? sum + start.share : sum), 0);
}

function ownerOf({ said, hostname }: Reading, choice: number): string {
  return hostname?.endpoints[said.choices[choice]?.candidates[0] ?? NONE]?.cluster ?? OWN_ADDRESSES;
}

/** Whether the two say the same addresses with the same chances; a TTL may differ. */
export function isSameAnswer(before: Reading, after: Reading): boolean {
  const [old, next] = [before.said, after.said];
  if (old.answers !== next.answers || old.aside?.percent !== next.aside?.percent) return false;
  const groups = [
    [old.choices, next.choices],
    [old.aside?.choices ?? [], next.aside?.choices ?? []],
  ] as const;
  return groups.every(([ours, theirs]) => {
    const isAlike = ({ candidates }: Said['choices'][number], rank: number): boolean => {
      const others = theirs[rank]?.candidates ?? [];
      const isSame = (candidate: number, index: number): boolean =>
        addressOf(before, candidate) === addressOf(after, others[index] ?? NONE);
      return candidates.length === others.length && candidates.every(isSame);
    };
    return ours.length === theirs.length && ours.every(isAlike);
  });
}

/** The address of a candidate; those of the last resort stand behind the endpoints. */
function addressOf({ hostname }: Reading, candidate: number): string | undefined {
  if (hostname === undefined) return undefined;
  const { endpoints, policy } = hostname;
  if (candidate < endpoints.length) return endpoints[candidate]?.address;
  const { lastResort } = policy;
  return lastResort.kind === 'addresses' ? lastResort.addresses[candidate - endpoints.length] : undefined;
}
