import { type BoundSocket, must, SOL_SOCKET } from './sockets.ts';
import type { SystemCalls } from './system.ts';

/** Numbers of Linux (fcntl(2), socket(7)). */
const F_SETFL = 4;
const F_DUPFD_CLOEXEC = 1030;
const SO_REUSEADDR = 2;

/** Lends sockets to Node, which reads them by a descriptor of its own and closes that when it is done. */
export type Lending = {
  /** A second descriptor of the same socket. Throws the system's error where there is none left. */
  lend(socket: BoundSocket): number;
  /** Node lets others share the port of what it is lent; this ends it. To be called once Node has it. */
  unshare(socket: BoundSocket): void;
  /** Calls on the socket wait again, which Node had ended. To be called when Node has closed its descriptor. */
  takeBack(socket: BoundSocket): void;
};

/** Lending over these calls. */
export function createLending(calls: Pick<SystemCalls, 'addressOf' | 'control' | 'setOption'>): Lending {
  const off = new ArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
  const at = calls.addressOf(off);
  return {
    lend: ({ fd, address }) => must(calls.control(fd, F_DUPFD_CLOEXEC, 0), 'fcntl', address),
    unshare: ({ fd }) => void calls.setOption(fd, SOL_SOCKET, SO_REUSEADDR, at, off.byteLength),
    // O_NONBLOCK is of the socket, not of the descriptor: a worker that never waits would burn a core.
    takeBack: ({ fd }) => void calls.control(fd, F_SETFL, 0),
  };
}
