/** Which hostnames a rollout is about, and which two rollouts would meet. */
import type { Hostname } from '../desired/model.ts';
import type { RolloutSpec } from './rollout.ts';

const WILDCARD = '*.';

/** Whether it divides the clients of this hostname: it is meant, and has clusters of both groups. */
export function concerns(spec: RolloutSpec, { name, endpoints }: Hostname): boolean {
  if (spec.hostnames !== undefined && !spec.hostnames.some((pattern) => holds(pattern, name))) return false;
  return (
    endpoints.some(({ cluster }) => spec.to.includes(cluster)) &&
    endpoints.some(({ cluster }) => spec.from.includes(cluster))
  );
}

/** Whether there could be a hostname that both are about: one hostname has one rollout, whatever its clusters. */
export function meet({ hostnames: some }: RolloutSpec, { hostnames: others }: RolloutSpec): boolean {
  if (some === undefined || others === undefined) return true;
  return some.some((one) => others.some((other) => holds(one, other) || holds(other, one)));
}

/** `*.eu.example` holds all names below `eu.example`, and itself. */
function holds(pattern: string, name: string): boolean {
  return pattern === name || (pattern.startsWith(WILDCARD) && name.endsWith(pattern.slice(1)));
}
