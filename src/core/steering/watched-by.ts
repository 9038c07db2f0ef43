import type { Model, MonitorId } from '../desired/model.ts';

/**
 * The monitors by which endpoints of a cluster are judged. What is made of others stands for them: it is they that are held,
 * and so they are among them.
 */
export function monitorsOfCluster({ hostnames, calculated = [] }: Model, cluster: string): ReadonlySet<MonitorId> {
  const own = new Set<MonitorId>();
  for (const { endpoints } of hostnames) {
    for (const endpoint of endpoints) if (endpoint.cluster === cluster) own.add(endpoint.monitor);
  }
  own.delete('unchecked');
  for (const { id, members } of calculated.toReversed()) {
    if (own.has(id)) for (const member of members) own.add(member);
  }
  return own;
}
