import type { DnsListener } from '../../core/dns-ports.ts';
import { errorName } from './system.ts';

/** The calls of a worker that can fail. */
const CALLS = ['recvmmsg', 'sendmmsg'] as const;
/** Errnos of Linux are below it; slot 0 counts whatever is not. */
const ERRNO_SLOTS = 134;

/** A call that can fail. */
export type SocketCall = (typeof CALLS)[number];

/**
 * How often which call failed with which errno on one socket, in shared memory. Only the thread of the socket writes it;
 * it outlives the thread.
 */
export type SocketErrors = Float64Array<SharedArrayBuffer>;

/** Counters at 0. */
export function createSocketErrors(): SocketErrors {
  return new Float64Array(new SharedArrayBuffer(CALLS.length * ERRNO_SLOTS * Float64Array.BYTES_PER_ELEMENT));
}

/** Counts one failure; `negated` is the negated errno. */
export function countSocketError(errors: SocketErrors, call: SocketCall, negated: number): void {
  const slot = -negated > 0 && -negated < ERRNO_SLOTS ? -negated : 0;
  const index = CALLS.indexOf(call) * ERRNO_SLOTS + slot;
  errors[index] = (errors[index] ?? 0) + 1;
}

/** What was counted on all these sockets; what never happened is left out. */
export function readSocketErrors(all: readonly SocketErrors[]): DnsListener['socketErrors'] {
  return CALLS.flatMap((call, c) =>
    Array.from({ length: ERRNO_SLOTS }, (_, slot) => {
      const count = all.reduce((sum, errors) => sum + (errors[c * ERRNO_SLOTS + slot] ?? 0), 0);
      return { call, error: slot === 0 ? 'other' : errorName(-slot), count };
    }).filter(({ count }) => count > 0),
  );
}
