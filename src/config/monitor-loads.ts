import type { Static } from 'typebox';
import type { LoadOrigin, NamedMonitor as Named } from '../core/desired/model.ts';
import { idOfName } from '../core/desired/named-monitors.ts';
import { parseDuration } from './duration.ts';
import type { Complain, Path } from './problem.ts';
import type { NamedMonitor } from './schema-monitors.ts';

type Entry = Static<typeof NamedMonitor>;

/** The monitor of an entry with `load`. Complains where the cluster, or who tells it, is not said. */
export function loadOf({ name, cluster, load }: Entry, path: Path, complain: Complain): Named | undefined {
  const from = originOf(load);
  if (from === undefined) {
    complain([...path, 'load'], { expected: 'either prometheus or external', found: 'none or both' });
  }
  if (cluster === undefined) complain(path, { expected: 'the cluster whose load it tells', found: 'no cluster' });
  if (from === undefined || cluster === undefined) return undefined;
  return { name, id: idOfName(name), source: { kind: 'load', cluster, from } };
}

function originOf({ external, prometheus }: Entry['load'] & {} = {}): LoadOrigin | undefined {
  if ((external === undefined) === (prometheus === undefined)) return undefined;
  if (external !== undefined) return { kind: 'external', expiresMs: parseDuration(external.expires) ?? 0 };
  if (prometheus === undefined) return undefined;
  const { url, expr, interval, timeout } = prometheus;
  const intervalMs = parseDuration(interval) ?? 0;
  // The default must not be a mistake beside a short interval.
  const timeoutMs = Math.min(parseDuration(timeout) ?? 0, intervalMs);
  return { kind: 'prometheus', gauge: { url, expr, intervalMs, timeoutMs } };
}
