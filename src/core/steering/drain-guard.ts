import { contains, isRestricted } from '../desired/area.ts';
import type { Endpoint, Hostname, Model, MonitorId } from '../desired/model.ts';
import type { MonitorHealth } from '../health/monitor-health.ts';
import { candidateOf } from './candidate.ts';
import { type Candidate, isUp } from './decision.ts';

/** What the guard goes by; `now` in ms since the epoch. */
export type DrainGuardInput = { readonly health: ReadonlyMap<MonitorId, MonitorHealth>; readonly now: number };

/**
 * Names of the hostnames that have an endpoint in the one model that is neither down, held nor drained, and none in the other;
 * also those whose residency area has none any more, since its clients may not go elsewhere. Both models have the same
 * hostnames in the same order.
 */
export function hostnamesLeftWithout(before: Model, after: Model, input: DrainGuardInput): readonly string[] {
  return before.hostnames
    .filter((hostname, index) => {
      const next = after.hostnames[index];
      return next !== undefined && next !== hostname && isLeftWithout(hostname, next, input);
    })
    .map(({ name }) => name);
}

/** Whether clients could be sent there: neither down, held nor drained, and ready. Who is unseen was not found down. */
export function isUsable({ state, drain, endpoint }: Candidate): boolean {
  return (isUp(state) || state === 'unseen') && drain === 'none' && endpoint.unready === undefined;
}

function isLeftWithout(before: Hostname, after: Hostname, { health, now }: DrainGuardInput): boolean {
  const usableOf = ({ endpoints }: Hostname): readonly Endpoint[] =>
    endpoints.filter((endpoint) => isUsable(candidateOf(endpoint, health, now)));
  const [old, left] = [usableOf(before), usableOf(after)];
  if (old.length > 0 && left.length === 0) return true;
  const { residency } = before.policy;
  const isInside = ({ location }: Endpoint): boolean => contains(residency, location);
  return isRestricted(residency) && old.some(isInside) && !left.some(isInside);
}

/** Why something is not ordered that would leave these hostnames without anybody: one or more of them. */
export function leavesNone(
  what: string,
  left: readonly string[],
): { readonly code: 'drain-leaves-none'; readonly message: string } {
  const named = left.slice(0, 5).join(', ') + (left.length > 5 ? `, and ${left.length - 5} more` : '');
  return {
    code: 'drain-leaves-none',
    message: `${what} leaves no usable cluster for ${named}. Use force to do it all the same.`,
  };
}
