/** Who stands, who fell a moment ago and whose fall is withheld; and whether that is a mass, cluster by cluster. */
import type { MonitorId } from '../desired/model.ts';
import { createTally, type MonitorClusters, type Tally } from './breaker-clusters.ts';
import { isUp } from './breaker-cover.ts';
import type { MonitorHealth, MonitorState } from './monitor-health.ts';

/** A monitor that went down, or would have. Times are steady, in ms. */
export type Fall = {
  readonly id: MonitorId;
  /** What was shown before. */
  readonly known: MonitorHealth;
  readonly at: number;
  /** When the probe behind the last result began, where that is a failure; else the beginning of time. */
  failedAt: number;
};

/** When falls are a mass. */
export type MassRule = { readonly share: number; readonly windowMs: number; readonly atLeast: number };

/** The falls of all monitors. A monitor is in one of four ways: standing, fallen of late, withheld, or none of them. */
export type Falls = {
  /** It is up, or unseen: a fall of it is over. */
  stand(id: MonitorId, state: MonitorState): void;
  /** It fell now; falls of the same cause are spread over the interval. */
  fall(fall: Fall, intervalMs: number): void;
  /** It is still down: remembered for one that fell of late. */
  follow(id: MonitorId, failedAt: number): void;
  withhold(fall: Fall): void;
  /** Takes back all that fell of late, and says which. */
  withholdAll(now: number): readonly Fall[];
  withheld(id: MonitorId): Fall | undefined;
  allWithheld(): readonly Fall[];
  /** Its withheld fall takes effect. */
  release(id: MonitorId): void;
  count(): number;
  /** Whether those that fell of late, as of the last fall, are most monitors of most clusters. */
  areMass(): boolean;
  /** Whether what is withheld is no mass any more, by half of the share: then one cluster alone may be down. */
  areFew(): boolean;
  /** Forgets all but these. */
  keep(ids: { has(id: MonitorId): boolean }): void;
};

/** Nobody is known. */
export function createFalls(rule: MassRule, clusters: MonitorClusters): Falls {
  const standing = createTally(clusters);
  const recent = createTally(clusters);
  const held = createTally(clusters);
  const fallen = new Map<MonitorId, Fall>();
  const withheld = new Map<MonitorId, Fall>();
  const queues = new Map<number, Queue>();

  function forget(id: MonitorId): void {
    standing.delete(id);
    recent.delete(id);
    held.delete(id);
    fallen.delete(id);
    withheld.delete(id);
  }

  function prune(now: number): void {
    for (const [holdMs, queue] of queues) {
      for (let fall = queue.peek(); fall !== undefined && fall.at + holdMs < now; fall = queue.peek()) {
        queue.pop();
        // It may have fallen again since.
        if (fallen.get(fall.id) === fall) forget(fall.id);
      }
    }
  }

  function withhold(fall: Fall): void {
    forget(fall.id);
    withheld.set(fall.id, fall);
    if (!isUp(fall.known.state)) return;
    standing.add(fall.id);
    held.add(fall.id);
  }

  return {
    stand(id, state) {
      forget(id);
      if (isUp(state)) standing.add(id);
    },
    fall(fall, intervalMs) {
      prune(fall.at);
      forget(fall.id);
      fallen.set(fall.id, fall);
      if (isUp(fall.known.state)) recent.add(fall.id);
      const holdMs = holdOf(rule.windowMs, intervalMs);
      const queue = queues.get(holdMs) ?? createQueue();
      queues.set(holdMs, queue);
      queue.push(fall);
    },
    follow(id, failedAt) {
      const fall = fallen.get(id);
      if (fall !== undefined) fall.failedAt = failedAt;
    },
    withhold,
    withholdAll(now) {
      prune(now);
      const all = [...fallen.values()];
      for (const fall of all) withhold(fall);
      return all;
    },
    withheld: (id) => withheld.get(id),
    allWithheld: () => [...withheld.values()],
    release: forget,
    count: () => withheld.size,
    areMass() {
      if (recent.size < rule.atLeast) return false;
      const { failing, clusters: all } = failingClusters(recent, [standing, recent], rule.share);
      return failing >= MIN_CLUSTERS && failing > rule.share * all;
    },
    areFew() {
      const { failing, clusters: all } = failingClusters(held, [standing], rule.share / 2);
      return failing < MIN_CLUSTERS || failing < (rule.share / 2) * all;
    },
    keep(ids) {
      const known = [...standing.ids(), ...fallen.keys(), ...withheld.keys()];
      for (const id of known) if (!ids.has(id)) forget(id);
    },
  };
}

/** One cluster that fails alone is believed: that is what failover is for. */
const MIN_CLUSTERS = 2;

/** How many clusters there are, and how many of them lost more than `share` of what they had. */
function failingClusters(lost: Tally, whole: readonly Tally[], share: number) {
  const had = new Map<string, number>();
  for (const tally of whole) {
    for (const [cluster, count] of tally.by()) had.set(cluster, (had.get(cluster) ?? 0) + count);
  }
  const lostBy = lost.by();
  let [clusters, failing] = [0, 0];
  for (const [cluster, count] of had) {
    if (count === 0) continue;
    clusters += 1;
    if ((lostBy.get(cluster) ?? 0) > share * count) failing += 1;
  }
  return { clusters, failing };
}

/** The window doubled until it holds the interval: few different ones, whatever intervals there are. */
function holdOf(windowMs: number, intervalMs: number): number {
  let hold = windowMs;
  while (hold < intervalMs) hold *= 2;
  return hold;
}

type Queue = { peek(): Fall | undefined; push(fall: Fall): void; pop(): void };

/** First in, first out, all in constant time. */
function createQueue(): Queue {
  let inward: Fall[] = [];
  let outward: Fall[] = [];
  const turn = (): void => {
    if (outward.length > 0) return;
    outward = inward.toReversed();
    inward = [];
  };
  return {
    peek() {
      turn();
      return outward.at(-1);
    },
    push: (fall) => void inward.push(fall),
    pop() {
      turn();
      outward.pop();
    },
  };
}
