/** What the servers of DNS are to the other rooms: how they are run, and what they count. */
import type { ListenAddress } from './ports.ts';
import type { Snapshot } from './snapshot/snapshot.ts';
import type { ExceptionalReason } from './steering/decision.ts';

/**
 * A DNS server on some transport. It reads `snapshot()` for each batch and keeps nothing of it in between; one that
 * answers in threads of its own is told by `publish` instead. `listen` rejects with the system's error where an address
 * cannot be bound.
 */
export type DnsServer = {
  listen(): Promise<readonly ListenAddress[]>;
  /** Hands the new snapshot to the threads. Returns at once; what is asked after it gets the new answers. */
  publish?(snapshot: Snapshot): void;
  /** How its threads do, address by address; only servers that have threads tell. */
  listeners?(): readonly DnsListener[];
  close(): Promise<void>;
};

/**
 * How the thread of one socket does. `restarting`: it died and will be, or is being, started again. `failed`: it died so
 * often in a row that it is tried only now and then.
 */
export type DnsWorkerState = 'starting' | 'running' | 'restarting' | 'failed';

/** Who answers UDP on one address, and what troubled him. Counts are since the start of the process. */
export type DnsListener = {
  readonly address: ListenAddress;
  /** `portable`: all of it is answered by the main thread. */
  readonly engine: 'native' | 'portable';
  /** How many threads are in each state; the portable engine has none. */
  readonly workers: Readonly<Record<DnsWorkerState, number>>;
  /** Threads started in the place of one that died. */
  readonly restarts: number;
  /** `at` in ms since the epoch. */
  readonly lastTrouble: { readonly at: number; readonly message: string } | undefined;
  /** Failed system calls by the name of their errno, or `other`; what belongs to an ordinary day is not in it. */
  readonly socketErrors: readonly { readonly call: string; readonly error: string; readonly count: number }[];
};

/** What carried a query. */
export type DnsTransport = 'udp' | 'tcp';

/** Question types that are counted apart; the rest is `other`. */
export type CountedType =
  | 'A'
  | 'NS'
  | 'CNAME'
  | 'SOA'
  | 'MX'
  | 'TXT'
  | 'AAAA'
  | 'SRV'
  | 'DS'
  | 'CAA'
  | 'HTTPS'
  | 'ANY'
  | 'other';

/** RCODEs by which zones and types are counted: few, so that a counter for each fits beside them. */
export type CountedResult = 'NOERROR' | 'NXDOMAIN' | 'SERVFAIL' | 'REFUSED' | 'other';

/**
 * Why a message got no answer. `short`: under 12 octets. `oversize`: a datagram longer than we say we take.
 * `response`: QR was set. `source-port`: from port 0. `busy`: too many sends under way. `send-failed`: the system
 * refused the send.
 */
export type DropReason = 'short' | 'oversize' | 'response' | 'source-port' | 'busy' | 'send-failed';

/** Why a TCP connection ended. `slow`: did not take its answers. `evicted`: the longest idle made room for a new one. */
export type TcpCloseReason = 'client' | 'idle' | 'slow' | 'evicted' | 'malformed' | 'error' | 'shutdown';

/**
 * A reading of the DNS servers' counters since the start of the process. Series that are 0 may be left out, but not those of
 * RCODE 0 to 5 (NOERROR to REFUSED) among the responses.
 */
export type DnsCounts = {
  readonly responses: readonly {
    readonly transport: DnsTransport;
    /** Mnemonic in capitals (`NOERROR`, `BADVERS`); `RCODE<n>` where there is none. */
    readonly rcode: string;
    readonly count: number;
  }[];
  /** Queries with one question, by its type. */
  readonly queries: readonly { readonly transport: DnsTransport; readonly type: CountedType; readonly count: number }[];
  /**
   * All responses by the type asked for; what had no question that could be read is `other`. NOERROR, NXDOMAIN and SERVFAIL
   * also at 0.
   */
  readonly types: readonly { readonly type: CountedType; readonly rcode: CountedResult; readonly count: number }[];
  /** Answers by apex of the zone that the name asked for is in; the same three also at 0. */
  readonly zones: readonly { readonly zone: string; readonly rcode: CountedResult; readonly count: number }[];
  /** Steered answers by the name of the first cluster in them. */
  readonly clusters: readonly { readonly cluster: string; readonly count: number }[];
  /** Steered answers (A and AAAA) that were not the ordinary case, by why; all reasons, also at 0. */
  readonly exceptional: readonly { readonly reason: ExceptionalReason; readonly count: number }[];
  /** Responses with TC set. */
  readonly truncated: number;
  readonly dropped: readonly { readonly reason: DropReason; readonly count: number }[];
  readonly tcp: {
    /** Connections open now. */
    readonly open: number;
    readonly accepted: number;
    readonly closed: readonly { readonly reason: TcpCloseReason; readonly count: number }[];
  };
};

/** Where the metrics read what the DNS servers did. */
export type DnsCounters = { read(): DnsCounts };

/**
 * How often steered names and client places were asked for, by all threads since the start. Counts go round at 2^32: it is
 * their differences that say something. Few names share a count; places beyond the counted ones have none.
 */
export type QueryCounts = {
  /** The name of the hostname in the model: of a wildcard that, whatever was asked below it. */
  ofName(hostname: string): number;
  /** The same for whoever knows the name's counter: its number does not change. */
  ofCounter(counter: number): number;
  /** Index in the place table. Of which table it was is not known: read before another one comes, and after. */
  ofPlace(place: number): number;
};
