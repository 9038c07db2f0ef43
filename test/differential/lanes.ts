/** Ways into the answers: each takes a window of messages and gives back the answers by message id. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import type { ListenAddress } from '../../src/core/ports.ts';
import { framed, openTcp } from '../support/dns-client.ts';
import { sentinel } from './questions.ts';

/** The id of the message that ends a window. */
const LAST_ID = 0xffff;
/** A window that is not answered by then has lost something, in ms. */
const PATIENCE_MS = 10_000;

export type Lane = {
  /** Sends in order and waits for the answer to a sentinel behind them; what has no answer then gets none. */
  ask(messages: readonly Buffer[]): Promise<ReadonlyMap<number, Buffer>>;
  close(): void;
};

export async function udpLane({ host, port }: ListenAddress): Promise<Lane> {
  const socket = createSocket('udp4');
  socket.connect(port, host);
  await once(socket, 'connect');
  let answers = new Map<number, Buffer>();
  let done = Promise.withResolvers<void>();
  socket.on('error', (error) => done.reject(error));
  socket.on('message', (octets) => {
    const id = octets.readUInt16BE(0);
    if (id === LAST_ID) done.resolve();
    else answers.set(id, octets);
  });
  return {
    async ask(messages) {
      answers = new Map();
      done = Promise.withResolvers();
      const { reject, promise } = done;
      const timer = setTimeout(() => reject(new Error('the sentinel got no answer')), PATIENCE_MS);
      for (const octets of [...messages, sentinel(LAST_ID)]) socket.send(octets);
      await promise.finally(() => clearTimeout(timer));
      return answers;
    },
    close: () => socket.close(),
  };
}

export async function tcpLane(server: ListenAddress): Promise<Lane> {
  const client = await openTcp(server);
  return {
    async ask(messages) {
      const answers = new Map<number, Buffer>();
      client.write(Buffer.concat([...messages, sentinel(LAST_ID)].map(framed)));
      for (;;) {
        const octets = await client.receive();
        const id = octets.readUInt16BE(0);
        if (id === LAST_ID) return answers;
        answers.set(id, Buffer.from(octets));
      }
    },
    close: () => client.destroy(),
  };
}
