/** What people order, in three books that see one world, and the rules of safety before all of them. */
import type { ClusterSpec, Declaration, Model } from '../desired/model.ts';
import type { TimedBook, Timepiece } from '../health/timed-book.ts';
import type { Overrides } from '../orders/override.ts';
import { DEFAULT_SAFETY, type SafetyRules } from '../plan/safety.ts';
import type { Rollouts } from '../rollout/rollout.ts';
import { createRolloutBook, type RolloutBook } from '../rollout/rollout-book.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import type { Drilled } from '../steering/drilled.ts';
import { createOrderBook, type OrderBook } from '../steering/order-book.ts';
import type { PinPlaces } from '../steering/pin-desk.ts';
import type { Drills } from './drill.ts';
import { createDrillBook, type DrillBook } from './drill-book.ts';
import { createDrillControl, type DrillControl } from './drill-control.ts';
import { createDrillGuard } from './drill-guard.ts';
import { spanOf } from './overlap.ts';
import { doneBy, type Stage } from './rehearsal.ts';
import { createSafetyGuard } from './safety-guard.ts';

/** The books. `control`: what operators do with drills. */
export type Books = {
  readonly overrides: OrderBook;
  readonly rollouts: RolloutBook;
  readonly drills: DrillBook;
  readonly control: DrillControl;
};

/** The world that they see, and who keeps them. */
export type BooksOptions = {
  readonly clock: Timepiece;
  readonly declaration: Pick<Declaration, 'monitors'>;
  readonly safety?: SafetyRules | undefined;
  readonly clusters: () => readonly ClusterSpec[];
  readonly beliefs: Pick<TimedBook, 'published' | 'loads'>;
  /** The model without what they lay over it, and the snapshot with it. */
  readonly written: () => Model;
  readonly current: () => Snapshot;
  /** Who lays pins over the places. */
  readonly pins: PinPlaces;
  /** Each resolves when it is on stable storage. */
  readonly save: {
    readonly overrides: (all: Overrides) => Promise<void>;
    readonly rollouts: (all: Rollouts) => Promise<void>;
    readonly drills: (all: Drills) => Promise<void>;
  };
  /** Brings the snapshot up to date. */
  readonly flush: () => void;
  /** Something is due by time: the books are to be reviewed. */
  readonly onDue: () => void;
  /** Something was ordered: it is to be in the answers when this returns. */
  readonly onChange: () => void;
};

/** Three empty books. */
export function createBooks(options: BooksOptions): Books {
  const { clock, safety: rules = DEFAULT_SAFETY, beliefs, save, flush, onChange } = options;
  const { written: model } = options;
  const now = (): number => clock.now();
  const health = () => beliefs.published;
  const stage = (): Stage => stageOf(options, { overrides, rollouts, drills });
  const guard = createSafetyGuard({ rules, stage, now });
  const rollouts = createRolloutBook({ ...options, model, health, breaks: guard.ofRollouts, save: save.rollouts });
  const overrides = createOrderBook({
    now,
    clusters: options.clusters,
    world() {
      flush();
      return { model: model(), health: health() };
    },
    drilled: () => drilledBy(drills, model(), now()),
    breaks: guard.ofOrder,
    pins: options.pins,
    save: save.overrides,
    onChange,
  });
  const drills = createDrillBook({
    ...options,
    model,
    world() {
      const { model: laid, version, now: laidAt } = options.current();
      return { model: laid, health: health(), loads: beliefs.loads, now: now(), laidAt, version };
    },
    mayBegin: (drill) => drillGuard.mayBegin(drill),
    save: save.drills,
  });
  const drillGuard = createDrillGuard({ rules, list: () => drills.list(), stage, now });
  return { overrides, rollouts, drills, control: createDrillControl({ book: drills, guard: drillGuard, now }) };
}

function stageOf(
  { clock, flush, current, written }: BooksOptions,
  { overrides, rollouts, drills }: Omit<Books, 'control'>,
): Stage {
  flush();
  return {
    now: current(),
    written: written(),
    overrides: overrides.current(),
    drilled: drilledBy(drills, written(), clock.now()),
    lay: (laid) => rollouts.lay(laid),
  };
}

/** Planned drills are looked at when they begin. */
function drilledBy(drills: DrillBook, written: Model, now: number): readonly Drilled[] {
  return drills.list().flatMap((drill) => {
    const span = drill.state === 'running' ? spanOf(drill, now) : undefined;
    // One whose time is over may be looked at a little later.
    return span === undefined || span.until <= now ? [] : [doneBy(drill.spec, written, span.until)];
  });
}
