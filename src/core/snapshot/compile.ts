import { candidateOf } from '../steering/candidate.ts';
import type { Candidate } from '../steering/decision.ts';
import type { DecisionsPart } from './answer-table.ts';
import { sharedWords } from './answer-table.ts';
import { type Row, rowFor } from './decision-row.ts';
import { namesPart } from './names-part.ts';
import type { PlaceClasses } from './place-classes.ts';
import { type Plan, planOf } from './plan.ts';
import type { Snapshot, SnapshotInput } from './snapshot.ts';
import { nextDrainEnd, touchedTargets } from './touched.ts';

/** What a snapshot was made with; the next one takes over what did not change. */
type Workings = { readonly plan: Plan; readonly rows: readonly Row[] };

/** Kept beside the snapshots, not in them: readers have no use for it, and the result is the same without. */
const workingsOf = new WeakMap<Snapshot, Workings>();

/**
 * Makes the snapshot of an input. With the previous one at hand the parts that depend on the same model, serial and
 * places are taken over, and only hostnames whose candidates changed are steered anew. No part that was published is
 * ever written again: a reader of the old snapshot may go on.
 */
export function compile(input: SnapshotInput, previous?: Snapshot): Snapshot {
  const last = previous === undefined ? undefined : workingsOf.get(previous);
  const sameModel = previous?.model === input.model;
  const names =
    sameModel && previous.serial === input.serial ? previous.table.names : namesPart(input.model, input.serial);
  const samePlan = sameModel && previous.places === input.places && last !== undefined;
  const plan = samePlan ? last.plan : planOf(input.model, input.places, last?.plan);
  const rows = samePlan ? changedRows(last, previous, input) : allRows(plan, input);
  const isUnchanged = samePlan && rows === last.rows;
  const decisions = isUnchanged ? previous.table.decisions : decisionsPart(rows);
  const { model, health, overrides, places, serial, now } = input;
  const snapshot: Snapshot = Object.freeze({
    model,
    health,
    overrides,
    places,
    serial,
    now,
    table: Object.freeze({ names, classes: plan.classes, decisions, places }),
    version: (previous?.version ?? 0) + 1,
    changesAt: nextDrainEnd(plan, now),
  });
  workingsOf.set(snapshot, { plan, rows });
  return snapshot;
}

/** The candidates of one hostname as they stand in this input; the target is its index in the model. */
export function candidatesOf({ model, health, overrides, now }: SnapshotInput, target: number): readonly Candidate[] {
  const endpoints = model.hostnames[target]?.endpoints ?? [];
  return endpoints.map((endpoint) => candidateOf(endpoint, health, overrides, now));
}

/** The classes of the places for one hostname, or undefined for a snapshot that `compile` did not make. */
export function placeClassesOf(snapshot: Snapshot, target: number): PlaceClasses | undefined {
  return workingsOf.get(snapshot)?.plan.shapeOf[target]?.classes;
}

function allRows(plan: Plan, input: SnapshotInput): readonly Row[] {
  return plan.shapeOf.map((_, target) => rowOf(plan, input, target));
}

function changedRows({ plan, rows }: Workings, before: SnapshotInput, after: SnapshotInput): readonly Row[] {
  let changed: Row[] | undefined;
  for (const target of touchedTargets(plan, before, after)) {
    const row = rowOf(plan, after, target);
    if (row === rows[target]) continue;
    changed ??= [...rows];
    changed[target] = row;
  }
  return changed ?? rows;
}

function rowOf(plan: Plan, input: SnapshotInput, target: number): Row {
  const shape = plan.shapeOf[target]!;
  return rowFor(shape, input.model.hostnames[target]!, candidatesOf(input, target), input.places);
}

/** All rows in use, each once, side by side. */
function decisionsPart(rows: readonly Row[]): DecisionsPart {
  const placed = new Map<Row, number>();
  let size = 0;
  const rowOf = rows.map((row) => {
    let at = placed.get(row);
    if (at === undefined) {
      at = size;
      placed.set(row, at);
      size += row.length;
    }
    return at;
  });
  const pool = new Int32Array(new SharedArrayBuffer(size * Int32Array.BYTES_PER_ELEMENT));
  for (const [row, at] of placed) pool.set(row, at);
  return Object.freeze({ rowOf: sharedWords(rowOf), pool });
}
