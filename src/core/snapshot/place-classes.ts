/**
 * Which places are told the same of a steered name. The partition comes from steering alone: places of one class get
 * equal decisions whatever the states, so a change of health asks steering once per class and not once per place.
 */
import type { Place } from '../desired/area.ts';
import type { Endpoint, Policy } from '../desired/model.ts';
import { createClassifier } from '../steering/geography.ts';
import type { ClassesPart } from './answer-table.ts';
import { sharedWords } from './answer-table.ts';
import { NONE } from './layout.ts';

/** The classes of one geography over all places. */
export type PlaceClasses = {
  /** Place → class; undefined where the place does not matter and all are class 0. */
  readonly classOf: Uint32Array | undefined;
  /** A place of each class. */
  readonly samples: readonly number[];
  /** How many places each class has. */
  readonly sizes: readonly number[];
};

/** Most classes of one hostname that 16 bits a place can tell apart. */
const MAX_NARROW_CLASSES = 2 ** 16;

/** Sorts all places into the classes of one geography; `key` is its `geographyKey`. */
export function placeClasses(
  key: string,
  { policy, endpoints }: { readonly policy: Policy; readonly endpoints: readonly Endpoint[] },
  places: readonly Place[],
): PlaceClasses {
  if (key === '') return Object.freeze({ classOf: undefined, samples: [0], sizes: [places.length] });
  const classify = createClassifier(policy, endpoints);
  const classes = new Map<string, number>();
  const classOf = new Uint32Array(places.length);
  const samples: number[] = [];
  const sizes: number[] = [];
  for (const [index, place] of places.entries()) {
    const name = classify(place);
    let found = classes.get(name);
    if (found === undefined) {
      found = samples.length;
      classes.set(name, found);
      samples.push(index);
      sizes.push(0);
    }
    classOf[index] = found;
    sizes[found]! += 1;
  }
  return Object.freeze({ classOf, samples, sizes });
}

/** The CLASSES part for these targets. Targets of one geography share a row. */
export function classesPart(ofTarget: readonly PlaceClasses[], places: number): ClassesPart {
  const rows = new Map<PlaceClasses, number>();
  for (const classes of ofTarget) {
    if (classes.classOf !== undefined && !rows.has(classes)) rows.set(classes, rows.size * places);
  }
  const isNarrow = [...rows.keys()].every(({ samples }) => samples.length <= MAX_NARROW_CLASSES);
  const octets = rows.size * places * (isNarrow ? Uint16Array.BYTES_PER_ELEMENT : Uint32Array.BYTES_PER_ELEMENT);
  const memory = new SharedArrayBuffer(octets);
  const classOf = isNarrow ? new Uint16Array(memory) : new Uint32Array(memory);
  for (const [classes, base] of rows) if (classes.classOf !== undefined) classOf.set(classes.classOf, base);
  return Object.freeze({ base: sharedWords(ofTarget.map((classes) => rows.get(classes) ?? NONE)), classOf });
}
