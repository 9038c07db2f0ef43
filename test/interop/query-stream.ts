import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { query, readResponse, subnet } from '../support/dns-message.ts';

/** One answered query: when it was asked and answered, in ms since the epoch, and with which addresses. */
type Answered = { readonly askedAt: number; readonly at: number; readonly addresses: readonly string[] };

/** A steady stream of queries of one client. */
export type QueryStream = {
  readonly answered: readonly Answered[];
  asked(): number;
  /** Resolves with the next answer (past ones do not count) that holds. */
  until(holds: (answer: Answered) => boolean): Promise<Answered>;
  /** Asks until `total` were asked in all, waits for the last answers, and closes. */
  finish(total: number): Promise<void>;
};

/** How long after the last query answers are waited for, in ms: loopback answers in microseconds. */
const LAST_ANSWERS_MS = 2_000;

/** Asks for A of `name` every ms, as a resolver that passes on the client's /24. */
export async function startQueryStream(port: number, name: string, client: readonly number[]): Promise<QueryStream> {
  const socket = createSocket('udp4');
  socket.connect(port, '127.0.0.1');
  await once(socket, 'connect');
  const pending = new Map<number, number>();
  const answered: Answered[] = [];
  const listeners = new Set<(answer: Answered) => void>();
  const wanted = { total: Number.POSITIVE_INFINITY };
  let asked = 0;

  socket.on('message', (octets) => {
    const response = readResponse(octets);
    const askedAt = pending.get(response.id);
    if (askedAt === undefined) return;
    pending.delete(response.id);
    const addresses = (response.packet.answers ?? []).flatMap((record) => (record.type === 'A' ? [record.data] : []));
    const answer = { askedAt, at: Date.now(), addresses };
    answered.push(answer);
    for (const tell of listeners) tell(answer);
  });
  const done = Promise.withResolvers<void>();
  const timer = setInterval(() => {
    if (asked >= wanted.total) return done.resolve();
    const octets = query(name, 1, { options: [subnet(1, 24, client)] }, { id: asked % 65_536 });
    pending.set(asked % 65_536, Date.now());
    asked++;
    socket.send(octets);
  }, 1);

  return {
    answered,
    asked: () => asked,
    until(holds) {
      const { promise, resolve } = Promise.withResolvers<Answered>();
      const tell = (answer: Answered): void => {
        if (holds(answer)) resolve(answer);
      };
      listeners.add(tell);
      return promise.finally(() => listeners.delete(tell));
    },
    async finish(total) {
      wanted.total = Math.max(total, asked);
      await done.promise;
      clearInterval(timer);
      const deadline = Date.now() + LAST_ANSWERS_MS;
      while (pending.size > 0 && Date.now() < deadline) await new Promise((resolve) => setImmediate(resolve));
      socket.close();
      await once(socket, 'close');
    },
  };
}
