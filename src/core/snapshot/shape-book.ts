import type { Endpoint, Hostname, Policy } from '../desired/model.ts';
import { geographyKey, shapeKey, sitesOf } from '../steering/geography.ts';
import { type PlaceClasses, placeClasses } from './place-classes.ts';
import type { PlaceTable } from './place-table.ts';
import { createTupleIndex } from './tuple-index.ts';

/** Hostnames that steering cannot tell apart: with equal states of their candidates they share a row of decisions. */
export type Shape = {
  readonly id: number;
  readonly classes: PlaceClasses;
  /** Candidate → its site in the classes. */
  readonly sites: readonly number[];
  /** Whether decisions depend on who went down last. */
  readonly minds: 'states' | 'states-and-times';
};

/** Finds the shape of a hostname, and makes it where it is new. A memory that changes no result: it lives through many models. */
export type ShapeBook = {
  readonly shapeOf: (hostname: Hostname) => Shape;
  /** The same for all at once, with a short way to those that are alike. */
  readonly shapesOf: (hostnames: readonly Hostname[]) => readonly Shape[];
  /** Whether it holds so much that its successor should begin anew. */
  readonly isFull: () => boolean;
};

/** Shapes that are kept beside those of the first model, though none may have them any more. */
const MAX_LATER_SHAPES = 4096;

/** An empty book for these places. */
export function createShapeBook({ places }: PlaceTable): ShapeBook {
  const geographies = new Map<string, PlaceClasses>();
  const shapes = new Map<string, Shape>();
  /** Of the first model. */
  let first: number | undefined;
  const classesFor = ({ policy, endpoints }: Hostname): PlaceClasses => {
    const key = geographyKey(policy, endpoints);
    const classes = geographies.get(key) ?? placeClasses(key, { policy, endpoints }, places);
    geographies.set(key, classes);
    return classes;
  };
  const shapeOf = (hostname: Hostname): Shape => {
    const key = shapeKey(hostname.policy, hostname.endpoints);
    const shape = shapes.get(key) ?? createShape(shapes.size, hostname, classesFor(hostname));
    shapes.set(key, shape);
    return shape;
  };
  return {
    shapeOf,
    shapesOf(hostnames) {
      const found = alikeFirst(hostnames, shapeOf);
      first ??= shapes.size;
      return found;
    },
    isFull: () => shapes.size > (first ?? 0) + MAX_LATER_SHAPES,
  };
}

function createShape(id: number, { policy, endpoints }: Hostname, classes: PlaceClasses): Shape {
  const minds = policy.lastResort.kind === 'last' ? 'states-and-times' : 'states';
  return Object.freeze({ id, classes, sites: sitesOf(policy, endpoints), minds });
}

/**
 * Asks `shapeOf`, whose keys are long, once per set of hostnames with the same settings: the same values or, of
 * objects, the same objects. Objects are shared in a model, so that finds nearly all that are alike. Whole lists of
 * endpoints are shared, too: then the settings need not even be looked at.
 */
function alikeFirst(hostnames: readonly Hostname[], shapeOf: (hostname: Hostname) => Shape): readonly Shape[] {
  const codes = new Map<unknown, number>();
  const codeOf = (value: unknown): number => {
    const known = codes.get(value);
    if (known !== undefined) return known;
    codes.set(value, codes.size);
    return codes.size - 1;
  };
  const alike = createTupleIndex();
  const shapes: Shape[] = [];
  const byList = new Map<readonly Endpoint[], Map<Policy, Shape>>();
  const shapeOfSettings = (hostname: Hostname): Shape => {
    // Which endpoints have the addresses of the last resort is in no setting.
    if (hostname.policy.lastResort.kind === 'addresses') return shapeOf(hostname);
    const settings = settingsOf(hostname.policy, hostname.endpoints, codeOf);
    const id = alike.idOf(settings, settings.length);
    shapes[id] ??= shapeOf(hostname);
    return shapes[id];
  };
  return hostnames.map((hostname) => {
    const { policy, endpoints } = hostname;
    const byPolicy = byList.get(endpoints) ?? new Map<Policy, Shape>();
    const known = byPolicy.get(policy);
    if (known !== undefined) return known;
    const shape = shapeOfSettings(hostname);
    byList.set(endpoints, byPolicy.set(policy, shape));
    return shape;
  });
}

function settingsOf(policy: Policy, endpoints: readonly Endpoint[], codeOf: (value: unknown) => number): Int32Array {
  const { steering, sticky, nearestBand, map, residency, answers, ttl, stableTtl, minHealthy, lastResort, rollout } =
    policy;
  const own = [steering, sticky, nearestBand, map, residency, answers, ttl, stableTtl, minHealthy, lastResort, rollout];
  const settings = [...own, policy.preferred?.join(), policy.pins?.join()].map(codeOf);
  for (const { cluster, family, weight, tier, bias, serves, location, unready } of endpoints) {
    settings.push(codeOf(cluster), codeOf(family), codeOf(weight), codeOf(tier));
    settings.push(codeOf(bias), codeOf(serves), codeOf(location), codeOf(unready !== undefined));
  }
  return Int32Array.from(settings);
}
