import type { Origin } from './finding.ts';

/** Where the objects of a live cluster come from: all of them share it, so that a finding's cluster can be told. */
export function liveOrigin(cluster: string): Origin {
  return Object.freeze({ file: `cluster ${cluster}` });
}
