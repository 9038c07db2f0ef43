/** The hostnames and monitors of which an idle book keeps something, brought in step with the model. */
import type { Hostname, Model, Monitor, MonitorId } from '../desired/model.ts';
import { createReach } from './idle-reach.ts';

/** What of the model says which monitors speak for which hostnames. */
export type IdleModel = Pick<Model, 'hostnames' | 'monitors' | 'calculated' | 'named'>;

/** One hostname. Times in ms. */
type Name = {
  readonly hostname: Hostname;
  readonly monitors: readonly Watched[];
  count: number;
  /** From when on nobody asks, if nobody does until then. */
  quietAt: number;
};

/** One monitor. Times in ms. */
export type Watched = {
  readonly monitor: Monitor;
  /** The latest of its hostnames; Infinity for who is never idle. */
  quietAt: number;
  /** From when on it is at rest for long enough. */
  calmAt: number;
  rest: 'at-rest' | 'unsettled';
  pace: 'own' | 'idle';
};

/** All of them. */
export type Roll = {
  readonly model: IdleModel | undefined;
  readonly names: ReadonlyMap<string, Name>;
  readonly watched: Map<MonitorId, Watched>;
};

/** Nobody. */
export function emptyRoll(): Roll {
  return { model: undefined, names: new Map(), watched: new Map() };
}

/** What is new begins as these say. */
export type Newcomers = {
  name(hostname: Hostname): Pick<Name, 'count' | 'quietAt'>;
  monitor(monitor: Monitor): Watched;
};

/** The roll of this model; what is known of names and monitors that stay is kept. Costs little where little is different. */
export function followed(before: Roll, model: IdleModel, newcomers: Newcomers): Roll {
  const { model: last } = before;
  const isSameMade = last?.calculated === model.calculated && last?.named === model.named;
  const isSame = isSameMade && last?.hostnames === model.hostnames && last.monitors === model.monitors;
  if (isSame) return before;
  const watched = last?.monitors === model.monitors ? before.watched : watchedOf(before, model, newcomers);
  const reach = createReach(model);
  const names = new Map<string, Name>();
  for (const hostname of model.hostnames) {
    const known = before.names.get(hostname.name);
    const isKept = isSameMade && known?.hostname === hostname && known.monitors.every((each) => isIn(watched, each));
    const monitors = isKept ? known.monitors : reach(hostname).flatMap((id) => watched.get(id) ?? []);
    const { count, quietAt } = known ?? newcomers.name(hostname);
    names.set(hostname.name, isKept ? known : { hostname, monitors, count, quietAt });
  }
  setQuiet(watched, names.values(), model);
  return { model, names, watched };
}

/** The roll without those of whom `isKept` says no: one that comes back is a newcomer. */
export function without(before: Roll, isKept: (id: MonitorId) => boolean): Roll {
  const { model, watched } = before;
  let left: Roll = before;
  for (const id of watched.keys()) {
    if (isKept(id)) continue;
    watched.delete(id);
    // The hostnames still have it: they are to be looked at again.
    left = { ...before, model: model && { ...model, monitors: [] } };
  }
  return left;
}

function watchedOf({ watched }: Roll, { monitors }: IdleModel, newcomers: Newcomers): Map<MonitorId, Watched> {
  return new Map(monitors.map((monitor) => [monitor.id, watched.get(monitor.id) ?? newcomers.monitor(monitor)]));
}

function isIn(watched: ReadonlyMap<MonitorId, Watched>, each: Watched): boolean {
  return watched.get(each.monitor.id) === each;
}

/** What no hostname has, and what the configuration names, is there for something else: never idle. */
function setQuiet(watched: Roll['watched'], names: Iterable<Name>, { named = [] }: IdleModel): void {
  const [never, always] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const each of watched.values()) each.quietAt = always;
  for (const { monitors, quietAt } of names) {
    for (const each of monitors) each.quietAt = Math.max(each.quietAt, quietAt);
  }
  for (const each of watched.values()) if (each.quietAt === always) each.quietAt = never;
  for (const { id } of named) {
    const each = watched.get(id);
    if (each !== undefined) each.quietAt = never;
  }
}
