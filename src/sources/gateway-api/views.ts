import type { ClusterView, KindView, ViewState } from '../../core/ports.ts';

/** Worst first. */
const GRAVITY: readonly ViewState[] = ['retrying', 'connecting', 'syncing', 'watching', 'forbidden', 'missing'];

/** The view of a cluster from those of its kinds. */
export function clusterView(cluster: string, kinds: readonly KindView[]): ClusterView {
  const states = new Set(kinds.map((kind) => kind.state));
  const state = GRAVITY.find((one) => states.has(one)) ?? 'connecting';
  const present = kinds.filter((kind) => kind.state !== 'missing' && kind.state !== 'forbidden');
  const heard = present.flatMap((kind) => kind.lastHeardAt ?? []);
  const lastHeardAt = heard.length > 0 && heard.length === present.length ? Math.min(...heard) : undefined;
  return Object.freeze({ cluster, state, lastHeardAt, kinds: Object.freeze(kinds) });
}
