import type { MonitorId, NamedMonitor } from '../desired/model.ts';
import { quote } from '../desired/quote.ts';
import { nearest } from '../desired/suggest.ts';
import { type ExternalResult, type ExternalStanding, NEVER_PUSHED } from './external.ts';
import { type LoadReport, type LoadStanding, NO_LOAD } from './load-standing.ts';

/**
 * A result for a named monitor, or the load of a cluster, which is finite and not below 0; without `expiresMs` it counts for
 * as long as the configuration lets it.
 */
export type MonitorPush = (Omit<ExternalResult, 'expiresMs'> | Pick<LoadReport, 'rate' | 'by'>) & {
  readonly name: string;
  readonly expiresMs?: number;
};

/** Why a result is not taken: stable codes. */
type PushRefusal = {
  readonly code: 'monitor-unknown' | 'monitor-not-external' | 'result-unfit' | 'expires-too-late';
  readonly message: string;
};

/** Where results go. */
type Book = {
  push(monitor: MonitorId, result: ExternalResult): void;
  readonly pushed: ReadonlyMap<MonitorId, ExternalStanding>;
  report(monitor: MonitorId, load: LoadReport): void;
  readonly loads: ReadonlyMap<MonitorId, LoadStanding>;
};

/** Takes a result for one of the named monitors into the book, and says how the monitor stands then. */
export function takePush(
  { name, expiresMs, ...result }: MonitorPush,
  named: readonly NamedMonitor[] = [],
  book: Book,
): PushRefusal | ExternalStanding | LoadStanding {
  const monitor = named.find((one) => one.name === name);
  if (monitor === undefined) return unknown(name, named);
  const { id, source } = monitor;
  const from = source.kind === 'load' ? source.from : source;
  if (from.kind !== 'external') {
    return { code: 'monitor-not-external', message: `The monitor ${name} looks for itself: it takes no results.` };
  }
  if (expiresMs !== undefined && expiresMs > from.expiresMs) {
    const longest = from.expiresMs / 1000;
    return { code: 'expires-too-late', message: `A result of ${name} counts for ${longest} s at most.` };
  }
  const expires = expiresMs ?? from.expiresMs;
  if (source.kind === 'load') {
    if (!('rate' in result)) return unfit(name, 'load');
    book.report(id, { ...result, expiresMs: expires });
    return book.loads.get(id) ?? NO_LOAD;
  }
  if ('rate' in result) return unfit(name, 'state');
  book.push(id, { ...result, expiresMs: expires });
  return book.pushed.get(id) ?? NEVER_PUSHED;
}

function unfit(name: string, wanted: 'load' | 'state'): PushRefusal {
  return { code: 'result-unfit', message: `A result of ${name} has a ${wanted}, and nothing else of that kind.` };
}

function unknown(name: string, named: readonly NamedMonitor[]): PushRefusal {
  const meant = nearest(
    name,
    named.map((one) => one.name),
  );
  const hint = meant === undefined ? '' : ` Did you mean ${meant}?`;
  return { code: 'monitor-unknown', message: `There is no monitor ${quote(name)}.${hint}` };
}
