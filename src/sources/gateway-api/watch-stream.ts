import { asInteger, asText, at, field } from '../../core/desired/gateway-api/untrusted.ts';
import type { Clock } from '../../core/ports.ts';
import { ApiError, apiErrorOf } from './api-error.ts';
import type { ApiQuestion, Connection } from './connection.ts';
import { MAX_EVENT_OCTETS, MIN_WATCH_S, WATCH_IDLE_MS } from './limits.ts';
import { createLineSplitter } from './lines.ts';

/** What a watch tells. `bookmark`: nothing changed up to this version. */
export type WatchEvent =
  | { readonly kind: 'put' | 'delete'; readonly value: unknown; readonly version: string | undefined }
  | { readonly kind: 'bookmark'; readonly version: string | undefined };

/** One watch. */
export type WatchOptions = {
  readonly connection: Connection;
  readonly clock: Clock;
  readonly jitter: () => number;
  readonly question: ApiQuestion;
  /** Where it goes on from. */
  readonly version: string;
  onOpen(): void;
  onEvent(event: WatchEvent): void;
};

/** Follows one watch until the server ends it in good order, or rejects with `ApiError`. */
export async function followWatch(options: WatchOptions, signal: AbortSignal): Promise<void> {
  const { connection, clock, question } = options;
  const silent = new AbortController();
  const query = {
    ...question.query,
    watch: 'true',
    resourceVersion: options.version,
    allowWatchBookmarks: 'true',
    // By chance, or all watches would end together.
    timeoutSeconds: String(Math.round(MIN_WATCH_S * (1 + options.jitter()))),
  };
  const split = createLineSplitter(MAX_EVENT_OCTETS, () => {
    return new ApiError('too-large', `an event of a watch has over ${MAX_EVENT_OCTETS} octets`);
  });
  let cancel = (): void => {};
  const listen = (): void => {
    cancel();
    cancel = clock.after(WATCH_IDLE_MS, () => silent.abort());
  };
  try {
    const both = AbortSignal.any([signal, silent.signal]);
    const body = await connection.open({ path: question.path, query }, both);
    options.onOpen();
    listen();
    for await (const chunk of body) {
      listen();
      for (const line of split(chunk)) options.onEvent(eventOf(line, connection));
    }
  } catch (error) {
    if (!silent.signal.aborted) throw apiErrorOf(error);
    throw new ApiError('unreachable', `the watch was silent for ${WATCH_IDLE_MS / 1000} s`);
  } finally {
    cancel();
  }
}

function eventOf(line: string, connection: Pick<Connection, 'refusal'>): WatchEvent {
  let event: unknown;
  try {
    event = JSON.parse(line);
  } catch {
    throw new ApiError('unreachable', 'an event of a watch is not JSON');
  }
  const value = field(event, 'object');
  const version = asText(at(value, 'metadata', 'resourceVersion'));
  switch (field(event, 'type')) {
    case 'ADDED':
    case 'MODIFIED':
      return { kind: 'put', value, version };
    case 'DELETED':
      return { kind: 'delete', value, version };
    case 'BOOKMARK':
      return { kind: 'bookmark', version };
    case 'ERROR':
      throw connection.refusal(asInteger(field(value, 'code'), 100, 599) ?? 500, value);
    default:
      throw new ApiError('unreachable', 'an event of a watch is of no known type');
  }
}
