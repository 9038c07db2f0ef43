/**
 * What can be worked out about steered names before any health is known: it changes with the model and the places. The
 * answer table holds the classes; the rest is what makes a change of health cheap.
 */
import type { Endpoint, Hostname, Model, Policy } from '../desired/model.ts';
import { geographyKey, shapeKey, sitesOf } from '../steering/geography.ts';
import type { ClassesPart } from './answer-table.ts';
import { type EndpointIndex, endpointIndex } from './endpoint-index.ts';
import { classesPart, type PlaceClasses, placeClasses } from './place-classes.ts';
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

/** Targets are indexes in `model.hostnames`. */
export type Plan = {
  readonly hostnames: readonly Hostname[];
  readonly places: PlaceTable;
  readonly endpoints: EndpointIndex;
  readonly shapeOf: readonly Shape[];
  readonly classes: ClassesPart;
  readonly geographies: ReadonlyMap<string, PlaceClasses>;
};

/** Makes the plan, and takes over from `previous` what is still the same. */
export function planOf({ hostnames }: Model, places: PlaceTable, previous: Plan | undefined): Plan {
  const endpoints = previous?.hostnames === hostnames ? previous.endpoints : endpointIndex(hostnames);
  const known = previous?.places === places ? previous.geographies : undefined;
  const geographies = new Map<string, PlaceClasses>();
  const shapes = new Map<string, Shape>();
  const shapeFor = (hostname: Hostname): Shape => {
    const key = shapeKey(hostname.policy, hostname.endpoints);
    const shape = shapes.get(key) ?? createShape(shapes.size, hostname, classesFor(hostname));
    shapes.set(key, shape);
    return shape;
  };
  const classesFor = (hostname: Hostname): PlaceClasses => {
    const key = geographyKey(hostname.policy, hostname.endpoints);
    const classes = geographies.get(key) ?? known?.get(key) ?? placeClasses(key, hostname, places.places);
    geographies.set(key, classes);
    return classes;
  };
  const shapeOf = alikeFirst(hostnames, shapeFor);
  const ofTarget = shapeOf.map((shape) => shape.classes);
  const subnets = hostnames.some(({ policy }) => policy.sticky === 'subnet');
  const classes = classesPart(ofTarget, places.places.length, subnets);
  return Object.freeze({ hostnames, places, endpoints, shapeOf, classes, geographies });
}

function createShape(id: number, { policy, endpoints }: Hostname, classes: PlaceClasses): Shape {
  const minds = policy.lastResort.kind === 'last' ? 'states-and-times' : 'states';
  return Object.freeze({ id, classes, sites: sitesOf(policy, endpoints), minds });
}

/**
 * Asks `shapeFor`, whose keys are long, once per set of hostnames with the same settings: the same values or, of
 * objects, the same objects. Objects are shared in a model, so that finds nearly all that are alike. Whole lists of
 * endpoints are shared, too: then the settings need not even be looked at.
 */
function alikeFirst(hostnames: readonly Hostname[], shapeFor: (hostname: Hostname) => Shape): readonly Shape[] {
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
    if (hostname.policy.lastResort.kind === 'addresses') return shapeFor(hostname);
    const settings = settingsOf(hostname.policy, hostname.endpoints, codeOf);
    const id = alike.idOf(settings, settings.length);
    shapes[id] ??= shapeFor(hostname);
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
  const { steering, sticky, residency, answers, ttl, minHealthy, lastResort } = policy;
  const settings = [steering, sticky, residency, answers, ttl, minHealthy, lastResort].map(codeOf);
  for (const { cluster, family, weight, tier, bias, serves, location, unready } of endpoints) {
    settings.push(codeOf(cluster), codeOf(family), codeOf(weight), codeOf(tier));
    settings.push(codeOf(bias), codeOf(serves), codeOf(location), codeOf(unready !== undefined));
  }
  return Int32Array.from(settings);
}
