import { isEqual } from './equal.ts';
import type { Endpoint, Hostname } from './model.ts';
import type { MonitorBook } from './monitor-book.ts';
import { probeHost } from './monitors.ts';
import type { Pattern } from './pattern.ts';
import { treeFor } from './supervision.ts';

/** A hostname and the pattern that it was made of. */
export type Patterned = { readonly hostname: Hostname; readonly pattern: Pattern };

/**
 * The hostname of a pattern: the very same as `before` where nothing differs. What it has of `before` is the same, too.
 * Monitors of its own are put into `monitors`, and those that it had before are given up.
 */
export function hostnameOf(
  parts: Pick<Hostname, 'name' | 'zone' | 'askers' | 'policy'>,
  pattern: Pattern,
  before: Patterned | undefined,
  monitors: MonitorBook,
): Hostname {
  // The pattern may be that of other hostnames, which had the same things under another one before.
  const isAsBefore = before !== undefined && isEqual(before.pattern.templates, pattern.templates);
  const own = isAsBefore ? before.hostname.endpoints : ownEndpoints(parts.name, pattern, monitors);
  if (before !== undefined && !isAsBefore) giveUp(before, monitors);
  const { name, zone, askers } = parts;
  const known = before?.hostname;
  const policy = known !== undefined && isEqual(known.policy, parts.policy) ? known.policy : parts.policy;
  if (known !== undefined && known.policy === policy && known.endpoints === own && known.askers === askers)
    return known;
  return Object.freeze({ name, zone, policy, endpoints: own, askers });
}

/** Gives up the monitors that are the hostname's own. */
export function giveUp({ hostname, pattern }: Patterned, monitors: MonitorBook): void {
  if (pattern.endpoints !== undefined) return;
  for (const [index, { watch }] of pattern.templates.entries()) {
    const endpoint = hostname.endpoints[index];
    if (watch.kind === 'by-host' && endpoint !== undefined) monitors.release(endpoint.monitor);
  }
}

function ownEndpoints(name: string, pattern: Pattern, monitors: MonitorBook): readonly Endpoint[] {
  if (pattern.endpoints !== undefined) return pattern.endpoints;
  const host = probeHost(name);
  const endpoints = pattern.templates.map(({ endpoint, watch }): Endpoint => {
    if (watch.kind !== 'by-host') return endpoint;
    const tree = treeFor(watch, host);
    monitors.retain(tree);
    return Object.freeze({ ...endpoint, monitor: tree.root });
  });
  return Object.freeze(endpoints);
}
