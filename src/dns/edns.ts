import type { Exchange } from './exchange.ts';
import { copyOctets, MIN_UDP_OCTETS, TYPE, write16 } from './wire.ts';

/** OPTION-CODE and OPTION-LENGTH (RFC 6891 §6.1.2). */
export const OPTION_HEADER_OCTETS = 4;
/** Owner, type, class, TTL and RDLENGTH of an OPT without options. */
export const OPT_OCTETS = 11;

/** Octets that a UDP response to this query may have; sizes below 512 count as 512 (RFC 6891 §6.2.3). */
export function udpLimit(exchange: Exchange, ourSize: number): number {
  if (exchange.edns.state === 'absent') return MIN_UDP_OCTETS;
  return Math.min(Math.max(exchange.edns.udpSize, MIN_UDP_OCTETS), ourSize);
}

/** Writes an OPT without options and returns the offset behind it. DO is copied (RFC 3225 §3), all else is zero. */
export function writeOpt(exchange: Exchange, at: number, ourSize: number): number {
  const { out } = exchange;
  out[at] = 0;
  let end = write16(out, at + 1, TYPE.opt);
  end = write16(out, end, ourSize);
  out[end++] = exchange.rcode >>> 4;
  out[end++] = 0;
  end = write16(out, end, exchange.edns.dnssecOk ? 0x8000 : 0);
  return write16(out, end, 0);
}

/** Writes an option's header and returns the offset of its data. */
export function writeOptionHeader(out: Uint8Array, at: number, code: number, length: number): number {
  return write16(out, write16(out, at, code), length);
}

/** Writes a whole option whose data is at hand, and returns the offset behind it. */
export function writeOption(out: Uint8Array, at: number, code: number, data: Uint8Array): number {
  return copyOctets(data, 0, data.length, out, writeOptionHeader(out, at, code, data.length));
}
