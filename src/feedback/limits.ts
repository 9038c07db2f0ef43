/** How long changes of the model are collected before it is looked at what they mean for the clusters, in ms. */
export const REVIEW_MS = 3000;
/** Pause between two parts of that, in ms: others have their turn. */
export const REVIEW_PART_MS = 5;
/** Time from one write into a cluster to the next, in ms. */
export const WRITE_INTERVAL_MS = 200;
/** How often it is looked whether what we wrote still stands, in ms. */
export const RECHECK_MS = 30_000;
/** First pause after a cluster did not take a write, in ms; it doubles each time. */
export const MIN_PAUSE_MS = 2000;
/** Longest pause after a cluster did not take a write, in ms. */
export const MAX_PAUSE_MS = 300_000;
/** How often it is looked which statuses of a cluster are to be written, in ms. */
export const MIN_SCAN_INTERVAL_MS = 5000;
/** How long a status may stand of which we know no object before it is taken away, in ms: we may be late, not it. */
export const STRAY_MS = 60_000;
/** Shortest time from one status of an object to the next, in ms; it doubles while somebody else writes another one. */
export const MIN_STATUS_INTERVAL_MS = 10_000;
/** Longest time until a status that somebody else wrote over is written again, in ms: an hour. */
export const MAX_STATUS_INTERVAL_MS = 3_600_000;
/** A status that stood for so long is no longer contested, in ms: twice the longest interval. */
export const STATUS_CALM_MS = 7_200_000;
/** Writes of one status that others wrote over before it counts as contested. */
export const MAX_OVERWRITES = 3;
/** Most statuses of one cluster that wait to be written; the rest is found again when these are. */
export const MAX_PENDING_STATUSES = 1000;
/** Most hostnames that a status names; the others are counted. */
export const MAX_STATUS_HOSTNAMES = 10;
/** Longest status, in characters. */
export const MAX_STATUS_LENGTH = 2000;
/** An Event that still holds is counted on this often, in ms: Kubernetes forgets Events after an hour. */
export const EVENT_SERIES_MS = 1_800_000;
/** Most different Events on one object within `EVENT_SERIES_MS`. */
export const MAX_OBJECT_EVENTS = 5;
/** Most different Events in one cluster within `EVENT_SERIES_MS`. */
export const MAX_CLUSTER_EVENTS = 500;
