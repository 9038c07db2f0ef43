import type { Model, MonitorId } from '../desired/model.ts';
import { combine } from './calculated.ts';
import { UNSEEN } from './judge.ts';
import type { MonitorHealth } from './monitor-health.ts';

/**
 * Health as if these monitors had been found down, with what follows from that for those that are made of them. The very same
 * where none is given. `now` in ms since the epoch.
 */
export function asFailed(
  health: ReadonlyMap<MonitorId, MonitorHealth>,
  monitors: ReadonlySet<MonitorId>,
  { calculated = [] }: Pick<Model, 'calculated'>,
  now: number,
): ReadonlyMap<MonitorId, MonitorHealth> {
  if (monitors.size === 0) return health;
  const failed = new Map<MonitorId, MonitorHealth>(health);
  const down: MonitorHealth = Object.freeze({ ...UNSEEN, state: 'down', since: now });
  for (const monitor of monitors) failed.set(monitor, down);
  // Members come before those that they are members of.
  for (const one of calculated) {
    const members = one.members.map((member) => failed.get(member) ?? UNSEEN);
    failed.set(one.id, combine(one, members, failed.get(one.id) ?? UNSEEN));
  }
  return failed;
}
