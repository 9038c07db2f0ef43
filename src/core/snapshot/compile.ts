import type { Model, MonitorId } from '../desired/model.ts';
import type { DecisionsPart } from './answer-table.ts';
import type { Row } from './decision-row.ts';
import { namesPart } from './names-part.ts';
import { type Plan, planOf } from './plan.ts';
import { createRowBook, type RowBook } from './row-book.ts';
import type { Snapshot, SnapshotInput } from './snapshot.ts';
import { nextDrainEnd, standAnew, standChanged } from './standings.ts';

/** What the newest snapshot was made with. The one after it takes it over and writes into it. Rows are by target. */
type Workings = { readonly standings: Int32Array; readonly book: RowBook; readonly rows: Row[] };

/** Kept beside the snapshots, not in them: readers have no use for it, and the result is the same without. */
const planOfSnapshot = new WeakMap<Snapshot, Plan>();
const workingsOfSnapshot = new WeakMap<Snapshot, Workings>();

/**
 * Makes the snapshot of an input. With the previous one at hand the parts that depend on the same model, serial and
 * places are taken over. `changed` names all monitors whose health may differ from what it was then: only hostnames that
 * they, an override or the end of a drain touch are steered anew; without it, all are. The result is the same. No part
 * that was published is ever written again: a reader of the old snapshot may go on.
 */
export function compile(input: SnapshotInput, previous?: Snapshot, changed?: ReadonlySet<MonitorId>): Snapshot {
  const { model, health, overrides, places, serial, now } = input;
  const hasSameNames = previous !== undefined && previous.serial === serial && isSameWorld(previous.model, model);
  const names = hasSameNames ? previous.table.names : namesPart(model, serial);
  const last = previous === undefined ? undefined : planOfSnapshot.get(previous);
  const plan = last?.hostnames === model.hostnames && last.places === places ? last : planOf(model, places, last);
  const known = previous === undefined || plan !== last ? undefined : takeOver(previous);
  const workings = known ?? newWorkings(plan);
  const { standings, rows } = workings;
  const isSteeredAnew =
    known === undefined || previous === undefined || changed === undefined
      ? steerTargets(workings, input, standAnew(standings, plan.endpoints, input))
      : steerTargets(workings, input, standChanged(standings, plan.endpoints, { before: previous, input, changed }));
  const isSame = known !== undefined && !isSteeredAnew;
  const decisions = isSame && previous !== undefined ? previous.table.decisions : decisionsPart(rows);
  const snapshot: Snapshot = Object.freeze({
    model,
    health,
    overrides,
    places,
    serial,
    now,
    table: Object.freeze({ names, classes: plan.classes, decisions, places }),
    version: (previous?.version ?? 0) + 1,
    changesAt: nextDrainEnd(plan.endpoints, now),
  });
  planOfSnapshot.set(snapshot, plan);
  workingsOfSnapshot.set(snapshot, workings);
  return snapshot;
}

/** Whether two models differ in nothing but what they say about their input. */
function isSameWorld(a: Model, b: Model): boolean {
  return a === b || (a.hostnames === b.hostnames && a.zones === b.zones && a.clusters === b.clusters);
}

/** Workings have one owner: what is made of an older snapshot begins with new ones. */
function takeOver(previous: Snapshot): Workings | undefined {
  const workings = workingsOfSnapshot.get(previous);
  workingsOfSnapshot.delete(previous);
  return workings;
}

function newWorkings(plan: Plan): Workings {
  const standings = new Int32Array(plan.endpoints.targetOf.length);
  return { standings, book: createRowBook(plan, standings), rows: [] };
}

/** Sets the rows of these targets and tells whether any is another one than before. */
function steerTargets({ book, rows }: Workings, input: SnapshotInput, targets: Iterable<number>): boolean {
  let isChanged = false;
  for (const target of targets) {
    const row = book.rowOf(target, input);
    if (row === rows[target]) continue;
    rows[target] = row;
    isChanged = true;
  }
  return isChanged;
}

/** All rows in use, each once, side by side. */
function decisionsPart(rows: readonly Row[]): DecisionsPart {
  const placed = new Map<Row, number>();
  let size = 0;
  const rowOf = new Int32Array(new SharedArrayBuffer(rows.length * Int32Array.BYTES_PER_ELEMENT));
  for (const [target, row] of rows.entries()) {
    // Neighbours are often alike.
    let at = row === rows[target - 1] ? rowOf[target - 1] : placed.get(row);
    if (at === undefined) {
      at = size;
      placed.set(row, at);
      size += row.length;
    }
    rowOf[target] = at;
  }
  const pool = new Int32Array(new SharedArrayBuffer(size * Int32Array.BYTES_PER_ELEMENT));
  for (const [row, at] of placed) pool.set(row, at);
  return Object.freeze({ rowOf, pool });
}
