import type { Finding } from './finding.ts';
import type { GatewayApiObject } from './gateway-api/objects.ts';

/** Something that is to be the same in all clusters, such as the version of a kind: `what` it is and its `value`. */
export type Fact = { readonly what: string; readonly value: string };

/**
 * One source's whole view of one cluster. A source always hands over whole pictures, never differences, so that a lost
 * event cannot leave a stale object behind.
 *
 * A source translates each raw object once, when it arrives (`readObject`), and drops the raw value. What did not change
 * should be the very same: an object that is the same in two pictures costs nothing, and a picture whose `objects` are the
 * same list costs nothing at all. Objects of the same content may be one (parents, annotations, hostnames, labels): they
 * are frozen.
 */
export type Picture = {
  readonly cluster: string;
  /** Frozen, in any order. Of two with the same kind and name the first by file and line counts; that is a finding. */
  readonly objects: readonly GatewayApiObject[];
  /** What the source itself noticed (unreadable files and the like), and what `readObject` found. */
  readonly findings: readonly Finding[];
  /** What the cluster itself is like, as far as the source can tell; each `what` once. The same list while it is the same. */
  readonly about?: readonly Fact[];
  /** The cloud region that most of the cluster's nodes are in, where the source was asked for it. */
  readonly region?: string;
};
