/** Who asks. One is kept per socket and filled again for each message, so that nothing is allocated. */
export type ClientAddress = {
  family: 4 | 6;
  /** 16 octets; an IPv4 address is in the first four. */
  readonly octets: Uint8Array;
};

/** A client address to be filled by `readAddress`. */
export function createClientAddress(): ClientAddress {
  return { family: 4, octets: new Uint8Array(16) };
}

const COLON = 0x3a;
const DOT = 0x2e;
const PERCENT = 0x25;

/**
 * Reads the text that Node gives for a peer (`192.0.2.1`, `2001:db8::1`, `fe80::1%eth0`) into `client`. IPv4 mapped into
 * IPv6 becomes IPv4. Text that is no address leaves zeros, an address that no database places.
 */
export function readAddress(text: string, client: ClientAddress): void {
  client.octets.fill(0);
  if (text.includes(':')) readIPv6(text, client);
  else {
    client.family = 4;
    readIPv4(text, 0, client.octets, 0);
  }
}

function readIPv4(text: string, start: number, octets: Uint8Array, at: number): void {
  let octet = 0;
  let target = at;
  for (let i = start; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === DOT) {
      octets[target++] = octet;
      octet = 0;
    } else octet = octet * 10 + (code - 0x30);
    if (target > at + 3) return;
  }
  octets[target] = octet;
}

function readIPv6(text: string, client: ClientAddress): void {
  const octets = client.octets;
  client.family = 6;
  let at = 0;
  let gap = -1;
  let group = 0;
  let groupStart = 0;
  for (let i = 0; i <= text.length && at < 16; i++) {
    const code = i < text.length ? text.charCodeAt(i) : PERCENT;
    if (code === DOT) {
      readIPv4(text, groupStart, octets, at);
      at += 4;
      break;
    }
    if (code !== COLON && code !== PERCENT) {
      group = (group << 4) | hexDigit(code);
      continue;
    }
    if (i > groupStart) {
      octets[at++] = group >>> 8;
      octets[at++] = group;
    } else if (i > 0 && code === COLON) gap = at;
    if (code === PERCENT) break;
    group = 0;
    groupStart = i + 1;
  }
  if (gap >= 0) {
    octets.copyWithin(16 - (at - gap), gap, at);
    octets.fill(0, gap, 16 - (at - gap));
  }
  unmap(client);
}

function hexDigit(code: number): number {
  return code <= 0x39 ? code - 0x30 : (code | 0x20) - 0x57;
}

/** ::ffff:a.b.c.d is how a dual-stack socket names an IPv4 peer (RFC 4291 §2.5.5.2). */
function unmap(client: ClientAddress): void {
  const octets = client.octets;
  for (let i = 0; i < 10; i++) if (octets[i] !== 0) return;
  if (octets[10] !== 0xff || octets[11] !== 0xff) return;
  octets.copyWithin(0, 12, 16);
  octets.fill(0, 4);
  client.family = 4;
}
