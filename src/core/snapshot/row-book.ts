import type { Candidate } from '../steering/decision.ts';
import { candidatesOf } from './candidates.ts';
import { makeRow, type Row } from './decision-row.ts';
import type { Plan } from './plan.ts';
import type { SnapshotInput } from './snapshot.ts';
import { createTupleIndex } from './tuple-index.ts';

/** Finds the row of a target by how its endpoints stand, and makes it where it is new. */
export type RowBook = { readonly rowOf: (target: number, input: SnapshotInput) => Row };

/** Rows that are kept for states that may come again; with the next one the book starts anew. */
const MAX_KEPT_ROWS = 16_384;

/** An empty book; it reads `standings` whenever it is asked. A memory that changes no result. */
export function createRowBook({ endpoints, shapeOf, places }: Plan, standings: Int32Array): RowBook {
  const { first } = endpoints;
  let known = createTupleIndex();
  let rows: Row[] = [];
  const key = new Int32Array(1 + 2 * mostEndpoints(first));
  const rowOf = (target: number, input: SnapshotInput): Row => {
    const shape = shapeOf[target]!;
    const end = first[target + 1]!;
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
  return { rowOf };
}

function mostEndpoints(first: Int32Array): number {
  let most = 0;
  for (let target = 1; target < first.length; target++) most = Math.max(most, first[target]! - first[target - 1]!);
  return most;
}

/** Of the times when states began only the order counts. */
function ranksOfTimes(candidates: readonly Candidate[]): number[] {
  const times = [...new Set(candidates.map(({ since }) => since))].toSorted((a, b) => a - b);
  const rank = new Map(times.map((since, index) => [since, index]));
  return candidates.map(({ since }) => rank.get(since) ?? 0);
}
