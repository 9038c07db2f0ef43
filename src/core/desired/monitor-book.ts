import type { CalculatedMonitor, Monitor, MonitorId } from './model.ts';
import type { MonitorTree } from './named-monitors.ts';
import { compareText } from './order.ts';

/** All monitors in use, frozen; of each kind the very same list where it is as it was. */
type Settled = {
  /** Ordered by id. */
  readonly monitors: readonly Monitor[];
  /** Members before those that they are members of; undefined where there are none. */
  readonly calculated: readonly CalculatedMonitor[] | undefined;
};

/** The monitors in use. */
export type MonitorBook = {
  /** One more use of a monitor, and of what it is made of. */
  retain(tree: MonitorTree): void;
  /** One use less. */
  release(root: MonitorId): void;
  settle(): Settled;
};

type Use<T> = { readonly monitor: T; readonly height: number; readonly members: readonly MonitorId[]; count: number };

const NO_MEMBERS: readonly MonitorId[] = [];

/** An empty book. Of monitors with equal ids the first is kept. */
export function createMonitorBook(): MonitorBook {
  const probes = createShelf<Monitor>((a, b) => compareText(a.monitor.id, b.monitor.id));
  const calculated = createShelf<CalculatedMonitor>(
    (a, b) => a.height - b.height || compareText(a.monitor.id, b.monitor.id),
  );
  const find = (id: MonitorId): Use<unknown> | undefined => probes.find(id) ?? calculated.find(id);

  function hold(id: MonitorId): void {
    const use = find(id);
    if (use === undefined) return;
    use.count += 1;
    if (use.count === 1) for (const member of use.members) hold(member);
  }

  function release(id: MonitorId): void {
    const use = find(id);
    if (use === undefined) return;
    use.count -= 1;
    if (use.count > 0) return;
    (use.members === NO_MEMBERS ? probes : calculated).suspect(id);
    for (const member of use.members) release(member);
  }

  return {
    retain(tree) {
      for (const monitor of tree.probes) probes.add(monitor, 0, NO_MEMBERS);
      for (const monitor of tree.calculated) {
        const heights = monitor.members.map((member) => find(member)?.height ?? 0);
        calculated.add(monitor, 1 + Math.max(0, ...heights), monitor.members);
      }
      hold(tree.root);
    },
    release,
    settle() {
      const made = calculated.settle();
      return { monitors: probes.settle(), calculated: made.length === 0 ? undefined : made };
    },
  };
}

/** Monitors of one kind, in order. */
type Shelf<T> = {
  find(id: MonitorId): Use<T> | undefined;
  /** Unless it is there; nobody uses it yet. */
  add(monitor: T, height: number, members: readonly MonitorId[]): void;
  /** It may have to go at the next settling. */
  suspect(id: MonitorId): void;
  settle(): readonly T[];
};

function createShelf<T extends { readonly id: MonitorId }>(compare: (a: Use<T>, b: Use<T>) => number): Shelf<T> {
  const uses = new Map<MonitorId, Use<T>>();
  // Since the last settling: a monitor that is given up may be wanted again before the next.
  let fresh: Use<T>[] = [];
  let idle: Use<T>[] = [];
  let kept: readonly Use<T>[] = [];
  let settled: readonly T[] = Object.freeze([]);
  return {
    find: (id) => uses.get(id),
    add(monitor, height, members) {
      if (uses.has(monitor.id)) return;
      const use = { monitor, height, members, count: 0 };
      uses.set(monitor.id, use);
      fresh.push(use);
    },
    suspect(id) {
      const use = uses.get(id);
      if (use !== undefined) idle.push(use);
    },
    settle() {
      const unused = [...idle, ...fresh].filter((use) => use.count === 0);
      for (const { monitor } of unused) uses.delete(monitor.id);
      const added = fresh.filter((use) => use.count > 0);
      [fresh, idle] = [[], []];
      const left = unused.length === 0 ? kept : kept.filter((use) => use.count > 0);
      if (added.length === 0 && left.length === kept.length) return settled;
      kept = mergeSorted(left, added.toSorted(compare), compare);
      settled = Object.freeze(kept.map(({ monitor }) => monitor));
      return settled;
    },
  };
}

function mergeSorted<T>(a: readonly T[], b: readonly T[], compare: (a: T, b: T) => number): readonly T[] {
  if (a.length === 0) return b;
  const merged: T[] = [];
  let next = 0;
  for (const one of b) {
    for (let other = a[next]; other !== undefined && compare(other, one) < 0; other = a[next]) {
      merged.push(other);
      next += 1;
    }
    merged.push(one);
  }
  for (const rest of a.slice(next)) merged.push(rest);
  return merged;
}
