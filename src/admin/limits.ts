/** Bounds of the admin server. Whoever can reach the port can cost the process this much and no more. */

/** Largest request body, in octets. */
export const BODY_LIMIT = 16 * 1024;
/** Largest request head (request line and headers together), in octets. */
export const HEAD_LIMIT = 8 * 1024;
/** Most headers of one request; those behind are ignored. */
export const MAX_HEADERS = 64;
/** Longest name in a path, in characters: a domain name of 255 octets with every octet as `\DDD`. */
export const MAX_PATH_NAME = 1020;
/** Most connections open at once. */
export const MAX_CONNECTIONS = 256;
/** Longest wait for a whole request head, in ms. */
export const HEAD_TIMEOUT_MS = 5_000;
/** Longest wait for a whole request, in ms. */
export const REQUEST_TIMEOUT_MS = 10_000;
/** Longest silence on a connection within a request or an answer, in ms. */
export const SOCKET_TIMEOUT_MS = 15_000;
/** Longest idle time between two requests of a connection, in ms. */
export const KEEP_ALIVE_MS = 10_000;
/** How often the waits above are looked at, in ms. */
export const TIMEOUT_CHECK_MS = 1_000;
/** Longest time for an answer to be made, in ms; then 503. */
export const HANDLER_TIMEOUT_MS = 10_000;
/** How long requests under way may take when the server closes, in ms; then their connections are cut. */
export const CLOSE_GRACE_MS = 1_000;
/** Most requests of one client address (IPv6: one /64) in each second. */
export const REQUESTS_PER_SECOND = 100;
/** Most refused credentials of one client address in each window; what is over it is answered with 429. */
export const REFUSALS_PER_WINDOW = 10;
/** The window of refused credentials, in ms. */
export const REFUSAL_WINDOW_MS = 10_000;
/** Client addresses that are counted at once; the longest unused is forgotten. */
export const COUNTED_ADDRESSES = 5_000;
/** Most items of one page. */
export const PAGE_LIMIT = 1_000;
/** Items of one page where the caller has no wish. */
export const PAGE_DEFAULT = 100;
/** Most hostnames that the shares of a cluster are summed over; of more, as many evenly picked ones stand for all. */
export const SHARE_SAMPLE = 10_000;
/** Longest reason of a drain, in characters. */
export const MAX_REASON = 500;
/** Longest identity of a monitor, in characters: all of its settings are in it. */
export const MAX_MONITOR_ID = 4096;
/** Largest token file, in octets. */
export const TOKEN_FILE_LIMIT = 64 * 1024;
/** Most tokens. */
export const MAX_TOKENS = 256;
/** Most monitors that one token is bound to. */
export const MAX_TOKEN_MONITORS = 64;
/** Most results of one monitor that are taken in each second, whoever pushes them. */
export const PUSHES_PER_SECOND = 10;
/** Shortest token, in characters: below it, guessing is feasible. */
export const MIN_TOKEN = 20;
/** Longest token, in characters. */
export const MAX_TOKEN = 512;
