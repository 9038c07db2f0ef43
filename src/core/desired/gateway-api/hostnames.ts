import { parseAddress } from '../address.ts';

/** A hostname that was left out: it fits every name. */
export const ANY_HOSTNAME = '';

/**
 * The one spelling of a Gateway API hostname: an RFC 1123 name, or `*.` before one; lower case, without final dot.
 * Undefined where it is none. IP addresses are none.
 */
export function parseHostname(text: string): string | undefined {
  const name = text.toLowerCase().replace(/\.$/, '');
  const labels = (name.startsWith('*.') ? name.slice(2) : name).split('.');
  if (name.length > 253 || parseAddress(name) !== undefined) return undefined;
  return labels.every((label) => /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(label)) ? name : undefined;
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
