import { parseAddress } from '../core/desired/address.ts';
import type { ListenAddress } from '../core/ports.ts';

/** What a listen address looks like, as messages say it. */
export const LISTEN_ADDRESS = 'an address and a port like "127.0.0.1:53" or "[::1]:53"';

/** Reads `address:port` with an IP address, never a name, so that nothing is looked up; port 0 takes a free one. */
export function parseListenAddress(text: string): ListenAddress | undefined {
  const match = /^(?:\[([^\]]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(text);
  if (match === null) return undefined;
  const [, v6, v4, digits] = match;
  const address = parseAddress(v6 ?? v4 ?? '');
  const port = Number(digits);
  if (address?.family !== (v6 === undefined ? 4 : 6) || port > 65_535) return undefined;
  return { host: address.text, port };
}

/** Whether only this machine can reach the address (RFC 1122 §3.2.1.3, RFC 4291 §2.5.3). */
export function isLoopback({ host }: ListenAddress): boolean {
  return host === '::1' || host.startsWith('127.');
}
