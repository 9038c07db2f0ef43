import type { AnswerTable } from '../core/snapshot/answer-table.ts';
import { MAX_IDENTITY_OCTETS } from './chaos.ts';
import { type Cookies, createCookies } from './cookie.ts';
import type { DnsCounting } from './counts-block.ts';
import { MIN_UDP_OCTETS } from './wire.ts';

/** Octets: larger UDP answers than this would be cut into fragments everywhere (RFC 9715 §3). */
export const MAX_UDP_OCTETS = 4096;

/** Cache lines have so many octets on all machines that matter. */
const CACHE_LINE_OCTETS = 64;

/**
 * Octets of a UDP query that we take, and of a slot for one: what we tell clients (RFC 6891 §6.2.3), up to an odd number
 * of cache lines, so that the heads of neighbouring slots do not all fall into one set of the cache.
 */
export function udpSlotOctets(udpSize: number): number {
  const lines = Math.ceil(udpSize / CACHE_LINE_OCTETS);
  return (lines | 1) * CACHE_LINE_OCTETS;
}

/** What a responder needs to know. */
export type ResponderOptions = {
  /** What is said now; asked once for each query. */
  readonly table: () => AnswerTable;
  readonly counting: DnsCounting;
  /** Longest UDP answer in octets, also told to clients: 512–4096, usually 1232 (RFC 9715). */
  readonly udpSize: number;
  /** Name of this server for NSID and `id.server`, at most 64 octets in UTF-8; '' tells nobody. */
  readonly identity: string;
  /** 16 octets for the DNS cookies; the same on all servers of one address (RFC 9018 §3). */
  readonly cookieSecret: Uint8Array;
  /** How long a TCP connection may be idle, in ms; told to clients that ask (RFC 7828). */
  readonly tcpIdleMs: number;
  /** Ms since the epoch. Asked only for queries with a cookie. */
  readonly now: () => number;
  /** Where the even spread of weighted answers starts: 32 bits, random in production. */
  readonly diceStart: number;
};

/** The options made ready for the steps. */
export type ResponderSettings = {
  readonly udpSize: number;
  readonly identity: Uint8Array;
  readonly cookies: Cookies;
  readonly nowSeconds: () => number;
  /** In 100 ms units, as RFC 7828 §3.1 sends it. */
  readonly keepalive: number;
};

/** Checks the options. Throws a RangeError where one is out of its bounds. */
export function settle(options: ResponderOptions): ResponderSettings {
  const { udpSize, now } = options;
  if (!(udpSize >= MIN_UDP_OCTETS && udpSize <= MAX_UDP_OCTETS)) {
    throw new RangeError(`udpSize is ${udpSize}, not ${MIN_UDP_OCTETS}–${MAX_UDP_OCTETS}`);
  }
  const identity = new TextEncoder().encode(options.identity);
  if (identity.length > MAX_IDENTITY_OCTETS) {
    throw new RangeError(`the identity has ${identity.length} octets, over ${MAX_IDENTITY_OCTETS}`);
  }
  return {
    udpSize,
    identity,
    cookies: createCookies(options.cookieSecret),
    nowSeconds: () => Math.floor(now() / 1000),
    keepalive: Math.min(Math.floor(options.tcpIdleMs / 100), 0xffff),
  };
}
