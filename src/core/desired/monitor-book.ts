import type { Monitor, MonitorId } from './model.ts';
import { compareText } from './order.ts';

/** The monitors in use. */
export type MonitorBook = {
  /** One more use of a monitor. */
  retain(monitor: Monitor): void;
  /** One use less. */
  release(id: MonitorId): void;
  /** All in use, ordered by id, frozen; the very same list where it is as it was. */
  settle(): readonly Monitor[];
};

type Use = { readonly monitor: Monitor; count: number };

/** An empty book. Of monitors with equal ids the first is kept. */
export function createMonitorBook(): MonitorBook {
  const uses = new Map<MonitorId, Use>();
  // Since the last settling: a monitor that is given up may be wanted again before the next.
  let fresh: Use[] = [];
  let idle: Use[] = [];
  let settled: readonly Monitor[] = Object.freeze([]);
  return {
    retain(monitor) {
      const known = uses.get(monitor.id);
      const use = known ?? { monitor, count: 0 };
      use.count += 1;
      if (known !== undefined) return;
      uses.set(monitor.id, use);
      fresh.push(use);
    },
    release(id) {
      const use = uses.get(id);
      if (use === undefined) return;
      use.count -= 1;
      if (use.count === 0) idle.push(use);
    },
    settle() {
      const unused = idle.filter((use) => use.count === 0);
      for (const { monitor } of unused) uses.delete(monitor.id);
      const added = fresh.filter((use) => use.count > 0).map((use) => use.monitor);
      [fresh, idle] = [[], []];
      const kept = unused.length === 0 ? settled : settled.filter((monitor) => uses.has(monitor.id));
      if (added.length > 0 || kept.length < settled.length) {
        settled = Object.freeze(
          mergeSorted(
            kept,
            added.toSorted((a, b) => compareText(a.id, b.id)),
          ),
        );
      }
      return settled;
    },
  };
}

function mergeSorted(a: readonly Monitor[], b: readonly Monitor[]): readonly Monitor[] {
  if (a.length === 0) return b;
  const merged: Monitor[] = [];
  let next = 0;
  for (const one of b) {
    for (let other = a[next]; other !== undefined && other.id < one.id; other = a[next]) {
      merged.push(other);
      next += 1;
    }
    merged.push(one);
  }
  for (const rest of a.slice(next)) merged.push(rest);
  return merged;
}
