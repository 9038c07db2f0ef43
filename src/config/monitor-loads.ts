import type { Static } from 'typebox';
import type { LoadOrigin, NamedMonitor as Named } from '../core/desired/model.ts';
import { idOfName } from '../core/desired/named-monitors.ts';
import type { Assembly } from './assembly.ts';
import { parseDuration } from './duration.ts';
import type { Path } from './problem.ts';
import { gaugeQueryOf } from './prometheus.ts';
import type { NamedMonitor } from './schema-monitors.ts';

type Entry = Static<typeof NamedMonitor>;

/** The monitor of an entry with `load`. Complains where the cluster, or who tells it, is not said. */
export function loadOf({ name, cluster, load }: Entry, path: Path, assembly: Assembly): Named | undefined {
  const { complain } = assembly;
  const from = originOf(load, [...path, 'load'], assembly);
  if (from === undefined) {
    complain([...path, 'load'], { expected: 'either prometheus or external', found: 'none or both' });
  }
  if (cluster === undefined) complain(path, { expected: 'the cluster whose load it tells', found: 'no cluster' });
  if (from === undefined || cluster === undefined) return undefined;
  return { name, id: idOfName(name), source: { kind: 'load', cluster, from } };
}

function originOf(
  { external, prometheus }: Entry['load'] & {} = {},
  path: Path,
  assembly: Assembly,
): LoadOrigin | undefined {
  if ((external === undefined) === (prometheus === undefined)) return undefined;
  if (external !== undefined) return { kind: 'external', expiresMs: parseDuration(external.expires) ?? 0 };
  if (prometheus === undefined) return undefined;
  return { kind: 'prometheus', gauge: gaugeQueryOf(prometheus, [...path, 'prometheus'], assembly) };
}
