import type { EndpointState } from './decision.ts';

/**
 * How a hostname fares, whatever is drained. `up`: all its endpoints are up, or unchecked. `degraded`: some are. `unseen`:
 * none is, and some were not probed yet. `down`: all are down, or there is none.
 */
export type HostnameState = 'up' | 'degraded' | 'unseen' | 'down';

/** All states, the best first. */
export const HOSTNAME_STATES = ['up', 'degraded', 'unseen', 'down'] as const satisfies readonly HostnameState[];

/** The state of a hostname with endpoints in these states. */
export function hostnameState(endpoints: readonly EndpointState[]): HostnameState {
  const usable = endpoints.filter((state) => state === 'up' || state === 'unchecked').length;
  if (usable > 0) return usable === endpoints.length ? 'up' : 'degraded';
  return endpoints.includes('unseen') ? 'unseen' : 'down';
}
