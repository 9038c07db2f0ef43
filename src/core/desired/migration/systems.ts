/** The systems whose annotations can be read, in the order in which they are asked. */
export const SYSTEMS = ['external-dns', 'k8gb', 'kuadrant'] as const;

/** A system whose annotations can be read. */
export type System = (typeof SYSTEMS)[number];

/** What to read of other systems while one moves over from them. */
export type Migration = {
  readonly read: readonly System[];
  /** What external-dns was given as `--annotation-prefix`, with its slash. It is asked before external-dns's own two. */
  readonly externalDnsPrefix?: string;
  /** k8gb's geotags and the clusters they stand for; a geotag that is the name of a cluster needs no entry. */
  readonly geotags: Readonly<Record<string, string>>;
};
