import type { Candidate } from '../steering/decision.ts';
import { candidatesOf } from './candidates.ts';
import { makeRow, type Row } from './decision-row.ts';
import type { Plan } from './plan.ts';
import type { ShapeBook } from './shape-book.ts';
import type { SnapshotInput } from './snapshot.ts';
import { createTupleIndex } from './tuple-index.ts';

/**
 * Finds the row of a target by how its endpoints stand (one word each in the order of the endpoint index), and makes it
 * where it is new. A memory that changes no result, good for all plans with the shapes of one book.
 */
export type RowBook = {
  readonly shapes: ShapeBook;
  readonly rowOf: (target: number, plan: Plan, standings: Int32Array, input: SnapshotInput) => Row;
};

/** Rows that are kept for states that may come again; with the next one the book starts anew. */
const MAX_KEPT_ROWS = 16_384;
/** Room in a key to begin with, in words. */
const KEY_WORDS = 64;

/** An empty book. */
export function createRowBook(shapes: ShapeBook): RowBook {
  let known = createTupleIndex();
  let rows: Row[] = [];
  let key = new Int32Array(KEY_WORDS);
  const rowOf: RowBook['rowOf'] = (target, { endpoints: { first }, shapeOf, places }, standings, input) => {
    const shape = shapeOf[target]!;
    const end = first[target + 1]!;
    const most = 1 + 2 * (end - first[target]!);
    if (most > key.length) key = new Int32Array(2 * most);
    let words = 0;
    key[words++] = shape.id;
    for (let endpoint = first[target]!; endpoint < end; endpoint++) key[words++] = standings[endpoint]!;
    if (shape.minds === 'states-and-times') {
      for (const rank of ranksOfTimes(candidatesOf(input, target))) key[words++] = rank;
    }
    const id = known.idOf(key, words);
    const row = rows[id] ?? makeRow(shape, input.model.hostnames[target]!, candidatesOf(input, target), places);
    rows[id] = row;
    if (rows.length > MAX_KEPT_ROWS) {
      known = createTupleIndex();
      rows = [];
    }
    return row;
  };
  return { shapes, rowOf };
}

/** Of the times when states began only the order counts. */
function ranksOfTimes(candidates: readonly Candidate[]): number[] {
  const times = [...new Set(candidates.map(({ since }) => since))].toSorted((a, b) => a - b);
  const rank = new Map(times.map((since, index) => [since, index]));
  return candidates.map(({ since }) => rank.get(since) ?? 0);
}
