import type { CalculatedMonitor, Monitor, MonitorId, NamedMonitor } from './model.ts';

/** A monitor with all that it is made of; members come before those that they are members of. */
export type MonitorTree = {
  readonly root: MonitorId;
  readonly probes: readonly Monitor[];
  readonly calculated: readonly CalculatedMonitor[];
};

/** Begins the id of what the configuration names. No probe's id begins so: there is no such protocol. */
const PREFIX = 'monitor:';

/** The id of a named monitor that is no probe: probes are what they probe, whatever they are called. */
export function idOfName(name: string): MonitorId {
  return `${PREFIX}${name}`;
}

/** A monitor without a name that is made of others. Equal ones have equal ids. */
export function calculatedOf(
  kind: CalculatedMonitor['kind'],
  need: number,
  members: readonly MonitorId[],
): CalculatedMonitor {
  const words = kind === 'at-least' ? `at-least-${need}` : kind;
  // Quoted: an id may hold any text that is expected in a body.
  const id = `${words}(${members.map((member) => JSON.stringify(member)).join(', ')})`;
  return Object.freeze({ id, kind, need, members: Object.freeze([...members]) });
}

/** All of the trees must be up: the only one itself where there is one. At least one is needed. */
export function allOf(trees: readonly MonitorTree[]): MonitorTree {
  return combined(trees, 'all');
}

/** So many of the trees must be up; a count beyond their number is all of them. */
export function combined(trees: readonly MonitorTree[], need: 'all' | 'any' | number): MonitorTree {
  const [only] = trees;
  if (only !== undefined && trees.length === 1) return only;
  const roots = trees.map(({ root }) => root);
  const count = countOf(need, roots.length);
  const monitor = calculatedOf(count === roots.length ? 'all' : count === 1 ? 'any' : 'at-least', count, roots);
  return Object.freeze({
    root: monitor.id,
    probes: trees.flatMap(({ probes }) => probes),
    calculated: [...trees.flatMap(({ calculated }) => calculated), monitor],
  });
}

/** The tree of a probe. */
export function probeTree(monitor: Monitor): MonitorTree {
  return Object.freeze({ root: monitor.id, probes: [monitor], calculated: [] });
}

/** The tree of a named monitor. What it is made of is always in the model: it need not come with it. */
export function namedTree({ id }: NamedMonitor): MonitorTree {
  return Object.freeze({ root: id, probes: [], calculated: [] });
}

/** The same with what it is made of itself; its members must be known. */
export function wholeTree({ id, source }: NamedMonitor): MonitorTree {
  return Object.freeze({
    root: id,
    probes: source.kind === 'probe' ? [source.monitor] : [],
    calculated: source.kind === 'calculated' ? [source.monitor] : [],
  });
}

function countOf(need: 'all' | 'any' | number, of: number): number {
  if (need === 'all') return of;
  return need === 'any' ? 1 : Math.min(need, of);
}
