import type { Steering } from '../desired/model.ts';
import { degraded } from './filters/degraded.ts';
import { drain } from './filters/drain.ts';
import type { Filter, Order } from './filters/filter.ts';
import { health } from './filters/health.ts';
import { mapFence, mapOrder } from './filters/map.ts';
import { nearest } from './filters/nearest.ts';
import { residency } from './filters/residency.ts';
import { serves } from './filters/serves.ts';
import { standby } from './filters/standby.ts';
import { tier } from './filters/tier.ts';
import { equal, weight } from './filters/weight.ts';

/**
 * The steps of one preset, left to right. `fences` admit, and nothing reopens them. `eligible` may leave nobody: then
 * the last resort takes over from what the fences admitted. `preferred` never drops the last one. `order` says who
 * starts. The steps `sticky` and `answers` close every chain.
 */
export type Chain = {
  readonly fences: readonly Filter[];
  readonly eligible: readonly Filter[];
  readonly preferred: readonly Filter[];
  readonly order: Order;
};

const fences = [residency, serves, mapFence];
const eligible = [health, drain];
const preferred = [mapOrder, tier, standby, degraded];

/** The chain of each preset. */
export const CHAINS: Readonly<Record<Steering, Chain>> = {
  nearest: { fences, eligible, preferred, order: nearest },
  weighted: { fences, eligible, preferred, order: weight },
  failover: { fences, eligible, preferred, order: weight },
  multivalue: { fences, eligible, preferred, order: equal },
};
