/** What a drill, or an order, would do, before it does: the same steering and the same answer table, beside those of now. */
import type { Model } from '../desired/model.ts';
import { asFailed } from '../health/as-failed.ts';
import { createOrderOverlay } from '../orders/overlay.ts';
import type { Override, Overrides } from '../orders/override.ts';
import { pinsOf } from '../orders/pins.ts';
import { type Outlook, outlook } from '../plan/outlook.ts';
import { withPin } from '../plan/pinned-places.ts';
import { createOverlay as createRolloutOverlay } from '../rollout/overlay.ts';
import type { Rollouts } from '../rollout/rollout.ts';
import { compileBeside } from '../snapshot/compile.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import { type Drilled, failingOf, leftWithin, withDrilled } from '../steering/drilled.ts';
import { asked, type Drill, type DrillSpec, rampOf } from './drill.ts';
import { orderOf } from './effects.ts';
import { mendingMs } from './mending.ts';
import { reachOf } from './reach.ts';

/** The world as it is. `written`: the model without orders and rollouts. `lay`: lays the rollouts over one. */
export type Stage = {
  readonly now: Snapshot;
  readonly written: Model;
  /** Those of people. */
  readonly overrides: Overrides;
  /** The drills that run. */
  readonly drilled: readonly Drilled[];
  readonly lay: (model: Model) => Model;
};

/** Hostnames in each list of what is told. */
const LISTED = { listed: 20 };

/** What would become of the clients with one more order in force, whenever it is to begin. */
export function outlookWith(order: Override, stage: Stage): Outlook {
  const { from: _, ...inForce } = order;
  const overrides = new Map(stage.overrides).set(order.name, inForce);
  const [pin] = pinsOf(new Map([[order.name, inForce]]));
  const ground = groundOf(stage);
  // The places do not know it yet.
  const now = pin === undefined ? stage.now : { ...stage.now, places: withPin(stage.now.places, pin) };
  return outlook(ground, compiled({ ...stage, overrides, now }, ground), LISTED);
}

/** What would become of the clients with these rollouts instead of those that there are, as far as they are by then. */
export function outlookWithRollouts(rollouts: Rollouts, stage: Stage): Outlook {
  const lay = (model: Model): Model => createRolloutOverlay().lay(model, [...rollouts.values()]);
  const ground = groundOf(stage);
  return outlook(ground, compiled({ ...stage, lay }, ground), LISTED);
}

/** What would become of the clients when the drill is at its last step, and everybody knows of it. */
export function outlookOf(spec: DrillSpec, stage: Stage): Outlook {
  const done = doneBy(spec, stage.written, Number.POSITIVE_INFINITY);
  const [order] = done.orders;
  if (order !== undefined) return outlookWith(order, stage);
  const ground = groundOf(stage);
  const isNothing = done.failing.size === 0;
  return outlook(
    ground,
    isNothing ? ground : compiled({ ...stage, drilled: [...stage.drilled, done] }, ground),
    LISTED,
  );
}

/**
 * Names of the hostnames that a drill, at its last step, leaves without a usable endpoint, or the clients inside their residency
 * area, at some moment while it runs, or mends: from `begin` on, in ms since the epoch.
 */
export function leftWithoutBy(spec: DrillSpec, begin: number, stage: Stage): readonly string[] {
  const { now, written, overrides, drilled } = stage;
  const done = doneBy(spec, written, begin + spec.lengthMs);
  if (done.orders.length === 0 && done.failing.size === 0) return [];
  const ground = { model: written, health: now.health, now: now.now };
  const before = { overrides, drilled };
  return leftWithin(ground, { from: begin, until: done.until }, before, { overrides, drilled: [...drilled, done] });
}

/** What a drill that ends then (ms since the epoch) does when it is at its last step, until all that it failed is good again. */
export function doneBy(spec: DrillSpec, written: Model, end: number): Drilled {
  const drill: Drill = { ...asked(spec, 0, ''), state: 'running', step: rampOf(spec).steps.length - 1 };
  const order = orderOf(drill);
  const failing = new Set(spec.action.kind === 'fail' ? reachOf(spec, written).monitors : []);
  return { orders: order === undefined ? [] : [order], failing, until: end + mendingMs(failing, written) };
}

/** What a change is held against: the world as it is, or as it will be where drills run that are not at their last steps. */
function groundOf(stage: Stage): Snapshot {
  const isDrilled = stage.drilled.some(({ orders, failing }) => orders.length > 0 || failing.size > 0);
  return isDrilled ? compiled(stage, stage.now) : stage.now;
}

function compiled({ now, written, overrides, drilled, lay }: Stage, base: Snapshot): Snapshot {
  const model = lay(createOrderOverlay().lay(written, withDrilled({ overrides, drilled }), now.now));
  const health = asFailed(now.health, failingOf(drilled), written, now.now);
  return compileBeside({ ...now, model, health }, base);
}
