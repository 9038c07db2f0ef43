import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyBaseLogger, FastifyInstance, FastifyTypeProvider, RawServerDefault } from 'fastify';
import type { Static, TSchema } from 'typebox';
import type { Director, DnsListener, ListenAddress, ReadinessItem, ViewAge } from '../core/ports.ts';
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

/** Where the admin server writes what a person should see. pino's loggers fit. */
export type AdminLog = {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
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
  readonly metrics: () => Promise<MetricsPage>;
  readonly tokens: TokenVerifier;
  readonly status: () => ProcessStatus;
  readonly log: AdminLog;
  /** Ms since the epoch. */
  readonly now: () => number;
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
    /** Whose token it was; nobody's on open routes. */
    caller: Caller | undefined;
  }
}
