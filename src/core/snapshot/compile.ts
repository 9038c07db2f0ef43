import type { MonitorId } from '../desired/model.ts';
import type { DecisionsPart } from './answer-table.ts';
import type { Row } from './decision-row.ts';
import { targetsPart } from './endpoints.ts';
import { changeOf, type ModelChange } from './model-change.ts';
import { namesPart } from './names-part.ts';
import { type Plan, planOf, renewedPlan } from './plan.ts';
import { createRowBook, type RowBook } from './row-book.ts';
import type { Snapshot, SnapshotInput } from './snapshot.ts';
import { type Change, drainsChangeAt, standAnew, standChanged } from './standings.ts';

/**
 * What the newest snapshot was made with. The one after it takes it over and writes into it. `standings` are by endpoint of
 * the plan's index, `rows` by target.
 */
type Workings = {
  readonly plan: Plan;
  readonly standings: Int32Array;
  readonly book: RowBook;
  readonly rows: Row[];
};

/** Kept beside the snapshots, not in them: readers have no use for it, and the result is the same without. */
const workingsOfSnapshot = new WeakMap<Snapshot, Workings>();
/** A plan is never written again, so any number of snapshots may be made with it. */
const planOfSnapshot = new WeakMap<Snapshot, Plan>();

/** What a snapshot begins with: the one before it, and what that one was made with. */
type Basis = {
  readonly previous: Snapshot | undefined;
  readonly plan: Plan | undefined;
  readonly workings: Workings | undefined;
};

/**
 * Makes the snapshot of an input. With the previous one at hand the parts that depend on the same names, addresses and
 * places are taken over. `changed` names all monitors whose health may differ from what it was then: only hostnames that
 * they, the end of a drain or the model touch are steered anew; without it, all are. The result is the same.
 * No part that was published is ever written again: a reader of the old snapshot may go on.
 */
export function compile(input: SnapshotInput, previous?: Snapshot, changed?: ReadonlySet<MonitorId>): Snapshot {
  const workings = previous === undefined ? undefined : takeOver(previous);
  return compileFrom(input, { previous, plan: workings?.plan, workings }, changed);
}

/** The same beside a snapshot that is still in use, which loses nothing by it: for what somebody only wants to know. */
export function compileBeside(input: SnapshotInput, base: Snapshot): Snapshot {
  return compileFrom(input, { previous: base, plan: planOfSnapshot.get(base), workings: undefined });
}

function compileFrom(
  input: SnapshotInput,
  { previous, plan: last, workings: before }: Basis,
  changed?: ReadonlySet<MonitorId>,
): Snapshot {
  const { model, health, places, serial, now } = input;
  const change = previous === undefined ? undefined : changeOf(previous.model, model);
  const plan = nextPlan(input, last, change);
  const workings = nextWorkings(plan, before, change);
  const isContinued = before?.rows === workings.rows && before.standings === workings.standings;
  const targets =
    isContinued && previous !== undefined && changed !== undefined
      ? touchedTargets(workings, { before: previous, input, changed }, change)
      : standAnew(workings.standings, plan.endpoints, input);
  const isSteeredAnew = steerTargets(workings, input, targets);
  const table = previous?.table;
  const snapshot: Snapshot = Object.freeze({
    model,
    health,
    places,
    serial,
    now,
    table: Object.freeze({
      serial,
      names: table !== undefined && change?.names === 'same' ? table.names : namesPart(model),
      targets: table !== undefined && change?.addresses === 'same' ? table.targets : targetsPart(model),
      classes: plan.classes,
      decisions:
        table !== undefined && before?.rows === workings.rows && !isSteeredAnew
          ? table.decisions
          : decisionsPart(workings.rows),
      places,
    }),
    version: (previous?.version ?? 0) + 1,
    changesAt: drainsChangeAt(plan.endpoints, input),
  });
  planOfSnapshot.set(snapshot, plan);
  workingsOfSnapshot.set(snapshot, workings);
  return snapshot;
}

/** Workings have one owner: what is made of an older snapshot begins with new ones. */
function takeOver(previous: Snapshot): Workings | undefined {
  const workings = workingsOfSnapshot.get(previous);
  workingsOfSnapshot.delete(previous);
  return workings;
}

function nextPlan({ model, places }: SnapshotInput, last: Plan | undefined, change: ModelChange | undefined): Plan {
  if (last === undefined || last.places !== places || change?.names !== 'same' || last.shapes.isFull()) {
    return planOf(model, places, last);
  }
  return last.hostnames === model.hostnames ? last : renewedPlan(model, last, change.touched);
}

function nextWorkings(plan: Plan, before: Workings | undefined, change: ModelChange | undefined): Workings {
  const book = before?.book.shapes === plan.shapes ? before.book : createRowBook(plan.shapes);
  const isIndexed = before?.plan.endpoints === plan.endpoints;
  const standings = isIndexed ? before.standings : new Int32Array(plan.endpoints.targetOf.length);
  // Rows are found anew where shapes have other numbers or targets other places in the list.
  const rows = before !== undefined && before.book === book && change?.names === 'same' ? before.rows : [];
  return { plan, standings, book, rows };
}

function touchedTargets(
  { standings, plan }: Workings,
  news: Change,
  model: ModelChange | undefined,
): readonly number[] {
  return [...standChanged(standings, plan.endpoints, news), ...(model?.touched ?? [])];
}

/** Sets the rows of these targets and tells whether any is another one than before. */
function steerTargets(
  { plan, standings, book, rows }: Workings,
  input: SnapshotInput,
  targets: Iterable<number>,
): boolean {
  let isChanged = false;
  for (const target of targets) {
    const row = book.rowOf(target, plan, standings, input);
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
