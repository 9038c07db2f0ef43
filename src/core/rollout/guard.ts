import type { Model, MonitorId } from '../desired/model.ts';
import type { MonitorHealth, MonitorState } from '../health/monitor-health.ts';
import type { Guard } from './progress.ts';
import { concerns } from './reach.ts';
import type { RolloutSpec } from './rollout.ts';

/** A monitor that must be up for a canary, and what it is in words. */
export type Watched = { readonly monitor: MonitorId; readonly what: string };

/** What must be up for a rollout in this model: each monitor once, the named ones first. */
export function watchedBy(spec: RolloutSpec, { hostnames, named = [] }: Model): readonly Watched[] {
  if (spec.plan.kind !== 'canary') return [];
  const watched = new Map<MonitorId, string>();
  for (const { name, id } of named) if (spec.plan.monitors.includes(name)) watched.set(id, `monitor ${name}`);
  if (spec.plan.endpoints === 'must-be-up') {
    for (const hostname of hostnames) {
      if (!concerns(spec, hostname)) continue;
      for (const { cluster, address, monitor } of hostname.endpoints) {
        if (!spec.to.includes(cluster) || monitor === 'unchecked' || watched.has(monitor)) continue;
        watched.set(monitor, `${address} of ${cluster} (${hostname.name})`);
      }
    }
  }
  return [...watched].map(([monitor, what]) => ({ monitor, what }));
}

/** How all of these fare: what is bad before what is unknown. A degraded one is up. */
export function guardOf(watched: readonly Watched[], health: ReadonlyMap<MonitorId, MonitorHealth>): Guard {
  const stateOf = ({ monitor }: Watched): MonitorState => health.get(monitor)?.state ?? 'unseen';
  const bad = watched.filter((each) => stateOf(each) === 'down' || stateOf(each) === 'held');
  const [first] = bad;
  if (first !== undefined) {
    const more = bad.length > 1 ? `, and ${bad.length - 1} more` : '';
    return { kind: 'bad', what: `${first.what} is ${stateOf(first)}${more}` };
  }
  return { kind: watched.some((each) => stateOf(each) === 'unseen') ? 'unknown' : 'good' };
}
