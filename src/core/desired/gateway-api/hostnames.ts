import { parseAddress } from '../address.ts';

/** A hostname that was left out: it fits every name. */
export const ANY_HOSTNAME = '';

/** Labels of RFC 1123, the first of which may be a wildcard. */
const HOSTNAME = /^(?:\*\.)?[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?)*$/;

/**
 * The one spelling of a Gateway API hostname: an RFC 1123 name, or `*.` before one; lower case, without final dot.
 * Undefined where it is none. IP addresses are none.
 */
export function parseHostname(text: string): string | undefined {
  const lower = text.toLowerCase();
  const name = lower.endsWith('.') ? lower.slice(0, -1) : lower;
  if (name.length > 253 || !HOSTNAME.test(name)) return undefined;
  // Only what ends in a digit can be an IPv4 address, and IPv6 has colons.
  return /\d$/.test(name) && parseAddress(name) !== undefined ? undefined : name;
}

/**
 * What a listener's and a route's hostname have in common, which is the more specific of the two; undefined for nothing.
 * A wildcard label stands for one or more labels (Gateway API, HTTPRouteSpec.hostnames).
 */
export function intersect(a: string, b: string): string | undefined {
  if (a === ANY_HOSTNAME || a === b) return b;
  if (b === ANY_HOSTNAME || covers(b, a)) return a;
  return covers(a, b) ? b : undefined;
}

function covers(wildcard: string, name: string): boolean {
  return wildcard.startsWith('*.') && name.endsWith(wildcard.slice(1));
}
