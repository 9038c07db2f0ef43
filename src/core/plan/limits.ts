/** Highest load that a plan takes, in requests per second. */
export const MAX_LOAD = 1e12;
/** Most hostnames in each list of a plan. */
export const MAX_LISTED_HOSTNAMES = 1_000;
/** Hostnames in each list of a plan where the caller has no wish. */
export const LISTED_HOSTNAMES = 10;
