import { contains, isRestricted } from '../desired/area.ts';
import type { Endpoint, Hostname, Model, MonitorId } from '../desired/model.ts';
import type { MonitorHealth } from '../health/monitor-health.ts';
import type { BrokenRule } from '../orders/safety-rule.ts';
import { candidateOf } from './candidate.ts';
import { type Candidate, isUp } from './decision.ts';

/** What the guard goes by: a model with orders laid over it, and what is believed of its monitors. */
export type GuardedWorld = { readonly model: Model; readonly health: ReadonlyMap<MonitorId, MonitorHealth> };

/**
 * Names of the hostnames that have an endpoint in the one world that is neither down, held nor drained, and none in the other;
 * also those whose residency area has none any more, since its clients may not go elsewhere. The models of both have the same
 * hostnames in the same order. `now` in ms since the epoch.
 */
export function hostnamesLeftWithout(before: GuardedWorld, after: GuardedWorld, now: number): readonly string[] {
  const isBelievedAlike = before.health === after.health;
  return before.model.hostnames
    .filter((hostname, index) => {
      const next = after.model.hostnames[index];
      if (next === undefined || (next === hostname && isBelievedAlike)) return false;
      const usable = [usableOf(hostname, before.health, now), usableOf(next, after.health, now)] as const;
      return isLeftWithout(hostname, ...usable);
    })
    .map(({ name }) => name);
}

/** Whether clients could be sent there: neither down, held nor drained, and ready. Who is unseen was not found down. */
export function isUsable({ state, drain, endpoint }: Candidate): boolean {
  return (isUp(state) || state === 'unseen') && drain === 'none' && endpoint.unready === undefined;
}

function usableOf({ endpoints }: Hostname, health: GuardedWorld['health'], now: number): readonly Endpoint[] {
  return endpoints.filter((endpoint) => isUsable(candidateOf(endpoint, health, now)));
}

function isLeftWithout({ policy }: Hostname, old: readonly Endpoint[], left: readonly Endpoint[]): boolean {
  if (old.length > 0 && left.length === 0) return true;
  const { residency } = policy;
  const isInside = ({ location }: Endpoint): boolean => contains(residency, location);
  return isRestricted(residency) && old.some(isInside) && !left.some(isInside);
}

/** That something would leave these hostnames without anybody, of which there may be none. `what`: the change, as a sentence begins. */
export function leavesNone(what: string, left: readonly string[]): readonly BrokenRule[] {
  if (left.length === 0) return [];
  const named = left.slice(0, 5).join(', ') + (left.length > 5 ? `, and ${left.length - 5} more` : '');
  return [{ rule: 'drain-leaves-none', message: `${what} leaves no usable cluster for ${named}.` }];
}
