/** Asks a responder without a socket. */
import type { DnsTransport } from '../../src/core/dns-ports.ts';
import { createMessageBuffer, type MessageBuffer } from '../../src/core/snapshot/message-buffer.ts';
import type { ClientAddress } from '../../src/dns/client-address.ts';
import type { Responder } from '../../src/dns/respond.ts';

const MAX_OCTETS = 65_535;
/** What stands in memory where nobody wrote: behind a query lies what came before it. */
export const DIRTY = 0xee;

const asked = createMessageBuffer(MAX_OCTETS);

/** Lays the query into memory that is dirty behind it, lets it be answered into `out` and returns the answer's length. */
export function respondInto(
  responder: Responder,
  query: Uint8Array,
  client: ClientAddress,
  transport: DnsTransport,
  out: MessageBuffer,
): number {
  asked.octets.fill(DIRTY, query.length, query.length + 300);
  asked.octets.set(query);
  return responder.respond(asked, query.length, client, transport, out);
}

/** The response's octets in memory of their own, none where nothing is sent. */
export function respondTo(
  responder: Responder,
  query: Uint8Array,
  client: ClientAddress,
  transport: DnsTransport = 'udp',
): Buffer {
  const out = createMessageBuffer(MAX_OCTETS);
  return Buffer.from(out.octets.subarray(0, respondInto(responder, query, client, transport, out)));
}
