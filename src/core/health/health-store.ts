import type { Finding } from '../desired/finding.ts';
import type { MonitorId } from '../desired/model.ts';
import type { RememberedHealth } from './remembered.ts';

/** What is remembered of monitors over restarts. `aliveAt`: when it was last known to be so, in ms since the epoch. */
export type HealthStore = {
  load(): Promise<{
    readonly monitors: ReadonlyMap<MonitorId, RememberedHealth>;
    readonly aliveAt: number;
    readonly findings: readonly Finding[];
  }>;
  /** Resolves when the change is on stable storage; undefined takes an entry away. */
  save(changes: ReadonlyMap<MonitorId, RememberedHealth | undefined>, aliveAt: number): Promise<void>;
};
