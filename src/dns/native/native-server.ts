import { availableParallelism } from 'node:os';
import type { Clock, CurrentSnapshot, DnsServer, ListenAddress } from '../../core/ports.ts';
import type { DnsTotals } from '../counters.ts';
import { createPost, type Post, type Spawn, spawnWorker } from './crew.ts';
import { nextGeneration, STOP, type WorkerSettings } from './orders.ts';
import { type BoundSocket, createSockets } from './sockets.ts';
import type { SystemCalls } from './system.ts';

/** Threads of one process at most, over all addresses. */
const MAX_WORKERS = 256;
/** A thread that has not ended after so long is abandoned with its socket, in ms. */
const STOP_PATIENCE_MS = 1000;

/** What the native engine needs. */
export type NativeServerOptions = {
  readonly listen: readonly ListenAddress[];
  readonly calls: SystemCalls;
  /** Threads for each address, each with a socket of its own; `auto`: one for each core that we may use. */
  readonly workers: number | 'auto';
  readonly settings: WorkerSettings;
  readonly current: CurrentSnapshot;
  readonly totals: Pick<DnsTotals, 'addBlock' | 'names'>;
  readonly clock: Clock;
  /** A random number of 32 bits: where a worker's even spread of weighted answers starts. */
  readonly dice: () => number;
  /** Told of what went wrong and is being survived. */
  readonly onTrouble: (message: string) => void;
  /** How threads are started; the engine's own where left out. */
  readonly spawn?: Spawn;
};

/** DNS over UDP by recvmmsg and sendmmsg in threads: the native engine, for Linux. See decision 6. */
export function createNativeServer(options: NativeServerOptions): DnsServer {
  const sockets = createSockets(options.calls);
  const generation = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  const open: BoundSocket[] = [];
  const posts: Post[] = [];
  let closed: Promise<void> | undefined;

  const listen = async (): Promise<readonly ListenAddress[]> => {
    const each = workersPerAddress(options.workers, options.listen.length);
    try {
      const bound: ListenAddress[] = [];
      for (const address of options.listen) {
        const group = sockets.open(address, each);
        open.push(...group);
        bound.push(group[0]!.address);
      }
      for (const socket of open) posts.push(postAt(options, socket, generation));
      await Promise.all(posts.map((post) => post.ready()));
      return bound;
    } catch (error) {
      await close();
      throw error;
    }
  };

  const publish: DnsServer['publish'] = ({ table }) => {
    if (closed !== undefined) return;
    for (const post of posts) post.publish(table);
    // Behind the messages: whoever sees the new generation finds them.
    Atomics.store(generation, 0, nextGeneration(Atomics.load(generation, 0)));
  };

  const stop = async (): Promise<void> => {
    Atomics.store(generation, 0, STOP);
    Atomics.notify(generation, 0);
    const late = Promise.withResolvers<'late'>();
    const cancel = options.clock.after(STOP_PATIENCE_MS, () => late.resolve('late'));
    const ends = Promise.all(posts.map((post) => post.ended()));
    const outcome = await Promise.race([ends, late.promise]);
    cancel();
    // A descriptor that is closed under a thread in a system call may soon be somebody else's.
    if (outcome === 'late') for (const post of posts) post.abandon();
    else sockets.close(open.splice(0));
  };

  const close = (): Promise<void> => {
    closed ??= stop();
    return closed;
  };

  return { listen, publish, close };
}

function workersPerAddress(wanted: number | 'auto', addresses: number): number {
  const each = wanted === 'auto' ? availableParallelism() : wanted;
  return Math.max(1, Math.min(each, Math.floor(MAX_WORKERS / Math.max(1, addresses))));
}

function postAt(
  { settings, totals, current, dice, clock, onTrouble, spawn = spawnWorker }: NativeServerOptions,
  { fd, family, packetInfo, address }: BoundSocket,
  generation: Int32Array<SharedArrayBuffer>,
): Post {
  const counts = totals.addBlock();
  const zones = totals.names.zones.length;
  const fixed = { fd, family, packetInfo, settings, generation, counts, zones };
  return createPost({
    name: `The DNS worker of ${address.host} port ${address.port}`,
    orders: () => ({ ...fixed, diceStart: dice() }),
    table: () => current.snapshot().table,
    clock,
    onTrouble,
    spawn,
  });
}
