import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { query, readResponse, subnet } from '../support/dns-message.ts';

/** The first address that a client of `shop.gslb.example` is told, whose subnet has so many bits; undefined: none. */
export async function shopFor(port: number, client: readonly number[], bits: number): Promise<string | undefined> {
  const socket = createSocket('udp4');
  try {
    socket.send(query('shop.gslb.example', 1, { options: [subnet(1, bits, client)] }), port, '127.0.0.1');
    const [response] = await once(socket, 'message', { signal: AbortSignal.timeout(5000) });
    const [first] = readResponse(response).packet.answers ?? [];
    return first?.type === 'A' ? first.data : undefined;
  } finally {
    socket.close();
  }
}
