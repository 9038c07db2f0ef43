/** The words of a steering chain: its presets, and what an explicit list of steps is made of. */
import type { Policy, Preference, Steering } from './model.ts';

/** The step at the end of a chain's list: it says who of those who are left starts. */
export type OrderStep = 'nearest' | 'weight' | 'equal';

/** The preferring steps of every preset, in their order. */
export const PRESET_PREFERENCES: readonly Preference[] = Object.freeze(['map', 'tier', 'standby', 'degraded']);

/** The step at the end of each preset. `failover` is `weighted` whose clusters have tiers. */
export const ORDER_OF: Readonly<Record<Steering, OrderStep>> = Object.freeze({
  nearest: 'nearest',
  weighted: 'weight',
  failover: 'weight',
  multivalue: 'equal',
});

/** The preset that a list with this step at its end is a kind of. */
export const PRESET_OF: Readonly<Record<OrderStep, Steering>> = Object.freeze({
  nearest: 'nearest',
  weight: 'weighted',
  equal: 'multivalue',
});

/** The steps that every chain has at their fixed places: no list names them. */
export const FIXED_STEPS: readonly string[] = Object.freeze([
  'residency',
  'serves',
  'health',
  'drain',
  'last-resort',
  'rollout',
  'pin',
  'overflow',
  'sticky',
  'answers',
]);

/** A chain as one writes it: the name of its preset, or the list of its steps. */
export function chainText({ steering, preferred }: Pick<Policy, 'steering' | 'preferred'>): string {
  return preferred === undefined ? steering : [...preferred, ORDER_OF[steering]].join(', ');
}
