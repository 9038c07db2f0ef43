import type { DnsListener, DnsServer, DnsWorkerState } from '../../core/dns-ports.ts';
import type { UdpAddress } from '../udp.ts';
import { createPost, type Post } from './crew.ts';
import type { Lending } from './lending.ts';
import type { NativeServerOptions } from './native-options.ts';
import { createSocketErrors, readSocketErrors } from './socket-errors.ts';
import type { BoundSocket } from './sockets.ts';
import { createStandIn } from './stand-in.ts';
import { spawnWorker } from './thread.ts';

/** All workers of one address. */
export type Listener = { readonly posts: readonly Post[]; read(): DnsListener };

/** What the workers of all addresses share. */
export type Shared = {
  readonly generation: Int32Array<SharedArrayBuffer>;
  readonly lending: Lending;
  /** Makes a server of the portable engine. */
  readonly portable: (at: UdpAddress) => DnsServer;
};

/** Mans each of these sockets, all of one address. */
export function createListener(group: readonly BoundSocket[], options: NativeServerOptions, shared: Shared): Listener {
  const { settings, totals, current, dice, clock, spawn = spawnWorker } = options;
  const zones = totals.names.zones.length;
  const address = group[0]!.address;
  const name = `The DNS worker of ${address.host} port ${address.port}`;
  let lastTrouble: DnsListener['lastTrouble'];
  const onTrouble = (message: string): void => {
    lastTrouble = { at: clock.now(), message };
    options.onTrouble(message);
  };

  const errors = group.map(createSocketErrors);
  const posts = group.map((socket, i) => {
    const { fd, family, packetInfo } = socket;
    const { generation, lending, portable } = shared;
    const counts = totals.addBlock();
    const fixed = { fd, family, packetInfo, settings, generation, counts, zones, errors: errors[i]! };
    return createPost({
      name,
      orders: () => ({ ...fixed, diceStart: dice() }),
      table: () => current.snapshot().table,
      clock,
      start: options.start,
      standIn: createStandIn({ socket, lending, portable, onTrouble }),
      onTrouble,
      onChange: options.onChange,
      spawn,
    });
  });

  const read = (): DnsListener => {
    const workers: Record<DnsWorkerState, number> = { starting: 0, running: 0, restarting: 0, failed: 0 };
    for (const post of posts) {
      const state = post.state();
      if (state !== 'leaving') workers[state] += 1;
    }
    return {
      address,
      engine: workers.restarting + workers.failed > 0 && workers.running === 0 ? 'portable' : 'native',
      workers,
      restarts: posts.reduce((sum, post) => sum + post.restarts(), 0),
      lastTrouble,
      socketErrors: readSocketErrors(errors),
    };
  };
  return { posts, read };
}
