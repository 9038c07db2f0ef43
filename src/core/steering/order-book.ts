import type { ClusterSpec, Model } from '../desired/model.ts';
import { type OrderRefusal, refusalOf } from '../orders/check.ts';
import { createOrderOverlay, type OrderOverlay, ordersChangeAt } from '../orders/overlay.ts';
import { type DrainOrder, drainNameOf, drainOf, type Override, type Overrides } from '../orders/override.ts';
import { type BrokenRule, type GuardMode, refusalsOf, type SafetyRefusal } from '../orders/safety-rule.ts';
import { createSavedChanges, type Unsaved } from '../orders/saved-changes.ts';
import { type GuardedWorld, leavesNone } from './drain-guard.ts';
import { type Drilled, leftByOrder } from './drilled.ts';
import { createPinDesk, type PinPlaces } from './pin-desk.ts';

/** Why an order was refused: stable codes, the same as those of the admin API. */
export type OrderBookRefusal =
  | OrderRefusal
  | SafetyRefusal
  | Unsaved
  | { readonly code: 'cluster-unknown'; readonly message: string };

/** What people ordered. What was forced says past what (`Override.forced`). All changes resolve when they are on stable storage and told by `onChange`, or with the refusal. */
export type OrderBook = {
  readonly current: () => Overrides;
  /** Gives an order; one of the same name is replaced. */
  put(order: Override, mode: GuardMode): Promise<OrderBookRefusal | 'done'>;
  clear(name: string): Promise<OrderBookRefusal | 'done'>;
  readonly drain: (order: DrainOrder, mode: GuardMode) => Promise<OrderBookRefusal | 'done'>;
  readonly undrain: (cluster: string) => Promise<OrderBookRefusal | 'done'>;
  /** Takes over what was saved, in the place of what there is. What is about nothing any more is kept until somebody takes it away. */
  restore(saved: Overrides): void;
  /** Forgets what is over. Call it before something is laid. */
  review(): void;
  /** The model with these orders in it, and with those of drills. */
  lay(model: Model, others: readonly Override[]): Model;
  /** When time alone changes what is laid, in ms since the epoch; Infinity for never. */
  changesAt(): number;
};

/** What a book needs. `world` is what the guard goes by: the model as it is written, and the newest verdicts. */
export type OrderBookOptions = {
  /** Ms since the epoch. */
  readonly now: () => number;
  readonly clusters: () => readonly ClusterSpec[];
  readonly world: () => GuardedWorld;
  /** The drills that run: nothing is ordered away that they will leave. Absent: there are none. */
  readonly drilled?: () => readonly Drilled[];
  /** The rules of safety that an order breaks. Absent: there are none. */
  readonly breaks?: (order: Override) => readonly BrokenRule[];
  /** Absent: places know of no pins. */
  readonly pins?: PinPlaces;
  readonly save: (overrides: Overrides) => Promise<void>;
  readonly onChange: () => void;
};

/** A book without orders. */
export function createOrderBook(options: OrderBookOptions): OrderBook {
  const { now, clusters, world, drilled = () => [], breaks = () => [], save, onChange } = options;
  let current: Overrides = new Map();
  const desk = createPinDesk(options.pins ?? { tell: () => {}, known: () => [] });
  const overlay: OrderOverlay = createOrderOverlay();
  const changes = createSavedChanges<Overrides>({
    save,
    apply(wanted) {
      current = wanted;
      desk.tell(current);
    },
    steady: now,
    onOrdered: onChange,
  });

  function guarded(what: string, order: Override, mode: GuardMode): Overrides | OrderBookRefusal {
    const left = leftByOrder(order, { overrides: current, drilled: drilled() }, { ...world(), now: now() });
    const against = refusalsOf([...leavesNone(what, left), ...breaks(order)]);
    const [first] = against;
    if (first === undefined) return new Map(current).set(order.name, order);
    const forced = Object.freeze(against.map(({ code }) => code));
    return mode === 'guarded' ? first : new Map(current).set(order.name, Object.freeze({ ...order, forced }));
  }

  function without(name: string, refusal: OrderBookRefusal): Overrides | OrderBookRefusal {
    return current.has(name) ? new Map([...current].filter(([each]) => each !== name)) : refusal;
  }

  return {
    current: () => current,
    put: (order, mode) =>
      changes.order<OrderBookRefusal>(() => {
        const own = desk.versioned(order, current);
        return refusalOf(own, current, world().model) ?? guarded(`Override ${own.name}`, own, mode);
      }),
    clear: (name) => changes.order<OrderBookRefusal>(() => without(name, unknownOrder(name))),
    drain: (order, mode) =>
      changes.order<OrderBookRefusal>(() => {
        if (!knows(clusters(), order.cluster)) return unknownCluster(order.cluster, clusters());
        return guarded(`Draining ${order.cluster}`, drainOf(order), mode);
      }),
    undrain: (cluster) =>
      changes.order<OrderBookRefusal>(() => {
        // The drain of a cluster that is gone for now is kept, and can be ended.
        const rest = without(drainNameOf(cluster), unknownCluster(cluster, clusters()));
        return 'code' in rest && knows(clusters(), cluster) ? 'done' : rest;
      }),
    restore(saved) {
      current = new Map(saved);
      desk.tell(current);
    },
    review() {
      const left = [...current].filter(([, { until }]) => until === undefined || until > now());
      if (left.length === current.size || changes.state() === 'saving') return;
      current = new Map(left);
      desk.tell(current);
      changes.keep(current);
    },
    lay(model, others) {
      return overlay.lay(
        model,
        new Map([...desk.inForce(current), ...others.map((one) => [one.name, one] as const)]),
        now(),
      );
    },
    changesAt: () => ordersChangeAt(current, now()),
  };
}

/** Whether there is a cluster of this name. */
export function knows(clusters: readonly ClusterSpec[], name: string): boolean {
  return clusters.some((cluster) => cluster.name === name);
}

/** Why nothing is ordered about a cluster that is not there. */
export function unknownCluster(
  cluster: string,
  clusters: readonly ClusterSpec[],
): { readonly code: 'cluster-unknown'; readonly message: string } {
  const known = clusters.map(({ name }) => name).join(', ');
  return { code: 'cluster-unknown', message: `There is no cluster "${cluster}". Known clusters: ${known}.` };
}

function unknownOrder(name: string): OrderRefusal {
  return { code: 'override-unknown', message: `There is no override "${name}".` };
}
