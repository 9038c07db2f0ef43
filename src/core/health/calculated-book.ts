import type { CalculatedMonitor, MonitorId } from '../desired/model.ts';
import { combine } from './calculated.ts';
import type { MonitorHealth } from './monitor-health.ts';
import { UNSEEN } from './told.ts';

/** Keeps what is believed of calculated monitors in step with their members. */
export type CalculatedBook = {
  /** Replaces the calculated monitors; members come before those that they are members of. */
  watch(calculated: readonly CalculatedMonitor[]): void;
  has(id: MonitorId): boolean;
  /** These and all that they are made of. */
  withMembers(ids: Iterable<MonitorId>): ReadonlySet<MonitorId>;
  /** Writes what follows from the changed ones into `beliefs`, and adds to `changed` what is different by it. */
  settle(beliefs: Map<MonitorId, MonitorHealth>, changed: Set<MonitorId>): void;
};

/** A book without monitors. */
export function createCalculatedBook(): CalculatedBook {
  let all: readonly CalculatedMonitor[] = [];
  let places = new Map<MonitorId, number>();
  /** By member: the places of those that it is a member of. */
  let dependents = new Map<MonitorId, number[]>();
  let unsettled: number[] = [];

  /** All that may be touched, in the order in which each comes after its members. */
  function touchedBy(changed: Iterable<MonitorId>): readonly number[] {
    const touched = new Set(unsettled);
    for (const id of changed) for (const place of dependents.get(id) ?? []) touched.add(place);
    // A set is walked to its end, also over what is added on the way.
    for (const place of touched) for (const next of dependents.get(all[place]!.id) ?? []) touched.add(next);
    return [...touched].toSorted((a, b) => a - b);
  }

  return {
    watch(calculated) {
      const known = places;
      const waiting = new Set(unsettled.map((place) => all[place]!.id));
      all = calculated;
      places = new Map();
      for (const [place, { id }] of calculated.entries()) places.set(id, place);
      dependents = new Map();
      for (const [place, { members }] of calculated.entries()) {
        for (const member of members) {
          const found = dependents.get(member);
          if (found === undefined) dependents.set(member, [place]);
          else if (found.at(-1) !== place) found.push(place);
        }
      }
      unsettled = [];
      for (const [id, place] of places) if (!known.has(id) || waiting.has(id)) unsettled.push(place);
    },
    has: (id) => places.has(id),
    withMembers(ids) {
      const found = new Set(ids);
      // A set is walked to its end, also over what is added on the way.
      for (const id of found) for (const member of all[places.get(id) ?? -1]?.members ?? []) found.add(member);
      return found;
    },
    settle(beliefs, changed) {
      for (const place of touchedBy(changed)) {
        const monitor = all[place]!;
        const members = monitor.members.map((id) => beliefs.get(id) ?? UNSEEN);
        const before = beliefs.get(monitor.id) ?? UNSEEN;
        const after = combine(monitor, members, before);
        if (after === before) continue;
        beliefs.set(monitor.id, after);
        changed.add(monitor.id);
      }
      unsettled = [];
    },
  };
}
