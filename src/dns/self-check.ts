import { isIPv6 } from 'node:net';
import { UDPClient } from 'dns2';
import { messageOf } from '../core/error-message.ts';
import type { ListenAddress } from '../core/ports.ts';

/** How long our own answer may take, in ms. */
const SELF_CHECK_TIMEOUT_MS = 1000;

/**
 * Asks our own listener over UDP for the SOA of a zone, as a client would, and returns 'ok' or the reason why not.
 * The decoder is the dns2 package's, so that a fault of our own codec is not read back by itself.
 */
export async function checkListener(address: ListenAddress, apex: string): Promise<string> {
  const socketType = isIPv6(address.host) ? 'udp6' : 'udp4';
  const ask = UDPClient({
    dns: reachable(address.host),
    port: address.port,
    socketType,
    timeout: SELF_CHECK_TIMEOUT_MS,
    retryOverTCP: false,
  });
  try {
    const response = await ask(apex, 'SOA', 1, { recursive: false });
    const { rcode, aa } = response.header;
    if (rcode !== 0) return `the SOA of ${apex} was answered with RCODE ${rcode}`;
    if (aa !== 1) return `the SOA of ${apex} was answered without authority`;
    return response.answers.some((record) => record.type === 6) ? 'ok' : `no SOA came for ${apex}`;
  } catch (error) {
    return messageOf(error);
  }
}

/** A wildcard address is no destination. */
function reachable(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  return host === '::' ? '::1' : host;
}
