import { drainOf, type Overrides } from '../../../src/core/orders/override.ts';
import type { AuditEntry } from '../../../src/core/ports.ts';
import { AT } from './journal-fixture.ts';

/** The entry of a drain that is done. */
export function auditEntry(target: string): AuditEntry {
  return {
    at: AT,
    who: 'ana',
    from: '192.0.2.1',
    action: 'cluster.drain',
    target,
    before: null,
    after: null,
    outcome: 'done',
  };
}

/** The entry of a drain that was ordered at a moment, and is done. */
export function drainEntry(cluster: string, at = AT): AuditEntry {
  return { ...auditEntry(cluster), at: at + 1, after: { cluster, at, by: 'ana', reason: 'x', force: false } };
}

/** Drains of these clusters, ordered at a moment. */
export function drainsOf(clusters: readonly string[], at = AT): Overrides {
  return new Map(
    clusters.map((cluster) => {
      const order = drainOf({ cluster, at, by: 'ana', reason: 'x' });
      return [order.name, order] as const;
    }),
  );
}
