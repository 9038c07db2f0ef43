/** A team: namespaces over several clusters, and the hostnames that only objects in them may ask for. */
export type TeamSpec = {
  readonly name: string;
  /** Names of namespaces; one `*` in each stands for any characters, or none. */
  readonly namespaces: readonly string[];
  /** Where the namespaces are the team's; everywhere where it is empty. */
  readonly clusters: readonly string[];
  /** Lower case, no final dot. What starts with `*.` stands for all names below, at any depth, and not for their parent. */
  readonly hostnames: readonly string[];
};

/** No team at all. */
export const NO_TEAMS: readonly TeamSpec[] = Object.freeze([]);
