import type { Model, MonitorId } from '../desired/model.ts';
import { UNSEEN } from '../health/judge.ts';
import type { MonitorHealth } from '../health/monitor-health.ts';

/** The health of a world in which every endpoint that is watched is up: where nobody has measured. `now` in ms since the epoch. */
export function allHealthy({ hostnames }: Model, now: number): ReadonlyMap<MonitorId, MonitorHealth> {
  const up: MonitorHealth = Object.freeze({ ...UNSEEN, state: 'up', since: now });
  const health = new Map<MonitorId, MonitorHealth>();
  for (const { endpoints } of hostnames) for (const { monitor } of endpoints) health.set(monitor, up);
  health.delete('unchecked');
  return health;
}
