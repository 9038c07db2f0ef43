import { type DrainSpan, isDraining } from '../health/drain-span.ts';
import type { ForcedPast } from './safety-rule.ts';
import type { Scope } from './scope.ts';

/**
 * What is ordered. `up`, `down`: steering goes by that, whatever is measured. `drain`: no new answers, or where `percent` is
 * under 100, so many fewer clients. `weight`: in place of what the objects say, or so many percent of the way to it.
 * `pin`: clients of these networks are sent to the cluster while it is usable for them.
 */
export type OverrideAction =
  | { readonly kind: 'up' | 'down' }
  | { readonly kind: 'drain'; readonly percent?: number }
  | { readonly kind: 'weight'; readonly weight: number; readonly percent?: number }
  | { readonly kind: 'pin'; readonly nets: readonly string[]; readonly cluster: string };

/**
 * One order of a person, laid over what is written and measured and never into it. Times are ms since the epoch; `from`:
 * when it begins, absent where it is in force at once; `until`: when it ends by itself.
 */
export type Override = {
  readonly name: string;
  readonly scope: Scope;
  readonly action: OverrideAction;
  readonly at: number;
  readonly from?: number;
  readonly until?: number;
  readonly by: string;
  readonly reason: string;
  /** What would have refused it, had it not been forced; absent where nothing would. */
  readonly forced?: ForcedPast;
};

/** An order that pins clients. */
export type PinOverride = Override & { readonly action: Extract<OverrideAction, { readonly kind: 'pin' }> };

/** All overrides, planned ones included, by name. */
export type Overrides = ReadonlyMap<string, Override>;

/** When an override is in force. */
export function spanOfOverride({ from, until }: Override): DrainSpan {
  return { from: from ?? Number.NEGATIVE_INFINITY, until: until ?? Number.POSITIVE_INFINITY };
}

/** Whether it holds at a moment, in ms since the epoch. */
export function isInForce(order: Override, now: number): boolean {
  return isDraining(spanOfOverride(order), now);
}

/** The name of the order that drains a whole cluster. No other order may be called so: names have no colon. */
export function drainNameOf(cluster: string): string {
  return `drain:${cluster}`;
}

/** Highest weight (`azimuth.dev/weight`). */
export const MAX_WEIGHT = 65_535;

/** That no new answer names a cluster. `from`: when it begins, absent where it is in force at once. */
export type DrainOrder = Pick<Override, 'at' | 'from' | 'by' | 'reason'> & { readonly cluster: string };

/** The override that drains a whole cluster. */
export function drainOf({ cluster, ...order }: DrainOrder): Override {
  const scope = { clusters: [cluster] };
  return Object.freeze({ name: drainNameOf(cluster), scope, action: Object.freeze({ kind: 'drain' }), ...order });
}

/** Whether such an order holds for a cluster at a moment, in ms since the epoch. */
export function isClusterDrained(overrides: Overrides, cluster: string, now: number): boolean {
  const order = overrides.get(drainNameOf(cluster));
  return order !== undefined && isDraining(spanOfOverride(order), now);
}

/**
 * The same orders as if all that are planned had begun: what they will leave is not ordered away before. The very same order
 * where it has no such time, and each time the same for one that has.
 */
export function begun(overrides: Overrides): Overrides {
  return new Map([...overrides].map(([name, override]) => [name, begunOf(override)] as const));
}

const begunOrders = new WeakMap<Override, Override>();

function begunOf(override: Override): Override {
  if (override.from === undefined) return override;
  const { from: _, ...order } = override;
  const known = begunOrders.get(override) ?? order;
  begunOrders.set(override, known);
  return known;
}
