import type { MonitorHealth } from '../health/monitor-health.ts';
import type { Plan } from './plan.ts';
import type { SnapshotInput } from './snapshot.ts';

/** The targets whose candidates may stand differently now than they did in the input before; same model, same plan. */
export function touchedTargets(plan: Plan, before: SnapshotInput, after: SnapshotInput): ReadonlySet<number> {
  const touched = new Set<number>();
  const touch = (targets: readonly number[] = []): void => {
    for (const target of targets) touched.add(target);
  };
  if (before.health !== after.health) {
    for (const [id, health] of after.health) {
      if (!isSame(before.health.get(id), health)) touch(plan.targetsOfMonitor.get(id));
    }
    for (const id of before.health.keys()) if (!after.health.has(id)) touch(plan.targetsOfMonitor.get(id));
  }
  for (const cluster of new Set([...before.overrides.keys(), ...after.overrides.keys()])) {
    if (before.overrides.has(cluster) !== after.overrides.has(cluster)) touch(plan.targetsOfCluster.get(cluster));
  }
  for (const { target, at } of plan.timedDrains) if (at > before.now !== at > after.now) touched.add(target);
  return touched;
}

/** When the next timed drain ends, in ms since the epoch; Infinity where none is running. */
export function nextDrainEnd(plan: Plan, now: number): number {
  let next = Number.POSITIVE_INFINITY;
  for (const { at } of plan.timedDrains) if (at > now) next = Math.min(next, at);
  return next;
}

/** Whether steering would read the same. */
function isSame(before: MonitorHealth | undefined, after: MonitorHealth): boolean {
  if (before === after) return true;
  return (
    before?.state === after.state && before.since === after.since && before.secondsToChange === after.secondsToChange
  );
}
