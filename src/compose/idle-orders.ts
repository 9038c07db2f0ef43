import type { Finding } from '../core/desired/finding.ts';
import type { Hostname } from '../core/desired/model.ts';
import { idleOrders } from '../core/orders/idle-orders.ts';
import type { Overrides } from '../core/orders/override.ts';
import type { Snapshot } from '../core/snapshot/snapshot.ts';

/** Tells of orders that are about nothing, whenever there are others: looked for where the hostnames or the orders are other ones. */
export function createIdleOrders(
  overrides: () => Overrides,
  onFindings: (findings: readonly Finding[]) => void,
): (snapshot: Snapshot) => void {
  let told: readonly string[] = [];
  let last: { readonly hostnames: readonly Hostname[]; readonly orders: Overrides } | undefined;
  return ({ model, now }) => {
    const orders = overrides();
    if (last?.hostnames === model.hostnames && last.orders === orders) return;
    last = { hostnames: model.hostnames, orders };
    const findings = idleOrders(model, orders, now);
    const names = findings.map(({ message }) => message);
    if (names.join('\n') === told.join('\n')) return;
    told = names;
    onFindings(findings);
  };
}
