import type { Clock, CurrentSnapshot, ListenAddress } from '../../core/ports.ts';
import type { DnsTotals } from '../counters.ts';
import type { Responder } from '../respond.ts';
import type { WorkerSettings } from './orders.ts';
import type { SystemCalls } from './system.ts';
import type { Spawn } from './thread.ts';

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
