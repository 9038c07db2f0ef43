/**
 * Domain names as text: master-file form (RFC 1035 §5.1), ASCII lower case, no final dot, '' for the root. Octets that
 * are not printable are `\DDD`; a dot or backslash inside a label is `\.` or `\\`. Equal names are equal strings.
 */

/** Octets of a label (RFC 1035 §2.3.4). */
const MAX_LABEL = 63;
/** Octets of a name on the wire, with the root's (RFC 1035 §2.3.4). */
const MAX_WIRE_NAME = 255;
const BACKSLASH = 0x5c;
const DOT = 0x2e;

/** Wire form of a text name, lower-cased (RFC 1035 §3.1), or undefined where the text is no valid name. */
export function nameToWire(text: string): Uint8Array | undefined {
  if (text === '' || text === '.') return Uint8Array.of(0);
  const octets: number[] = [];
  let labelStart = 0;
  octets.push(0);
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === DOT) {
      if (octets.length - labelStart === 1) return undefined;
      if (i === text.length - 1) break;
      labelStart = octets.length;
      octets.push(0);
      continue;
    }
    if (code > 0x7e || code < 0x21) return undefined;
    const octet = code === BACKSLASH ? escapedOctet(text, i) : code;
    if (octet === undefined) return undefined;
    if (code === BACKSLASH) i += isDigit(text.charCodeAt(i + 1)) ? 3 : 1;
    octets.push(lowerCase(octet));
    const length = octets.length - labelStart - 1;
    if (length > MAX_LABEL) return undefined;
    octets[labelStart] = length;
  }
  octets.push(0);
  return octets.length > MAX_WIRE_NAME ? undefined : Uint8Array.from(octets);
}

/** Text of an uncompressed wire name that starts at `offset`. */
export function nameFromWire(wire: Uint8Array, offset = 0): string {
  const labels: string[] = [];
  let at = offset;
  for (let length = wire[at] ?? 0; length > 0; length = wire[at] ?? 0) {
    let label = '';
    for (let i = at + 1; i <= at + length; i++) label += octetToText(lowerCase(wire[i] ?? 0));
    labels.push(label);
    at += length + 1;
  }
  return labels.join('.');
}

/** The one spelling of a name, or undefined where the text is no valid name. */
export function normalizeName(text: string): string | undefined {
  const wire = nameToWire(text);
  return wire === undefined ? undefined : nameFromWire(wire);
}

/** Whether `name` is `ancestor` or lies below it. Both must be normalized. */
export function isWithin(name: string, ancestor: string): boolean {
  if (ancestor === '' || name === ancestor) return true;
  if (!name.endsWith(`.${ancestor}`)) return false;
  // A dot behind an odd number of backslashes belongs to a label.
  let backslashes = 0;
  for (let i = name.length - ancestor.length - 2; i >= 0 && name.charCodeAt(i) === BACKSLASH; i--) backslashes++;
  return backslashes % 2 === 0;
}

/** The name one label up: '' above a top-level name. */
export function parentOf(name: string): string {
  for (let i = 0; i < name.length; i++) {
    const code = name.charCodeAt(i);
    if (code === BACKSLASH) i += 1;
    else if (code === DOT) return name.slice(i + 1);
  }
  return '';
}

function escapedOctet(text: string, at: number): number | undefined {
  const next = text.charCodeAt(at + 1);
  if (Number.isNaN(next)) return undefined;
  if (!isDigit(next)) return next > 0x7e ? undefined : next;
  const digits = text.slice(at + 1, at + 4);
  if (!/^\d{3}$/.test(digits) || Number(digits) > 255) return undefined;
  return Number(digits);
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

/** ASCII only (RFC 4343). */
function lowerCase(octet: number): number {
  return octet >= 0x41 && octet <= 0x5a ? octet + 0x20 : octet;
}

function octetToText(octet: number): string {
  if (octet === DOT || octet === BACKSLASH) return `\\${String.fromCharCode(octet)}`;
  if (octet > 0x20 && octet < 0x7f) return String.fromCharCode(octet);
  return `\\${String(octet).padStart(3, '0')}`;
}
