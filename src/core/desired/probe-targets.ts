/**
 * Where probes may not go. The addresses of Gateways are other people's input, often a controller's and at times by way of
 * the DNS; a director that probes whatever it is told can be made to knock at its own machine or at the metadata service of
 * its cloud, and to tell what answered. Private networks are not refused: that is where gateways live.
 */
import { parseAddress } from './address.ts';

type Octets = Uint8Array | readonly number[];
type Network = { readonly octets: Octets; readonly length: number };

/** Says what an address is that may not be probed, such as `a loopback address`; undefined where it may. */
export type TargetGuard = (address: string) => string | undefined;

const METADATA = "an address of a cloud's metadata service";

/** What is refused, the most telling first. */
const REFUSED: readonly (readonly [string, string])[] = [
  ['169.254.169.254/32', METADATA],
  // AWS: credentials of ECS tasks and EKS pods. Alibaba, Azure and Oracle have addresses of their own.
  ['169.254.170.0/24', METADATA],
  ['100.100.100.200/32', METADATA],
  ['168.63.129.16/32', METADATA],
  ['192.0.0.192/32', METADATA],
  // AWS's local services, Google's and Scaleway's metadata.
  ['fd00:ec2::/32', METADATA],
  ['fd20:ce::254/128', METADATA],
  ['fd00:42::42/128', METADATA],
  // RFC 6890 §2.2, RFC 4291 §2.5 and §2.7, RFC 5771.
  ['127.0.0.0/8', 'a loopback address'],
  ['::1/128', 'a loopback address'],
  ['0.0.0.0/8', 'an unspecified address'],
  ['::/128', 'an unspecified address'],
  ['169.254.0.0/16', 'a link-local address'],
  ['fe80::/10', 'a link-local address'],
  ['224.0.0.0/4', 'a multicast address'],
  ['ff00::/8', 'a multicast address'],
  ['255.255.255.255/32', 'the broadcast address'],
];

/** Networks of IPv6 that stand for IPv4, and where in them the four octets are: many translators take what others give. */
const EMBEDDING: readonly (readonly [string, readonly (readonly number[])[]])[] = [
  // IPv4-mapped and -compatible (RFC 4291 §2.5.5), IPv4-translated (RFC 2765 §2.1).
  ['::ffff:0:0/96', [[12, 13, 14, 15]]],
  ['::/96', [[12, 13, 14, 15]]],
  ['::ffff:0:0:0/96', [[12, 13, 14, 15]]],
  // NAT64 (RFC 6052 §2.1); the local one (RFC 8215) has room for each of the prefix lengths of RFC 6052 §2.2.
  ['64:ff9b::/96', [[12, 13, 14, 15]]],
  [
    '64:ff9b:1::/48',
    [
      [6, 7, 9, 10],
      [7, 9, 10, 11],
      [9, 10, 11, 12],
      [12, 13, 14, 15],
    ],
  ],
  // 6to4 (RFC 3056 §2).
  ['2002::/16', [[2, 3, 4, 5]]],
];

const networksRefused = REFUSED.map(([text, what]) => ({ network: networkOf(text), what }));
const networksEmbedding = EMBEDDING.map(([text, places]) => ({ network: networkOf(text), places }));

/** Whether a text is a network in CIDR notation, such as `127.0.0.0/8`: its address is the first one of it. */
export function isTargetNetwork(text: string): boolean {
  return parseNetwork(text) !== undefined;
}

/**
 * Makes the guard; `allow` are networks in CIDR notation that may be probed whatever they are, in IPv6 also by the IPv4
 * address that stands in an address. What is no IP address is not the guard's matter.
 */
export function createTargetGuard(allow: readonly string[]): TargetGuard {
  const allowed = allow.map(networkOf);
  const isAllowed = (octets: Octets): boolean => allowed.some((network) => covers(network, octets));
  return (address) => {
    const octets = parseAddress(address)?.octets;
    if (octets === undefined || isAllowed(octets)) return undefined;
    const direct = kindOf(octets);
    if (direct !== undefined) return direct;
    const inside = embeddedIn(octets);
    for (const inner of inside) {
      // Where it may stand in several places, zeros are what is between them.
      const isFiller = inside.length > 1 && inner[0] === 0;
      const what = isFiller || isAllowed(inner) ? undefined : kindOf(inner);
      if (what !== undefined) return `${what}, ${inner.join('.')}, in IPv6`;
    }
    return undefined;
  };
}

function kindOf(octets: Octets): string | undefined {
  return networksRefused.find(({ network }) => covers(network, octets))?.what;
}

function embeddedIn(octets: Octets): readonly (readonly number[])[] {
  return networksEmbedding.flatMap(({ network, places }) =>
    covers(network, octets) ? places.map((place) => place.map((index) => octets[index] ?? 0)) : [],
  );
}

function covers({ octets, length }: Network, address: Octets): boolean {
  if (octets.length !== address.length) return false;
  return octets.every((octet, index) => ((octet ^ (address[index] ?? 0)) & maskOf(length - index * 8)) === 0);
}

/** The mask of one octet of which the first `bits` count. */
function maskOf(bits: number): number {
  return bits >= 8 ? 0xff : (0xff00 >> Math.max(0, bits)) & 0xff;
}

function parseNetwork(text: string): Network | undefined {
  const [, host = '', digits = ''] = /^([^/]+)\/(\d{1,3})$/.exec(text) ?? [];
  const octets = parseAddress(host)?.octets;
  const length = Number(digits);
  if (octets === undefined || digits === '' || length > octets.length * 8) return undefined;
  const isFirst = octets.every((octet, index) => (octet & ~maskOf(length - index * 8)) === 0);
  return isFirst ? { octets, length } : undefined;
}

/** Of a text that was checked. */
function networkOf(text: string): Network {
  const network = parseNetwork(text);
  if (network === undefined) throw new TypeError(`not a network: ${text}`);
  return network;
}
