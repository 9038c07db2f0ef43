import type { Model, MonitorId } from '../desired/model.ts';
import { UNSEEN } from '../health/judge.ts';
import type { MonitorHealth } from '../health/monitor-health.ts';
import { createOrderOverlay } from '../orders/overlay.ts';
import { drainOf } from '../orders/override.ts';
import type { SnapshotInput } from '../snapshot/snapshot.ts';

/** Who orders the drain of a lost cluster: never a person. */
const BY = 'plan';

/**
 * The same world without these clusters: what only they have is down, and they are drained, so that no last resort sends
 * anybody there. `given` is not changed.
 */
export function withoutClusters(given: SnapshotInput, clusters: ReadonlySet<string>): SnapshotInput {
  if (clusters.size === 0) return given;
  const { model, now } = given;
  const drains = [...clusters].map((cluster) => drainOf({ cluster, at: now, by: BY, reason: 'lost' }));
  const lost = createOrderOverlay().lay(model, new Map(drains.map((order) => [order.name, order])), now);
  const health = new Map<MonitorId, MonitorHealth>(given.health);
  const down: MonitorHealth = Object.freeze({ ...UNSEEN, state: 'down', since: now });
  for (const monitor of monitorsOf(model, clusters)) health.set(monitor, down);
  return { ...given, model: lost, health };
}

/** The monitors whose endpoints are all in these clusters. */
function monitorsOf({ hostnames }: Model, clusters: ReadonlySet<string>): ReadonlySet<MonitorId> {
  const [own, others] = [new Set<MonitorId>(), new Set<MonitorId>()];
  for (const { endpoints } of hostnames) {
    for (const { cluster, monitor } of endpoints) (clusters.has(cluster) ? own : others).add(monitor);
  }
  return own.difference(others).difference(new Set(['unchecked']));
}
