import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import type { ListenAddress } from '../../src/core/ports.ts';
import { clientQuery } from './director-world.ts';

/** Answers to the same questions over and over. */
export type SteadyQuestions = {
  answered(): number;
  /** All different answers of each name that ever came, from their header on but for the id, in hexadecimal. */
  readonly different: ReadonlyMap<string, ReadonlySet<string>>;
  /** Resolves when so many were answered in all. Rejects where one is not answered. */
  reached(count: number): Promise<void>;
  close(): void;
};

/** A question without an answer after so long is lost, in ms. */
const LOST_MS = 5000;

/** Asks for the names in turn, one a millisecond, and compares each answer octet by octet. */
export async function askSteadily(server: ListenAddress, names: readonly string[]): Promise<SteadyQuestions> {
  const socket = createSocket('udp4');
  socket.connect(server.port, server.host);
  await once(socket, 'connect');
  const different = new Map(names.map((name) => [name, new Set<string>()]));
  const waiting = new Map<number, { readonly name: string; readonly at: number }>();
  const wishes = new Set<{ readonly count: number; resolve(): void; reject(error: Error): void }>();
  let [asked, answered] = [0, 0];
  socket.on('message', (octets) => {
    const id = octets.readUInt16BE(0);
    const question = waiting.get(id);
    if (question === undefined) return;
    waiting.delete(id);
    answered++;
    different.get(question.name)?.add(octets.toString('hex', 2));
    for (const wish of wishes) if (answered >= wish.count) wish.resolve();
  });
  socket.on('error', (error) => {
    for (const wish of wishes) wish.reject(error);
  });
  const timer = setInterval(() => {
    const now = performance.now();
    const oldest = waiting.values().next().value;
    if (oldest !== undefined && now - oldest.at > LOST_MS) {
      for (const wish of wishes) wish.reject(new Error(`no answer for ${oldest.name}`));
      return;
    }
    const [name, id] = [names[asked % names.length]!, asked % 65_536];
    asked++;
    waiting.set(id, { name, at: now });
    socket.send(clientQuery(name, 1, id));
  }, 1);
  return {
    answered: () => answered,
    different,
    reached(count) {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const wish = { count, resolve, reject };
      wishes.add(wish);
      return promise.finally(() => wishes.delete(wish));
    },
    close() {
      clearInterval(timer);
      socket.close();
    },
  };
}
