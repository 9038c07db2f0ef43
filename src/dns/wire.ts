/** The numbers of the DNS message format (RFC 1035 §4, IANA DNS parameters) and big-endian access to it. */

/** Octets of the header (RFC 1035 §4.1.1). */
export const HEADER_OCTETS = 12;
/** Octets of the longest label, without its length octet (RFC 1035 §2.3.4). */
export const MAX_LABEL_OCTETS = 63;
/** Octets of the longest name, with the length octets and the root (RFC 1035 §2.3.4). */
export const MAX_NAME_OCTETS = 255;
/** Octets of a UDP message that every client takes (RFC 1035 §4.2.1). */
export const MIN_UDP_OCTETS = 512;
/** Octets of the longest message: the length before it has 16 bits (RFC 1035 §4.2.2). */
export const MAX_MESSAGE_OCTETS = 65_535;

/** OPCODEs that are told apart (RFC 1035 §4.1.1, RFC 1996, RFC 2136). */
export const OPCODE = { query: 0, notify: 4, update: 5 } as const;

/** RCODEs that are sent, with the extended ones of RFC 6891 §9 and RFC 8945 §3. */
export const RCODE = {
  noError: 0,
  formErr: 1,
  servFail: 2,
  nxDomain: 3,
  notImp: 4,
  refused: 5,
  notAuth: 9,
  badVers: 16,
  badKey: 17,
  badCookie: 23,
} as const;

/** TYPEs that the wire code treats apart; all others are the answer table's. */
export const TYPE = {
  soa: 6,
  txt: 16,
  opt: 41,
  nxname: 128,
  tkey: 249,
  tsig: 250,
  ixfr: 251,
  axfr: 252,
  mailb: 253,
  maila: 254,
  any: 255,
} as const;

/** CLASSes that are told apart (RFC 1035 §3.2.4 and §3.2.5). */
export const CLASS = { internet: 1, chaos: 3, any: 255 } as const;

/** EDNS option codes that are understood; all others are ignored (RFC 6891 §6.1.2). */
export const OPTION = { nsid: 3, clientSubnet: 8, cookie: 10, tcpKeepalive: 11, extendedError: 15 } as const;

/** Unsigned 16 bits at `at`; octets beyond the end count as 0. */
export function read16(octets: Uint8Array, at: number): number {
  return (octets[at]! << 8) | octets[at + 1]!;
}

/** Unsigned 32 bits at `at`; octets beyond the end count as 0. */
export function read32(octets: Uint8Array, at: number): number {
  return readWord(octets, at) >>> 0;
}

/** The same, signed: V8 keeps such a number without allocating, wherever it goes. */
export function readWord(octets: Uint8Array, at: number): number {
  return (read16(octets, at) << 16) | read16(octets, at + 2);
}

/** Writes 16 bits and returns the offset behind them. */
export function write16(octets: Uint8Array, at: number, value: number): number {
  octets[at] = value >>> 8;
  octets[at + 1] = value;
  return at + 2;
}

/** Writes 32 bits and returns the offset behind them. */
export function write32(octets: Uint8Array, at: number, value: number): number {
  return write16(octets, write16(octets, at, value >>> 16), value & 0xffff);
}

/** Copies `from[start, end)` to `to` at `at` and returns the offset behind; short runs, without a view. */
export function copyOctets(from: Uint8Array, start: number, end: number, to: Uint8Array, at: number): number {
  let target = at;
  for (let i = start; i < end; i++) to[target++] = from[i]!;
  return target;
}
