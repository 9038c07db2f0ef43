import type { Policy, Preference, Steering } from '../desired/model.ts';
import { ORDER_OF, type OrderStep, PRESET_PREFERENCES } from '../desired/steering-chain.ts';
import type { FilterName } from './decision.ts';
import { degraded } from './filters/degraded.ts';
import { drain } from './filters/drain.ts';
import type { Filter, Order } from './filters/filter.ts';
import { health } from './filters/health.ts';
import { mapFence, mapOrder } from './filters/map.ts';
import { nearest } from './filters/nearest.ts';
import { pin } from './filters/pin.ts';
import { residency } from './filters/residency.ts';
import { serves } from './filters/serves.ts';
import { standby } from './filters/standby.ts';
import { tier } from './filters/tier.ts';
import { equal, weight } from './filters/weight.ts';

/**
 * The steps of one chain, left to right. `fences` admit, and nothing reopens them. `eligible` may leave nobody: then
 * the last resort takes over from what the fences admitted. `preferred` never drops the last one. `order` says who
 * starts. The steps `sticky` and `answers` close every chain.
 */
export type Chain = {
  readonly fences: readonly Filter[];
  readonly eligible: readonly Filter[];
  readonly preferred: readonly Filter[];
  readonly order: Order;
  /** The names of the preferring steps. */
  readonly prefers: readonly Preference[];
  /** `apart`: weight 0 gets no clients that somebody else takes, by the step `standby` or because weights decide. */
  readonly standbys: 'apart' | 'alike';
};

type Step = readonly [name: FilterName, filter: Filter];

const FENCES: readonly Step[] = [
  ['residency', residency],
  ['serves', serves],
  ['map', mapFence],
];
const ELIGIBLE: readonly Step[] = [
  ['health', health],
  ['drain', drain],
];
const PREFERRING: Readonly<Record<Preference, Filter>> = { map: mapOrder, tier, standby, degraded };
const ORDERS: Readonly<Record<OrderStep, Order>> = { nearest, weight, equal };

const PRESETS: Readonly<Record<Steering, Chain>> = {
  nearest: chainWith('nearest', PRESET_PREFERENCES),
  weighted: chainWith('weighted', PRESET_PREFERENCES),
  failover: chainWith('failover', PRESET_PREFERENCES),
  multivalue: chainWith('multivalue', PRESET_PREFERENCES),
};

/** The chain of a policy: its preset's, or one with the preferring steps that it lists. */
export function chainOf({ steering, preferred }: Pick<Policy, 'steering' | 'preferred'>): Chain {
  return preferred === undefined ? PRESETS[steering] : chainWith(steering, preferred);
}

/**
 * The steps of a policy by name, in the order in which they run. Of a list only the preferring ones may be elsewhere, or
 * nowhere. `last-resort` runs where nobody is eligible, `rollout` during one, `pin` where pins are about it, `overflow` where clients are left over.
 */
export function stepsOf(policy: Pick<Policy, 'steering' | 'preferred'>): readonly FilterName[] {
  const { preferred = PRESET_PREFERENCES, steering } = policy;
  const opening = [...FENCES, ...ELIGIBLE].map(([name]) => name);
  return [
    ...opening,
    'last-resort',
    'rollout',
    'pin',
    ...preferred,
    ORDER_OF[steering],
    'overflow',
    'sticky',
    'answers',
  ];
}

function chainWith(steering: Steering, prefers: readonly Preference[]): Chain {
  return {
    fences: FENCES.map(([, filter]) => filter),
    eligible: ELIGIBLE.map(([, filter]) => filter),
    // A pin goes before whatever else is preferred.
    preferred: [pin, ...prefers.map((step) => PREFERRING[step])],
    order: ORDERS[ORDER_OF[steering]],
    prefers,
    standbys: prefers.includes('standby') || ORDER_OF[steering] !== 'equal' ? 'apart' : 'alike',
  };
}
