import type { Hostname, Model, MonitorId } from '../desired/model.ts';

/**
 * Says which probed monitors speak for a hostname, each once; those that are made of others by what they are made of. Without
 * the named ones: they are watched whoever is asked for, and half the model may hang on one of them.
 */
export function createReach({
  calculated = [],
  named = [],
}: Pick<Model, 'calculated' | 'named'>): (hostname: Pick<Hostname, 'endpoints'>) => readonly MonitorId[] {
  const left = new Set(named.map(({ id }) => id));
  const leaves = new Map<MonitorId, readonly MonitorId[]>();
  const leavesOf = (id: MonitorId): readonly MonitorId[] => leaves.get(id) ?? (left.has(id) ? [] : [id]);
  // Members come before those that they are members of.
  for (const { id, members } of calculated) leaves.set(id, left.has(id) ? [] : [...new Set(members.flatMap(leavesOf))]);
  return ({ endpoints }) => [
    ...new Set(endpoints.flatMap(({ monitor }) => (monitor === 'unchecked' ? [] : leavesOf(monitor)))),
  ];
}
