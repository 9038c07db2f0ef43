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
/** Longest wait for a whole request, in ms; less than for its answer, so that a slow one is told what it is. */
export const REQUEST_TIMEOUT_MS = 8_000;
/** Longest silence on a connection within a request or an answer, in ms. */
export const SOCKET_TIMEOUT_MS = 15_000;
/** Longest idle time between two requests of a connection, in ms. */
export const KEEP_ALIVE_MS = 10_000;
/** How often the waits above are looked at, in ms. */
export const TIMEOUT_CHECK_MS = 1_000;
/** Longest time for an answer to be made, in ms; then 503. */
export const HANDLER_TIMEOUT_MS = 10_000;
/** How long requests under way may take when the server closes, and the last word of a stream of events to its reader, in ms; then their connections are cut. */
export const CLOSE_GRACE_MS = 1_000;
/** Most requests in each `REQUEST_WINDOW_MS` of one client address (IPv6: one /64) without a right token or certificate, and of each who has one from one address. `/healthz` and `/readyz` are not counted. */
export const REQUESTS_PER_SECOND = 100;
/** The window of requests, in ms. */
export const REQUEST_WINDOW_MS = 1_000;
/** Most refused credentials of one client address in each window; what is over it is answered with 429. */
export const REFUSALS_PER_WINDOW = 10;
/** The window of refused credentials, in ms. */
export const REFUSAL_WINDOW_MS = 10_000;
/** Most entries in the audit, in each `REFUSAL_ENTRIES_MS`, of requests to change something that were refused before they were looked at as orders: of all strangers together, and of each who is known. */
export const MAX_REFUSAL_ENTRIES = 10;
/** How long refusals without an entry of their own are summed up, in ms. */
export const REFUSAL_ENTRIES_MS = 60_000;
/** Longest path in such an entry, in characters. */
export const MAX_REFUSED_PATH = 300;
/** Client addresses, or callers at addresses, that one limit counts at once; the longest unused is forgotten. */
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
/** How often the token file is looked at, in ms. */
export const TOKEN_CHECK_MS = 1_000;
/** Most monitors that one token is bound to. */
export const MAX_TOKEN_MONITORS = 64;
/** Most results of one monitor that are taken in each second, whoever pushes them. */
export const PUSHES_PER_SECOND = 10;
/** Shortest token, in characters: below it, guessing is feasible. */
export const MIN_TOKEN = 20;
/** Longest token, in characters. */
export const MAX_TOKEN = 512;
/** Most streams of events at once. */
export const MAX_EVENT_STREAMS = 32;
/** Events that are read for a stream at once. */
export const EVENT_BATCH = 100;
/** How often a stream is given a sign of life, in ms. */
export const HEARTBEAT_MS = 10_000;
/** How long the reader of a stream may take nothing before he is cut, in ms. */
export const STALLED_MS = 20_000;
/** Longest life of a stream, in ms: who was let in once is looked at again. */
export const MAX_STREAM_MS = 3_600_000;
/** When a reader should come back after a stream ended, in ms. */
export const RECONNECT_MS = 3_000;
/** Most events that are looked at for the list of recent ones. */
export const MAX_RECENT_EVENTS = 10_000;
/** Longest `Idempotency-Key`, in characters. */
export const MAX_IDEMPOTENCY_KEY = 255;
/** How long the answer to a request with an `Idempotency-Key` is kept, in ms. */
export const ANSWER_KEPT_MS = 86_400_000;
/** Most answers that are kept; the oldest make room. */
export const MAX_KEPT_ANSWERS = 1_000;
/** Most that the kept answers take up together, in octets; the oldest make room. */
export const MAX_KEPT_ANSWER_OCTETS = 8 * 1024 * 1024;
/** Most requests with an `Idempotency-Key` under way at once. */
export const MAX_KEYS_UNDER_WAY = 256;
/** Most entity tags in one `If-Match` or `If-None-Match`. */
export const MAX_ENTITY_TAGS = 32;
/** How often the files of the server's certificate are looked at, in ms. */
export const TLS_CHECK_MS = 1_000;
/** Largest certificate, key or authority file, in octets. */
export const TLS_FILE_LIMIT = 1024 * 1024;
/** Longest TLS handshake, in ms. */
export const HANDSHAKE_TIMEOUT_MS = 5_000;
/** From one line about refused addresses in the log to the next, in ms. */
export const ADDRESS_LOG_MS = 10_000;
