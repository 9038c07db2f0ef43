import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyBaseLogger, FastifyInstance, FastifyTypeProvider, RawServerDefault } from 'fastify';
import type { Static, TSchema } from 'typebox';
import type { Finding } from '../core/desired/finding.ts';
import type { DnsListener } from '../core/dns-ports.ts';
import type { DrillShares } from '../core/drill/drill-shares.ts';
import type { Events } from '../core/events.ts';
import type { Log } from '../core/log-events.ts';
import type { QueryMix } from '../core/plan/query-mix.ts';
import type { Audit, Clock, Director, ListenAddress, ReadinessItem, ViewAge } from '../core/ports.ts';
import type { ClientEntry } from './tls/client-identity.ts';
import type { AdminTls } from './tls/tls-files.ts';
import type { Caller, Scope, TokenVerifier } from './tokens.ts';

/** What the admin server says about the process. `startedAt` in ms since the epoch. */
export type ProcessStatus = {
  readonly version: string;
  readonly startedAt: number;
  readonly pid: number;
  /** The DNS engine in use, by name. */
  readonly engine: string;
  readonly listen: { readonly dns: readonly ListenAddress[]; readonly admin: readonly ListenAddress[] };
  /** Who answers UDP, address by address. */
  readonly listeners: readonly DnsListener[];
};

/** A page of metrics. */
type MetricsPage = { readonly contentType: string; readonly body: string };

/** All that the admin server needs. */
export type AdminOptions = {
  /** Port 0 lets the system choose. */
  readonly listen: ListenAddress;
  readonly director: Director;
  /** How old our view of each cluster is. */
  readonly views: () => readonly ViewAge[];
  /** The cluster that the file, or the source, of a finding belongs to; undefined where it belongs to none. */
  readonly clusterOf: (file: string) => string | undefined;
  readonly readiness: () => readonly ReadinessItem[];
  /** `probes`: what the probes found, as the blackbox exporter names it; without it all the rest. */
  readonly metrics: (page?: 'probes') => Promise<MetricsPage>;
  /** What is asked, and from where, as of now. */
  readonly queryMix: () => QueryMix;
  readonly tokens: TokenVerifier;
  /** Absent: plain HTTP. */
  readonly tls?: AdminTls | undefined;
  /** Who is known by a client certificate. */
  readonly clients?: readonly ClientEntry[];
  /** Networks in CIDR notation that may connect, beside loopback; none: all may. */
  readonly allow?: readonly string[];
  /** What happens, for those who follow it. */
  readonly events: Events;
  /** The shares so far of a drill that is under way. Absent: nobody looks. */
  readonly drillShares?: (name: string) => DrillShares | undefined;
  /** Replaces the findings about the server itself. */
  readonly onFindings?: (findings: readonly Finding[]) => void;
  /** Told of each request to change something that was refused, by the code of the refusal. */
  readonly onRefusal?: (code: string) => void;
  /** Where changes are written down. Absent: nowhere. */
  readonly audit?: Audit | undefined;
  readonly status: () => ProcessStatus;
  readonly log: Log;
  /** Ms since the epoch. */
  readonly now: () => number;
  /** Ms on a clock that nobody sets: limits go by it. */
  readonly steady: () => number;
  /** Runs a task later. */
  readonly after: Clock['after'];
  /** A random number of 32 bits, unsigned: the dice of `explain` where the caller throws none. */
  readonly dice: () => number;
};

/** Lets fastify take types from typebox schemas, which are JSON Schema as they stand. */
interface TypeboxProvider extends FastifyTypeProvider {
  readonly validator: this['schema'] extends TSchema ? Static<this['schema']> : unknown;
  readonly serializer: this['schema'] extends TSchema ? Static<this['schema']> : unknown;
}

/** The fastify instance that routes are added to. */
export type AdminApp = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  TypeboxProvider
>;

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Who may ask: anybody, or a token of this scope. Without it: `read`. */
    access?: 'open' | Scope;
  }
  interface FastifyRequest {
    /** Whose token or certificate it was, though it may not do this; nobody's on open routes. */
    caller: Caller | undefined;
  }
}
