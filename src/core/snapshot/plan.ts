/**
 * What can be worked out about steered names before any health is known: it changes with the model and the places. The
 * answer table holds the classes; the rest is what makes a change of health cheap.
 */
import type { Hostname, Model } from '../desired/model.ts';
import type { ClassesPart } from './answer-table.ts';
import { type EndpointIndex, endpointIndex } from './endpoint-index.ts';
import { isWrittenAlike, standsAlike } from './model-change.ts';
import { classesPart } from './place-classes.ts';
import type { PlaceTable } from './place-table.ts';
import { createShapeBook, type Shape, type ShapeBook } from './shape-book.ts';

/** Targets are indexes in `model.hostnames`. */
export type Plan = {
  readonly hostnames: readonly Hostname[];
  readonly places: PlaceTable;
  readonly endpoints: EndpointIndex;
  readonly shapes: ShapeBook;
  readonly shapeOf: readonly Shape[];
  readonly classes: ClassesPart;
  /** How many hostnames ask for the client's subnet. */
  readonly sticky: number;
};

/** Makes the plan, with the shapes of `previous` where they are of the same places. */
export function planOf({ hostnames }: Model, places: PlaceTable, previous: Plan | undefined): Plan {
  const endpoints = previous?.hostnames === hostnames ? previous.endpoints : endpointIndex(hostnames);
  const known = previous?.places === places && !previous.shapes.isFull() ? previous.shapes : undefined;
  const shapes = known ?? createShapeBook(places);
  const shapeOf = shapes.shapesOf(hostnames);
  const sticky = hostnames.reduce((sum, hostname) => sum + Number(isSticky(hostname)), 0);
  const classes = classesOf(shapeOf, places, sticky);
  return Object.freeze({ hostnames, places, endpoints, shapes, shapeOf, classes, sticky });
}

/** The plan where only these targets are other hostnames than in `previous`, of the same names. */
export function renewedPlan({ hostnames }: Model, previous: Plan, touched: readonly number[]): Plan {
  const { places, shapes } = previous;
  const isIndexed = touched.every((target) => standsAlike(hostnames[target]!, previous.hostnames[target]!));
  const endpoints = isIndexed ? previous.endpoints : endpointIndex(hostnames);
  const shapeOf = previous.shapeOf.slice();
  let { sticky } = previous;
  for (const target of touched) {
    // An order about many hostnames changes the shape of none.
    if (!isWrittenAlike(hostnames[target]!, previous.hostnames[target]!)) {
      shapeOf[target] = shapes.shapeOf(hostnames[target]!);
    }
    sticky += Number(isSticky(hostnames[target]!)) - Number(isSticky(previous.hostnames[target]!));
  }
  const isClassedAlike =
    touched.every((target) => shapeOf[target]!.classes === previous.shapeOf[target]!.classes) &&
    previous.classes.subnets === sticky > 0;
  const classes = isClassedAlike ? previous.classes : classesOf(shapeOf, places, sticky);
  return Object.freeze({ hostnames, places, endpoints, shapes, shapeOf, classes, sticky });
}

function classesOf(shapeOf: readonly Shape[], places: PlaceTable, sticky: number): ClassesPart {
  const ofTarget = shapeOf.map((shape) => shape.classes);
  return classesPart(ofTarget, places.places.length, sticky > 0);
}

function isSticky({ policy }: Hostname): boolean {
  return policy.sticky === 'subnet';
}
