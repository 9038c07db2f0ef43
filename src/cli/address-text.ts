import type { ListenAddress } from '../core/ports.ts';

/** `host:port`, with brackets around an IPv6 address. */
export function addressText({ host, port }: ListenAddress): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
