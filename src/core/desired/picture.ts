import type { Finding, Origin } from './finding.ts';

/** One object of a cluster as its source read it: unchecked, with the place it came from. */
export type SourceObject = { readonly origin: Origin; readonly value: unknown };

/**
 * One source's whole view of one cluster. A source always hands over whole pictures, never differences, so that a lost
 * event cannot leave a stale object behind.
 */
export type Picture = {
  readonly cluster: string;
  readonly objects: readonly SourceObject[];
  /** What the source itself noticed (unreadable files and the like). */
  readonly findings: readonly Finding[];
};
