import type { Model, MonitorId } from '../core/desired/model.ts';
import type { StateChange } from '../core/health/health-book.ts';
import { MONITOR_STATES, type MonitorState } from '../core/health/monitor-health.ts';

/** Most monitors whose changes wait for somebody who reads them; then it is found out at once whose they are. */
const MAX_WAITING_MONITORS = 20_000;

/** Changes of state by cluster, since the start. */
export type FlipCounts = {
  /** By the new state. */
  readonly changes: ReadonlyMap<string, Readonly<Record<MonitorState, number>>>;
  /** Recoveries that were held back because of flapping. */
  readonly damped: ReadonlyMap<string, number>;
};

/** Counts changes of state. */
export type Flips = { take(change: StateChange): void; read(): FlipCounts };

type Counts = { readonly states: Record<MonitorState, number>; damped: number };

/**
 * A monitor does not know whose it is, and to look for that takes a walk over all endpoints: not while a failover is under
 * way, but when the counts are read. A change counts for each cluster that has the monitor.
 */
export function createFlips(model: () => Model): Flips {
  const totals = new Map<string, Counts>();
  let waiting = new Map<MonitorId, Counts>();

  function settle(): void {
    if (waiting.size === 0) return;
    for (const [id, clusters] of clustersOf(model(), waiting)) {
      const counts = waiting.get(id);
      if (counts === undefined) continue;
      for (const cluster of clusters) add(countsOf(totals, cluster), counts);
    }
    waiting = new Map();
  }

  return {
    take({ monitor, after }) {
      const counts = countsOf(waiting, monitor.id);
      counts.states[after.state] += 1;
      if (after.state === 'held' && after.reason === 'flapping') counts.damped += 1;
      if (waiting.size >= MAX_WAITING_MONITORS) settle();
    },
    read() {
      settle();
      const all = model().clusters.map(({ name }) => [name, totals.get(name) ?? noCounts()] as const);
      return {
        changes: new Map(all.map(([name, { states }]) => [name, { ...states }])),
        damped: new Map(all.map(([name, { damped }]) => [name, damped])),
      };
    },
  };
}

function noCounts(): Counts {
  return { states: { up: 0, degraded: 0, held: 0, down: 0, unseen: 0 }, damped: 0 };
}

function countsOf(all: Map<string, Counts>, key: string): Counts {
  const counts = all.get(key) ?? noCounts();
  all.set(key, counts);
  return counts;
}

function add(to: Counts, more: Counts): void {
  for (const state of MONITOR_STATES) to.states[state] += more.states[state];
  to.damped += more.damped;
}

/** The clusters whose endpoints these monitors decide about, by themselves or as members of calculated ones. */
function clustersOf(
  { hostnames, calculated = [] }: Model,
  wanted: ReadonlyMap<MonitorId, unknown>,
): ReadonlyMap<MonitorId, ReadonlySet<string>> {
  const standFor = new Map<MonitorId, readonly MonitorId[]>([...wanted.keys()].map((id) => [id, [id]]));
  // Members come before those that they are members of.
  for (const { id, members } of calculated) {
    const reached = new Set(members.flatMap((member) => standFor.get(member) ?? []));
    if (reached.size > 0) standFor.set(id, [...reached]);
  }
  const found = new Map<MonitorId, Set<string>>();
  for (const { endpoints } of hostnames) {
    for (const { monitor, cluster } of endpoints) {
      for (const id of standFor.get(monitor) ?? []) {
        const clusters = found.get(id);
        if (clusters === undefined) found.set(id, new Set([cluster]));
        else clusters.add(cluster);
      }
    }
  }
  return found;
}
