/** What the processes of this bench tell each other. */
import type { Monitor } from '../../src/core/desired/model.ts';

/** What listens. */
export type Kind = 'tcp' | 'http' | 'silent';

/** Where it listens. */
export type Ports = Readonly<Record<Kind, readonly Pick<Monitor, 'address' | 'port'>[]>>;

/** One measurement. `silent`: of so many monitors one is of a server that says nothing; 0: none. */
export type Plan = {
  readonly protocol: 'tcp' | 'http';
  readonly silent: number;
  readonly monitors: number;
  readonly intervalMs: number;
  readonly timeoutMs: number;
};

/** What the prober of a plan saw since it was asked last. Times in ms. */
export type Seen = {
  readonly ms: number;
  readonly starts: number;
  /** How late they were, from when they were first due. */
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
  /** Probes that were left out. */
  readonly missed: number;
  /** Most starts within any second. */
  readonly mostInSecond: number;
  readonly failures: number;
  /** CPU of the process in ms. */
  readonly cpuMs: number;
  /** Resident memory in octets. */
  readonly rss: number;
};
