/** Most names that are resolved; the ones behind them are not. */
export const MAX_NAMES = 2000;
/** Most addresses of one name that are used. */
export const MAX_NAME_ADDRESSES = 16;
/** Names that are looked up at the same time. */
export const MAX_LOOKUPS = 16;
/** Shortest time from one lookup of a name to the next, in s, whatever its TTL says. */
export const MIN_LOOKUP_S = 5;
/** Longest time from one lookup of a name to the next, in s, whatever its TTL says. */
export const MAX_LOOKUP_S = 3600;
/** After an answer with other addresses the name is looked up again within this time, in s: what is in neither goes. */
export const CONFIRM_S = 30;
/** First pause after a failed lookup, in s; it doubles each time. */
export const MIN_RETRY_S = 5;
/** Longest pause after failed lookups, in s. */
export const MAX_RETRY_S = 60;
/** How long one try of a lookup may take, in ms. */
export const TRY_TIMEOUT_MS = 2000;
/** Tries with each server. */
export const TRIES = 2;
/** How long a whole lookup may take, in ms. */
export const LOOKUP_TIMEOUT_MS = 8000;
