/** How one hostname is served in two worlds. Hostnames with the same rows in both answer tables have the same outcome. */
import { contains, EVERYWHERE, isRestricted } from '../desired/area.ts';
import type { Hostname } from '../desired/model.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import { chainOf } from '../steering/chain.ts';
import type { Candidate } from '../steering/decision.ts';
import { isUsable } from '../steering/drain-guard.ts';
import type { ClientClass, Pairing, TargetPair } from './pairing.ts';
import { createReader, isSameAnswer, movedBetween, type Reader, type Reading } from './reading.ts';

/**
 * What can be wrong with a hostname, the worst first. `residency-breach`: clients inside the residency area are sent outside:
 * a fault of Azimuth. `not-served`: no cluster asks for it. `no-cluster`: none is usable (neither down nor drained, and
 * ready). `residents-without-answer`: clients inside the residency area get nobody. `clients-without-answer`: any get nobody.
 * `last-resort`: it speaks for some clients. `one-cluster`: a single one is usable.
 */
export type Trouble =
  | 'residency-breach'
  | 'not-served'
  | 'no-cluster'
  | 'residents-without-answer'
  | 'clients-without-answer'
  | 'last-resort'
  | 'one-cluster';

/** Clusters by name: the usable ones, and those of them that are more than a standby: with a weight above 0, or all where none has one. */
type LeftClusters = { readonly usable: readonly string[]; readonly serving: readonly string[] };

/** A hostname in one world. Fractions (0–1) are of all clients; those of the shares and of nobody sum up to 1. */
export type Service = {
  /** By cluster; `OWN_ADDRESSES` for those of the last resort. */
  readonly shares: ReadonlyMap<string, number>;
  readonly nobody: number;
  /** Clusters that are usable. */
  readonly usable: number;
  readonly clusters: LeftClusters;
  readonly troubles: ReadonlySet<Trouble>;
};

/** What becomes of a hostname. */
export type Outcome = {
  readonly before: Service;
  readonly after: Service;
  /** Fraction (0–1) of all clients that start at another cluster than before. */
  readonly moved: number;
  /** Whether any answer says other addresses, or says them with other chances. */
  readonly answers: 'same' | 'other';
  /** Largest TTL of the answers that change, in seconds; 0 without any. */
  readonly ttl: number;
  /** Whether somebody was told that there is nothing and is told something now: resolvers keep that, too. */
  readonly negative: 'same' | 'other';
};

type Tally = Pick<Service, 'usable' | 'clusters'> & {
  shares: Map<string, number>;
  nobody: number;
  readonly troubles: Set<Trouble>;
};

/** Works out the outcome of the hostname at these indexes. */
export function outcomeOf(before: Snapshot, after: Snapshot, pairing: Pairing, pair: TargetPair): Outcome {
  const readers = { before: createReader(before, pair.before), after: createReader(after, pair.after) };
  const residency = (readers.after.hostname ?? readers.before.hostname)?.policy.residency ?? EVERYWHERE;
  const old = createTally(readers.before);
  const next = createTally(readers.after);
  const read = { before: readOnce(readers.before), after: readOnce(readers.after) };
  let [moved, ttl] = [0, 0];
  let answers: Outcome['answers'] = 'same';
  let negative: Outcome['negative'] = 'same';
  for (const each of pairing(pair, residency)) {
    const [was, is] = [read.before(each.before), read.after(each.after)];
    count(old, was, each);
    count(next, is, each);
    const shift = movedBetween(was, is);
    moved += shift * each.share;
    if (shift === 0 && isSameAnswer(was, is)) continue;
    answers = 'other';
    ttl = Math.max(ttl, was.ttl);
    if (was.starts.length === 0) negative = 'other';
  }
  return { before: old, after: next, moved, answers, ttl, negative };
}

/** Classes of two worlds cross: what one says is read once. */
function readOnce({ read }: Reader): (order: number) => Reading {
  const known = new Map<number, Reading>();
  return (order) => {
    const reading = known.get(order) ?? read(order);
    known.set(order, reading);
    return reading;
  };
}

function createTally({ hostname, candidates }: Reader): Tally {
  const clusters = leftOf(hostname, candidates.filter(isUsable));
  const usable = clusters.usable.length;
  const troubles = new Set<Trouble>();
  if (hostname === undefined) troubles.add('not-served');
  else if (usable === 0) troubles.add('no-cluster');
  else if (usable === 1) troubles.add('one-cluster');
  return { shares: new Map(), nobody: 0, usable, clusters, troubles };
}

/** Who is drained in part has a share still. A chain that does not set standbys apart gives each one a share. */
function leftOf(hostname: Hostname | undefined, usable: readonly Candidate[]): LeftClusters {
  const active = usable.filter(({ endpoint }) => endpoint.weight > 0);
  const areAlike = hostname === undefined || active.length === 0 || chainOf(hostname.policy).standbys === 'alike';
  return { usable: clustersAt(usable), serving: clustersAt(areAlike ? usable : active) };
}

function clustersAt(candidates: readonly Candidate[]): readonly string[] {
  return [...new Set(candidates.map(({ endpoint }) => endpoint.cluster))].toSorted();
}

function count(tally: Tally, reading: Reading, { residence, share }: ClientClass): void {
  const { shares, troubles } = tally;
  const { starts, reason, hostname } = reading;
  for (const start of starts) shares.set(start.cluster, (shares.get(start.cluster) ?? 0) + start.share * share);
  if (starts.length === 0) tally.nobody += share;
  if (hostname === undefined) return;
  if (reason === 'last-resort') troubles.add('last-resort');
  if (starts.length === 0) troubles.add('clients-without-answer');
  if (residence === 'outside') return;
  if (starts.length === 0) troubles.add('residents-without-answer');
  else if (leavesResidency(reading)) troubles.add('residency-breach');
}

/** Whether any cluster is said that lies outside; the last resort's own addresses lie nowhere that we know. */
function leavesResidency({ said, hostname }: Reading): boolean {
  if (hostname === undefined || !isRestricted(hostname.policy.residency)) return false;
  const { endpoints, policy } = hostname;
  return [...said.choices, ...(said.aside?.choices ?? [])].some(({ candidates }) =>
    candidates.some((index) => {
      const endpoint = endpoints[index];
      return endpoint !== undefined && !contains(policy.residency, endpoint.location);
    }),
  );
}
