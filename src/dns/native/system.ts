/**
 * The system calls of the native engine, through koffi. Pointers are numbers: addresses of memory that `layout.ts` laid
 * out. A wrong one is memory corruption, not an exception, so nothing but this folder may use them.
 */

import { createRequire } from 'node:module';
import { endianness } from 'node:os';
import { getSystemErrorName } from 'node:util';
import { messageOf } from '../../core/error-message.ts';

/** Calls return what the system returns, and its negated errno where it fails. Nothing throws. */
export type SystemCalls = {
  /** Where an ArrayBuffer lies. It stays there; keep the buffer as long as the address. */
  readonly addressOf: (buffer: ArrayBuffer) => number;
  readonly socket: (family: number, type: number) => number;
  readonly setOption: (fd: number, level: number, option: number, address: number, length: number) => number;
  readonly bind: (fd: number, address: number, length: number) => number;
  readonly socketName: (fd: number, address: number, lengthAddress: number) => number;
  /** recvmmsg(2): waits for the first message and takes what else is there. */
  readonly receive: (fd: number, headers: number, count: number) => number;
  /** sendmmsg(2). */
  readonly send: (fd: number, headers: number, count: number) => number;
  readonly shutdown: (fd: number, how: number) => number;
  /** fcntl(2). */
  readonly control: (fd: number, command: number, argument: number) => number;
  readonly close: (fd: number) => number;
};

/** The calls, or why there are none. */
export type LoadedSystem =
  | { readonly kind: 'loaded'; readonly calls: SystemCalls }
  | { readonly kind: 'unavailable'; readonly reason: string };

/** Numbers of recvmmsg and sendmmsg by architecture (Linux, asm/unistd.h). */
const SYSCALLS: Readonly<Record<string, { readonly receive: number; readonly send: number }>> = {
  x64: { receive: 299, send: 307 },
  arm64: { receive: 243, send: 269 },
};
const MSG_WAITFORONE = 0x10000;
/** mallopt(3), glibc's malloc.h. */
const M_MMAP_THRESHOLD = -3;
/** From this size on memory comes from the system and goes back to it, in octets. */
const LARGE_BLOCK_OCTETS = 256 * 1024;

let loaded: LoadedSystem | undefined;

/** Binds the calls, once per thread and only when asked: whoever stays on the portable engine never loads koffi. */
export function loadSystem(): LoadedSystem {
  loaded ??= load();
  return loaded;
}

/** The name of a negated errno, like `EAGAIN`. */
export function errorName(negated: number): string {
  return negated < 0 ? getSystemErrorName(negated) : 'no error';
}

function load(): LoadedSystem {
  const { platform, arch } = process;
  if (platform !== 'linux') return { kind: 'unavailable', reason: `recvmmsg is Linux's, and this is ${platform}` };
  const numbers = SYSCALLS[arch];
  if (numbers === undefined || endianness() !== 'LE') {
    return { kind: 'unavailable', reason: `its memory layout is not known for ${arch}` };
  }
  try {
    return { kind: 'loaded', calls: bindCalls(numbers) };
  } catch (error) {
    return {
      kind: 'unavailable',
      reason: `koffi did not load: ${messageOf(error)}`,
    };
  }
}

/**
 * The parts of answer tables are megabytes, and with each that is freed glibc puts larger ones into its own heap, where small
 * ones between them keep it from shrinking: under steady changes a third of the process was such holes. A threshold that is set
 * stays. Other C libraries have no such call, and no such heap.
 */
function keepLargeBlocksApart(libc: ReturnType<typeof import('koffi').load>): void {
  try {
    libc.func('mallopt', 'int', ['int', 'int'])(M_MMAP_THRESHOLD, LARGE_BLOCK_OCTETS);
  } catch {
    // musl
  }
}

function bindCalls(numbers: { readonly receive: number; readonly send: number }): SystemCalls {
  const require = createRequire(import.meta.url);
  const koffi: typeof import('koffi') = require('koffi');
  const libc = koffi.load(null);
  keepLargeBlocksApart(libc);
  const int = 'int';
  const pointer = 'int64_t';
  const bound = (name: string, types: readonly string[]): ((...args: number[]) => number) => {
    const call: (...args: number[]) => number = libc.func(name, int, [...types]);
    return (...args) => {
      const result = call(...args);
      return result < 0 ? -koffi.errno() : result;
    };
  };
  // By number, because musl's sendmmsg is a loop over sendmsg.
  const syscall: (number: number, fd: number, headers: number, count: number, flags: number, wait: number) => number =
    libc.func('syscall', pointer, Array<string>(6).fill(pointer));
  const socket = bound('socket', [int, int, int]);
  return {
    addressOf: (buffer) => Number(koffi.address(buffer)),
    socket: (family, type) => socket(family, type, 0),
    setOption: bound('setsockopt', [int, int, int, pointer, int]),
    bind: bound('bind', [int, pointer, int]),
    socketName: bound('getsockname', [int, pointer, pointer]),
    receive(fd, headers, count) {
      const result = syscall(numbers.receive, fd, headers, count, MSG_WAITFORONE, 0);
      return result < 0 ? -koffi.errno() : result;
    },
    send(fd, headers, count) {
      const result = syscall(numbers.send, fd, headers, count, 0, 0);
      return result < 0 ? -koffi.errno() : result;
    },
    shutdown: bound('shutdown', [int, int]),
    control: bound('fcntl', [int, int, int]),
    close: bound('close', [int]),
  };
}
