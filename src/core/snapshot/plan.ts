/**
 * What can be worked out about steered names before any health is known: it changes with the model and the places. The
 * answer table holds the classes; the rest is what makes a change of health cheap.
 */
import type { Hostname, Model, MonitorId } from '../desired/model.ts';
import { geographyKey, shapeKey } from '../steering/geography.ts';
import type { ClassesPart } from './answer-table.ts';
import type { Row } from './decision-row.ts';
import { classesPart, type PlaceClasses, placeClasses } from './place-classes.ts';
import type { PlaceTable } from './place-table.ts';

/** Hostnames that steering cannot tell apart: with equal states of their candidates they share a row of decisions. */
export type Shape = {
  readonly key: string;
  readonly classes: PlaceClasses;
  /** Rows made so far by the states that they are for. A memory, bounded, that changes no result. */
  readonly rows: Map<string, Row>;
};

/** Targets are indexes in `model.hostnames`. */
export type Plan = {
  readonly places: PlaceTable;
  readonly shapeOf: readonly Shape[];
  readonly classes: ClassesPart;
  readonly geographies: ReadonlyMap<string, PlaceClasses>;
  readonly shapes: ReadonlyMap<string, Shape>;
  readonly targetsOfMonitor: ReadonlyMap<MonitorId, readonly number[]>;
  readonly targetsOfCluster: ReadonlyMap<string, readonly number[]>;
  /** Drains that end by themselves, in ms since the epoch. */
  readonly timedDrains: readonly { readonly target: number; readonly at: number }[];
};

/** Makes the plan; geographies and shapes of `previous` are taken over where they are still the same. */
export function planOf(model: Model, places: PlaceTable, previous: Plan | undefined): Plan {
  const known = previous?.places === places ? previous : undefined;
  const geographies = new Map<string, PlaceClasses>();
  const shapes = new Map<string, Shape>();
  const shapeOf = model.hostnames.map((hostname) => {
    const geography = geographyKey(hostname.policy, hostname.endpoints);
    let classes = geographies.get(geography);
    if (classes === undefined) {
      classes = known?.geographies.get(geography) ?? placeClasses(geography, hostname, places.places);
      geographies.set(geography, classes);
    }
    const key = shapeKey(hostname.policy, hostname.endpoints);
    let shape = shapes.get(key);
    if (shape === undefined) {
      shape = known?.shapes.get(key) ?? { key, classes, rows: new Map() };
      shapes.set(key, shape);
    }
    return shape;
  });
  const ofTarget = shapeOf.map((shape) => shape.classes);
  const classes = classesPart(ofTarget, places.places.length);
  return Object.freeze({ places, shapeOf, classes, geographies, shapes, ...indexesOf(model.hostnames) });
}

function indexesOf(
  hostnames: readonly Hostname[],
): Pick<Plan, 'targetsOfMonitor' | 'targetsOfCluster' | 'timedDrains'> {
  const targetsOfMonitor = new Map<MonitorId, number[]>();
  const targetsOfCluster = new Map<string, number[]>();
  const timedDrains: { target: number; at: number }[] = [];
  for (const [target, { endpoints }] of hostnames.entries()) {
    for (const { monitor, cluster, drain } of endpoints) {
      addTo(targetsOfMonitor, monitor, target);
      addTo(targetsOfCluster, cluster, target);
      if (drain.kind === 'until') timedDrains.push({ target, at: drain.at });
    }
  }
  return { targetsOfMonitor, targetsOfCluster, timedDrains };
}

/** Targets come in order, so a target that is there already is the last one. */
function addTo(index: Map<string, number[]>, key: string, target: number): void {
  const targets = index.get(key);
  if (targets === undefined) index.set(key, [target]);
  else if (targets.at(-1) !== target) targets.push(target);
}
