import { readSubnet } from './client-subnet.ts';
import { OPTION_HEADER_OCTETS } from './edns.ts';
import type { Exchange } from './exchange.ts';
import { OPTION, read16 } from './wire.ts';

/** A client cookie (RFC 7873 §4). */
const CLIENT_COOKIE_OCTETS = 8;
/** Shortest client and server cookie together, in octets (RFC 7873 §4). */
const MIN_COOKIE_OCTETS = 16;
/** Longest client and server cookie together, in octets (RFC 7873 §4). */
const MAX_COOKIE_OCTETS = 40;

/**
 * Reads the options of a good OPT of version 0. Returns false where an option is malformed: FORMERR (RFC 6891 §7). The
 * first of several equal options counts; unknown ones are ignored (§6.1.2).
 */
export function readOptions(exchange: Exchange): boolean {
  const { edns, options, query } = exchange;
  let at = edns.start;
  while (at < edns.end) {
    if (at + OPTION_HEADER_OCTETS > edns.end) return false;
    const code = read16(query, at);
    const length = read16(query, at + 2);
    const data = at + OPTION_HEADER_OCTETS;
    at = data + length;
    if (at > edns.end) return false;
    if (code === OPTION.clientSubnet) {
      if (!readSubnet(exchange, data, length)) return false;
    } else if (code === OPTION.cookie) {
      if (!isCookieLength(length)) return false;
      if (options.cookie === 0) {
        options.cookie = data;
        options.cookieLength = length;
      }
    } else if (code === OPTION.nsid) options.nsid = true;
    else if (code === OPTION.tcpKeepalive) options.keepalive = true;
  }
  return true;
}

/** RFC 7873 §5.2.2: a client cookie alone, or with a server cookie of 8 to 32 octets. */
function isCookieLength(length: number): boolean {
  return length === CLIENT_COOKIE_OCTETS || (length >= MIN_COOKIE_OCTETS && length <= MAX_COOKIE_OCTETS);
}
