import type { MonitorId, NamedMonitor } from '../desired/model.ts';
import { quote } from '../desired/quote.ts';
import { nearest } from '../desired/suggest.ts';
import { type ExternalResult, type ExternalStanding, NEVER_PUSHED } from './external.ts';

/** A result for a named monitor; without `expiresMs` it counts for as long as the configuration lets it. */
export type MonitorPush = Omit<ExternalResult, 'expiresMs'> & { readonly name: string; readonly expiresMs?: number };

/** Why a result is not taken: stable codes. */
type PushRefusal = {
  readonly code: 'monitor-unknown' | 'monitor-not-external' | 'expires-too-late';
  readonly message: string;
};

/** Where results go. */
type Book = {
  push(monitor: MonitorId, result: ExternalResult): void;
  readonly pushed: ReadonlyMap<MonitorId, ExternalStanding>;
};

/** Takes a result for one of the named monitors into the book, and says how the monitor stands then. */
export function takePush(
  { name, expiresMs, ...result }: MonitorPush,
  named: readonly NamedMonitor[] = [],
  book: Book,
): PushRefusal | ExternalStanding {
  const monitor = named.find((one) => one.name === name);
  if (monitor === undefined) return unknown(name, named);
  const { id, source } = monitor;
  if (source.kind !== 'external') {
    return { code: 'monitor-not-external', message: `The monitor ${name} looks for itself: it takes no results.` };
  }
  if (expiresMs !== undefined && expiresMs > source.expiresMs) {
    const longest = source.expiresMs / 1000;
    return { code: 'expires-too-late', message: `A result of ${name} counts for ${longest} s at most.` };
  }
  book.push(id, { ...result, expiresMs: expiresMs ?? source.expiresMs });
  return book.pushed.get(id) ?? NEVER_PUSHED;
}

function unknown(name: string, named: readonly NamedMonitor[]): PushRefusal {
  const meant = nearest(
    name,
    named.map((one) => one.name),
  );
  const hint = meant === undefined ? '' : ` Did you mean ${meant}?`;
  return { code: 'monitor-unknown', message: `There is no monitor ${quote(name)}.${hint}` };
}
