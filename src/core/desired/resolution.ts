import { type Address, parseAddress } from './address.ts';

/**
 * What is known of a name that a Gateway gives for its address. `resolved`: as of the last answer. `stale`: the last ones
 * stay, because it could not be resolved again. `failed`: it never could be.
 */
export type Resolution = {
  readonly state: 'resolved' | 'stale' | 'failed';
  /** Ordered texts, as `parseAddress` writes them; empty where it failed. */
  readonly addresses: readonly string[];
  /** Why it is not `resolved`, or what was left out of the answer. */
  readonly problem: string | undefined;
  /** When it was last resolved, in ms since the epoch, where it is `stale`. */
  readonly since: number | undefined;
};

/** All that is known, by name: lower case without final dot. A name that is not in it was not asked for yet. */
export type Resolutions = ReadonlyMap<string, Resolution>;

/**
 * Whether an address that a name led to may be answered and probed. Whoever writes the name chooses what we connect to:
 * this host, its links (where clouds keep their credentials) and groups are nobody's VIP.
 */
export function isPublicTarget({ family, octets }: Address): boolean {
  if (family === 4) return isPublic4(octets);
  const [a = 0, b = 0] = octets;
  const isMapped = octets.subarray(0, 10).every((octet) => octet === 0) && octets[10] === 0xff && octets[11] === 0xff;
  if (isMapped) return isPublic4(octets.subarray(12));
  // ::/96 holds the unspecified address, loopback and IPv4-compatible addresses (RFC 4291 §2.5); then fe80::/10, ff00::/8.
  const isLow = octets.subarray(0, 12).every((octet) => octet === 0);
  return !isLow && !(a === 0xfe && (b & 0xc0) === 0x80) && a !== 0xff;
}

/** Not 0/8, 127/8, 169.254/16 (RFC 6890), nor multicast and reserved 224/3. */
function isPublic4([a = 0, b = 0]: Uint8Array): boolean {
  return a !== 0 && a !== 127 && !(a === 169 && b === 254) && a < 224;
}

/** The addresses of texts; what is none is left out. */
export function addressesOf(texts: readonly string[]): readonly Address[] {
  return texts.flatMap((text) => parseAddress(text) ?? []);
}
