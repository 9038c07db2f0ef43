import { writeOptionHeader } from './edns.ts';
import type { Exchange } from './exchange.ts';
import { createSipHash } from './siphash.ts';
import { copyOctets, OPTION, read32, write32 } from './wire.ts';

/** A server cookie that the query brought, judged by RFC 9018 §4.3. */
type CookieState = 'none' | 'fresh' | 'ageing' | 'invalid';

const CLIENT_OCTETS = 8;
/** Version, reserved and timestamp before the hash (RFC 9018 §4). */
const PREFIX_OCTETS = 8;
/** RFC 9018 §4: client cookie and a version 1 server cookie. */
const COOKIE_OCTETS = 24;
const VERSION = 1;

/** RFC 9018 §4.3: a cookie older than this gets a successor, in seconds. */
const COOKIE_RENEW_SECONDS = 1800;
/** RFC 9018 §4.3: how long a cookie is good, in seconds. */
const COOKIE_VALID_SECONDS = 3600;
/** RFC 9018 §4.3: how far ahead another server's clock may be, in seconds. */
const COOKIE_FUTURE_SECONDS = 300;

/** Octets of the whole option in a response. */
export const COOKIE_OPTION_OCTETS = 4 + COOKIE_OCTETS;

/** Makes and checks the interoperable cookies of RFC 9018. */
export type Cookies = {
  judge(exchange: Exchange, nowSeconds: number): CookieState;
  /** Writes the option with a server cookie that is good for this client; returns the offset behind it. */
  write(exchange: Exchange, at: number, nowSeconds: number): number;
};

/** Cookies under one secret of 16 octets, which all servers of one address share (RFC 9018 §3). */
export function createCookies(secret: Uint8Array): Cookies {
  const hash = createSipHash(secret);
  // Client cookie | version | reserved | timestamp | client address (RFC 9018 §4.4).
  const input = new Uint8Array(CLIENT_OCTETS + PREFIX_OCTETS + 16);
  const digest = new Uint8Array(8);

  const hashInto = (exchange: Exchange, out: Uint8Array, at: number): void => {
    const { family, octets } = exchange.client;
    const end = copyOctets(octets, 0, family === 4 ? 4 : 16, input, CLIENT_OCTETS + PREFIX_OCTETS);
    hash(input, end, out, at);
  };

  const judge = (exchange: Exchange, nowSeconds: number): CookieState => {
    const { query, options } = exchange;
    const { cookie, cookieLength } = options;
    if (cookie === 0 || cookieLength === CLIENT_OCTETS) return 'none';
    if (cookieLength !== COOKIE_OCTETS || query[cookie + CLIENT_OCTETS] !== VERSION) return 'invalid';
    // RFC 1982 arithmetic: the 32 bits may wrap.
    const age = (nowSeconds - read32(query, cookie + CLIENT_OCTETS + 4)) | 0;
    if (age > COOKIE_VALID_SECONDS || age < -COOKIE_FUTURE_SECONDS) return 'invalid';
    copyOctets(query, cookie, cookie + CLIENT_OCTETS + PREFIX_OCTETS, input, 0);
    hashInto(exchange, digest, 0);
    let difference = 0;
    for (let i = 0; i < 8; i++) {
      difference |= (digest[i] ?? 0) ^ (query[cookie + CLIENT_OCTETS + PREFIX_OCTETS + i] ?? 0);
    }
    if (difference !== 0) return 'invalid';
    return age < COOKIE_RENEW_SECONDS ? 'fresh' : 'ageing';
  };

  const write = (exchange: Exchange, at: number, nowSeconds: number): number => {
    const { query, out, options } = exchange;
    const data = writeOptionHeader(out, at, OPTION.cookie, COOKIE_OCTETS);
    const { cookie } = options;
    if (judge(exchange, nowSeconds) === 'fresh') return copyOctets(query, cookie, cookie + COOKIE_OCTETS, out, data);
    copyOctets(query, cookie, cookie + CLIENT_OCTETS, input, 0);
    write32(input, CLIENT_OCTETS, VERSION << 24);
    write32(input, CLIENT_OCTETS + 4, nowSeconds);
    const end = copyOctets(input, 0, CLIENT_OCTETS + PREFIX_OCTETS, out, data);
    hashInto(exchange, out, end);
    return data + COOKIE_OCTETS;
  };

  return { judge, write };
}
