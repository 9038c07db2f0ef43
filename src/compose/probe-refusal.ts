import type { Config } from '../config/config.ts';
import type { Monitor } from '../core/desired/model.ts';
import { createTargetGuard } from '../core/desired/probe-targets.ts';

/**
 * Why the prober may not probe a monitor: what clusters ask for is guarded. Control targets and named monitors are the
 * operator's own, by address, and go wherever he says.
 */
export function probeRefusal({ prober, declaration }: Config): (monitor: Monitor) => string | undefined {
  const guard = createTargetGuard(prober.defaults.allow ?? []);
  const named = (declaration.monitors ?? []).flatMap(({ source }) => (source.kind === 'probe' ? [source.monitor] : []));
  const own = new Set([...prober.controls, ...named].map(({ id }) => id));
  return ({ id, address }) => (own.has(id) ? undefined : guard(address));
}
