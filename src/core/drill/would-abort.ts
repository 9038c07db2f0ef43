/** What breaks a drill off for certain, known before it begins. */
import type { Endpoint, Hostname } from '../desired/model.ts';
import { matcherIn } from '../orders/scope.ts';
import type { DrillSpec } from './drill.ts';
import type { Reach } from './reach.ts';
import { badMonitor, type DrillWorld, isUsableIn, lowShare, tooFew, touchedIn } from './sight.ts';

/**
 * Which condition of its own would break a drill off, in words: as soon as it began, or at its last step. `ahead`: it begins
 * later, by a health that nobody knows yet, so that all that it leaves alone counts as usable.
 */
export function wouldAbort(
  spec: DrillSpec,
  reach: Reach,
  world: DrillWorld,
  begins: 'now' | 'ahead',
): string | undefined {
  const { monitors, healthyShare } = spec.abort;
  const bad = begins === 'now' ? badMonitor(monitors, world) : undefined;
  if (bad !== undefined || healthyShare === 0) return bad;
  const hostnames = touchedIn(reach, world.model);
  const already = begins === 'now' ? lowShare(healthyShare, hostnames, world) : undefined;
  if (already !== undefined) return already;
  const isTaken = takenBy(spec, reach, world);
  const all = hostnames.flatMap((hostname) => hostname.endpoints.map((endpoint) => [hostname, endpoint] as const));
  const left = all.filter(
    ([hostname, endpoint]) => !isTaken(hostname, endpoint) && (begins === 'ahead' || isUsableIn(endpoint, world)),
  );
  const few = tooFew(healthyShare, left.length, all.length);
  return few && `${few}, by what it does itself`;
}

/** Whether a drill takes an endpoint itself, at its last step. What is made of several monitors may outlive one of them. */
function takenBy(
  { action, scope }: DrillSpec,
  { monitors }: Reach,
  { model }: DrillWorld,
): (hostname: Hostname, endpoint: Endpoint) => boolean {
  if (action.kind === 'drain') return matcherIn(scope, model.teams).fits;
  if (action.kind !== 'fail') return () => false;
  const failed = new Set(monitors);
  return (_, { monitor, order }) => failed.has(monitor) && order?.state === undefined;
}
