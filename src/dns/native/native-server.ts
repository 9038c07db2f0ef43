import { availableParallelism } from 'node:os';
import type { Clock, CurrentSnapshot, DnsServer, ListenAddress } from '../../core/ports.ts';
import type { DnsTotals } from '../counters.ts';
import type { Responder } from '../respond.ts';
import { createUdpServer, type UdpAddress } from '../udp.ts';
import { createLending } from './lending.ts';
import { createListener, type Listener } from './listener.ts';
import { nextGeneration, STOP, type WorkerSettings } from './orders.ts';
import { type BoundSocket, createSockets, wakeReaders } from './sockets.ts';
import type { SystemCalls } from './system.ts';
import type { Spawn } from './thread.ts';

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
  /** `insist`: where a thread does not start, `listen` rejects. `as-can`: the portable engine stands in from the start. */
  readonly start: 'insist' | 'as-can';
  readonly settings: WorkerSettings;
  readonly current: CurrentSnapshot;
  readonly totals: DnsTotals;
  /** Of this thread: answers on the socket of a worker that is down. */
  readonly responder: Responder;
  readonly clock: Clock;
  /** A random number of 32 bits: where a worker's even spread of weighted answers starts. */
  readonly dice: () => number;
  /** Told of what went wrong and is being survived. */
  readonly onTrouble: (message: string) => void;
  /** A worker is in another state now: `listeners` tells. */
  readonly onChange: () => void;
  /** How threads are started; the engine's own where left out. */
  readonly spawn?: Spawn;
};

/** DNS over UDP by recvmmsg and sendmmsg in threads: the native engine, for Linux. See decision 6. */
export function createNativeServer(
  options: NativeServerOptions,
): DnsServer & Required<Pick<DnsServer, 'publish' | 'listeners'>> {
  const { settings, totals, responder } = options;
  const sockets = createSockets(options.calls);
  const lending = createLending(options.calls);
  const generation = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  const portable = (at: UdpAddress): DnsServer =>
    createUdpServer({ listen: [at], responder, counting: totals, udpSize: settings.udpSize });
  const open: BoundSocket[] = [];
  const listeners: Listener[] = [];
  const posts = () => listeners.flatMap((listener) => listener.posts);
  let closed: Promise<void> | undefined;

  const listen = async (): Promise<readonly ListenAddress[]> => {
    const each = workersPerAddress(options.workers, options.listen.length);
    try {
      const groups = [];
      for (const address of options.listen) {
        const group = sockets.open(address, each);
        open.push(...group);
        groups.push(group);
      }
      // No thread before all addresses are ours.
      for (const group of groups) listeners.push(createListener(group, options, { generation, lending, portable }));
      await Promise.all(posts().map((post) => post.ready()));
      return groups.map((group) => group[0]!.address);
    } catch (error) {
      await close();
      throw error;
    }
  };

  const publish: DnsServer['publish'] = ({ table }) => {
    if (closed !== undefined) return;
    for (const post of posts()) post.publish(table);
    // Behind the messages: whoever sees the new generation finds them.
    Atomics.store(generation, 0, nextGeneration(Atomics.load(generation, 0)));
  };

  const stop = async (): Promise<void> => {
    Atomics.store(generation, 0, STOP);
    Atomics.notify(generation, 0);
    wakeReaders(options.calls, open);
    const late = Promise.withResolvers<'late'>();
    const cancel = options.clock.after(STOP_PATIENCE_MS, () => late.resolve('late'));
    const ends = Promise.all(posts().map((post) => post.ended()));
    const outcome = await Promise.race([ends, late.promise]);
    cancel();
    if (outcome !== 'late') {
      sockets.close(open.splice(0));
      return;
    }
    // A descriptor that is closed under a thread in a system call may soon be somebody else's.
    options.onTrouble(`DNS workers did not end within ${STOP_PATIENCE_MS} ms and are left behind with their sockets`);
    for (const post of posts()) post.abandon();
  };

  const close = (): Promise<void> => {
    closed ??= stop();
    return closed;
  };

  return { listen, publish, close, listeners: () => listeners.map((listener) => listener.read()) };
}

function workersPerAddress(wanted: number | 'auto', addresses: number): number {
  const each = wanted === 'auto' ? availableParallelism() : wanted;
  return Math.max(1, Math.min(each, Math.floor(MAX_WORKERS / Math.max(1, addresses))));
}
