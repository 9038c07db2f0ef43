import { type EndpointState, isUp } from './decision.ts';

/**
 * How a hostname fares, whatever is drained. `up`: all its endpoints are up, or unchecked. `degraded`: some are, or are
 * degraded themselves. `unseen`: none is, and some were not probed yet. `down`: all are down or held, or there is none.
 */
export type HostnameState = 'up' | 'degraded' | 'unseen' | 'down';

/** All states, the best first. */
export const HOSTNAME_STATES = ['up', 'degraded', 'unseen', 'down'] as const satisfies readonly HostnameState[];

/** The state of a hostname with endpoints in these states. */
export function hostnameState(endpoints: readonly EndpointState[]): HostnameState {
  if (endpoints.some(isUp)) return endpoints.every((state) => isUp(state) && state !== 'degraded') ? 'up' : 'degraded';
  return endpoints.includes('unseen') ? 'unseen' : 'down';
}
