import { availableParallelism } from 'node:os';
import type { DnsServer } from '../../core/dns-ports.ts';
import type { ListenAddress } from '../../core/ports.ts';
import { createUdpServer, type UdpAddress } from '../udp.ts';
import { createLending } from './lending.ts';
import { createListener, type Listener } from './listener.ts';
import type { NativeServerOptions } from './native-options.ts';
import { nextGeneration, STOP } from './orders.ts';
import { type BoundSocket, createSockets, wakeReaders } from './sockets.ts';

/** Threads of one process at most, over all addresses. */
const MAX_WORKERS = 256;
/** A thread that has not ended after so long is abandoned with its socket, in ms. */
const STOP_PATIENCE_MS = 1000;

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
