/** Highest load that a plan takes, in requests per second. */
export const MAX_LOAD = 1e12;
/** Most hostnames in each list of a plan. */
export const MAX_LISTED_HOSTNAMES = 1_000;
/** Hostnames in each list of a plan where the caller has no wish. */
export const LISTED_HOSTNAMES = 10;
/** After this time a question counts half in the mix of questions, in ms: an hour. */
export const MIX_HALF_LIFE_MS = 3_600_000;
/** Below this share of the clients now, a cluster's load says nothing of what more clients would bring. */
export const MIN_MEASURED_SHARE = 0.001;
