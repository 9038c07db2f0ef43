import type { CalculatedMonitor, MonitorId } from '../desired/model.ts';
import { decider } from './calculated.ts';
import type { MonitorHealth } from './monitor-health.ts';
import { UNSEEN } from './told.ts';

const indexes = new WeakMap<readonly CalculatedMonitor[], ReadonlyMap<MonitorId, CalculatedMonitor>>();

/**
 * The monitor that is measured and decides the state of this one, which may be calculated: the first member of its state,
 * and so on. Its own id where it is measured itself. `calculated` is the model's list.
 */
export function causeOf(
  id: MonitorId,
  health: ReadonlyMap<MonitorId, MonitorHealth>,
  calculated: readonly CalculatedMonitor[] | undefined,
): MonitorId {
  const byId = calculated === undefined ? undefined : indexOf(calculated);
  let cause = id;
  // Members come before those that they are members of, so that this comes to an end.
  for (let monitor = byId?.get(cause); monitor !== undefined; monitor = byId?.get(cause)) {
    const members = monitor.members.map((member) => health.get(member) ?? UNSEEN);
    const next = monitor.members[decider(monitor, members, (health.get(cause) ?? UNSEEN).state)];
    if (next === undefined) break;
    cause = next;
  }
  return cause;
}

/** Lists are frozen and often asked about: each is indexed once. */
function indexOf(calculated: readonly CalculatedMonitor[]): ReadonlyMap<MonitorId, CalculatedMonitor> {
  const known = indexes.get(calculated);
  if (known !== undefined) return known;
  const made = new Map(calculated.map((monitor) => [monitor.id, monitor]));
  indexes.set(calculated, made);
  return made;
}
