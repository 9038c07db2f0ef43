import type { Origin } from './finding.ts';

/** Where the objects of a live cluster come from: all of them share it, so that a finding's cluster can be told. */
export function liveOrigin(cluster: string): Origin {
  return Object.freeze({ file: `cluster ${cluster}` });
}

/** The cluster that such an origin is of; undefined where it is of none. */
export function clusterOfOrigin(file: string): string | undefined {
  return /^cluster ([a-z0-9][-a-z0-9]{0,62})$/.exec(file)?.[1];
}
