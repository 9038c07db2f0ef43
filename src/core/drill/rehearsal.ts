/** What a drill, or an order, would do, before it does: the same steering and the same answer table, beside those of now. */
import type { Model, MonitorId } from '../desired/model.ts';
import { combine } from '../health/calculated.ts';
import { UNSEEN } from '../health/judge.ts';
import type { MonitorHealth } from '../health/monitor-health.ts';
import { createOrderOverlay } from '../orders/overlay.ts';
import type { Override, Overrides } from '../orders/override.ts';
import { pinsOf } from '../orders/pins.ts';
import { type Outlook, outlook } from '../plan/outlook.ts';
import { withPin } from '../plan/pinned-places.ts';
import { createOverlay as createRolloutOverlay } from '../rollout/overlay.ts';
import type { Rollouts } from '../rollout/rollout.ts';
import { compileBeside } from '../snapshot/compile.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import { asked, type DrillSpec } from './drill.ts';
import { orderOf } from './effects.ts';
import { reachOf } from './reach.ts';

/** The world as it is. `written`: the model without orders and rollouts. `lay`: lays the rollouts over one. */
export type Stage = {
  readonly now: Snapshot;
  readonly written: Model;
  readonly overrides: Overrides;
  readonly lay: (model: Model) => Model;
};

/** Hostnames in each list of what is told. */
const LISTED = 20;

/** What would become of the clients with one more order in force, whenever it is to begin. */
export function outlookWith(order: Override, stage: Stage): Outlook {
  const { from: _, ...inForce } = order;
  const overrides = new Map(stage.overrides).set(order.name, inForce);
  const [pin] = pinsOf(new Map([[order.name, inForce]]));
  // The places do not know it yet.
  const now = pin === undefined ? stage.now : { ...stage.now, places: withPin(stage.now.places, pin) };
  return outlook(stage.now, withOverrides(overrides, { ...stage, now }, stage.now), { listed: LISTED });
}

/** What would become of the clients with these rollouts instead of those that there are, as far as they are by then. */
export function outlookWithRollouts(rollouts: Rollouts, stage: Stage): Outlook {
  const lay = (model: Model): Model => createRolloutOverlay().lay(model, [...rollouts.values()]);
  return outlook(stage.now, withOverrides(stage.overrides, { ...stage, lay }), { listed: LISTED });
}

/** What would become of the clients when the drill is at its last step, and everybody knows of it. */
export function outlookOf(spec: DrillSpec, stage: Stage): Outlook {
  const { now } = stage;
  const running = { ...asked(spec, now.now, ''), state: 'running' as const, step: (spec.ramp?.steps.length ?? 1) - 1 };
  const order = orderOf(running);
  if (order !== undefined) return outlookWith(order, stage);
  if (spec.action.kind !== 'fail') return outlook(now, now, { listed: LISTED });
  const health = new Map<MonitorId, MonitorHealth>(now.health);
  const down: MonitorHealth = Object.freeze({ ...UNSEEN, state: 'down', since: now.now });
  for (const monitor of reachOf(spec, stage.written).monitors) health.set(monitor, down);
  // Members come before those that they are members of.
  for (const one of now.model.calculated ?? []) {
    const members = one.members.map((member) => health.get(member) ?? UNSEEN);
    health.set(one.id, combine(one, members, health.get(one.id) ?? UNSEEN));
  }
  return outlook(now, compileBeside({ ...now, health }, now), { listed: LISTED });
}

function withOverrides(overrides: Overrides, { now, written, lay }: Stage, base: Snapshot = now): Snapshot {
  const model = lay(createOrderOverlay().lay(written, overrides, now.now));
  return compileBeside({ ...now, model }, base);
}
