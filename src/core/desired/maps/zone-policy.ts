import type { Policy, ZoneSpec } from '../model.ts';
import { NO_MAP } from './client-map.ts';

/**
 * The policy of a hostname in its zone: with the zone's map where no annotation says another one. The very same for the
 * same policy and zone, so that hostnames go on sharing it.
 */
export function createZonePolicies(zones: readonly ZoneSpec[]): (policy: Policy, zone: string) => Policy {
  const mapOf = new Map(zones.map(({ apex, map }) => [apex, map]));
  const made = new WeakMap<Policy, Map<string | undefined, Policy>>();
  return (policy, zone) => {
    const map = policy.map ?? mapOf.get(zone);
    if (map === policy.map && map !== NO_MAP) return policy;
    const known = made.get(policy) ?? new Map<string | undefined, Policy>();
    made.set(policy, known);
    const { map: _, ...rest } = policy;
    const own = known.get(map) ?? Object.freeze(map === undefined || map === NO_MAP ? rest : { ...rest, map });
    known.set(map, own);
    return own;
  };
}
