import { parentOf } from '../domain-name.ts';
import { compareAskers } from '../order.ts';
import { quote } from '../quote.ts';
import type { Report } from '../report.ts';
import { ANY_HOSTNAME } from './hostnames.ts';
import { idOf, originOf } from './metadata.ts';
import type { Holder, Opening } from './opening.ts';

/**
 * Lets the listeners of each Gateway know who shares their ports. Of these a request is for the one with the most specific
 * hostname only (GatewaySpec.listeners, "Listeners that are distinct only by Hostname"). Those that cannot be told apart
 * are reported ("Distinct Listeners"); that takes no name away, for it is the controller that decides.
 */
export function introduceRivals(holders: readonly Holder[], report: Report): void {
  for (const ofGateway of Map.groupBy(holders, ({ gateway }) => gateway).values()) {
    const openings = ofGateway.flatMap((holder) => holder.openings);
    if (openings.length < 2) continue;
    for (const sharing of Map.groupBy(openings, portOf).values()) {
      if (sharing.length < 2 || sharing[0]?.listener.port === 0) continue;
      const rivals = new Set(sharing.map(({ listener }) => listener.hostname));
      if (rivals.size > 1) for (const opening of sharing) opening.rivals = rivals;
      reportConflicts(sharing, report);
    }
  }
}

/** Whether a more specific listener on the same port takes all requests for a hostname that this one covers. */
export function isIsolated(hostname: string, { rivals, listener }: Opening): boolean {
  if (rivals === undefined) return false;
  for (let at = hostname; at !== listener.hostname && at !== ANY_HOSTNAME; at = wider(at)) {
    if (rivals.has(at)) return true;
  }
  return false;
}

/** The next less specific hostname: `*.b.c` of `a.b.c`, then `*.c`, then any. */
function wider(hostname: string): string {
  const parent = parentOf(hostname.startsWith('*.') ? hostname.slice(2) : hostname);
  return parent === '' ? ANY_HOSTNAME : `*.${parent}`;
}

/** UDP has ports of its own. */
function portOf({ listener: { port, protocol } }: Opening): string {
  return `${port} ${protocol === 'UDP' ? 'UDP' : 'TCP'}`;
}

function reportConflicts(sharing: readonly Opening[], report: Report): void {
  const byIdentity = Map.groupBy(sharing, ({ listener: { protocol, hostname } }) => {
    const hasHostnames = protocol !== 'TCP' && protocol !== 'UDP';
    return hasHostnames ? `${protocol} ${hostname}` : protocol;
  });
  // A TCP listener takes every connection to its port.
  const isTcp = byIdentity.has('TCP') && byIdentity.size > 1;
  for (const alike of isTcp ? [sharing] : byIdentity.values()) {
    const [first, second] = alike.toSorted(byPrecedence);
    if (first === undefined || second === undefined) continue;
    const { protocol, port, hostname } = first.listener;
    const what = hostname === ANY_HOSTNAME || isTcp ? '' : ` and hostname ${quote(hostname)}`;
    const shared = isTcp ? `port ${port}, one of them for TCP` : `protocol ${protocol}, port ${port}${what}`;
    const message = `listeners ${nameOf(first)} and ${nameOf(second)} share ${shared}`;
    report.add('listener-conflict', originOf(second.holder.object), message, 'give each its own port or hostname');
  }
}

/** The Gateway's own listeners come before those of ListenerSets. */
function byPrecedence(a: Opening, b: Opening): number {
  const [one, other] = [a.holder, b.holder];
  if (one === other) return 0;
  if ((one.object === one.gateway) !== (other.object === other.gateway)) return one.object === one.gateway ? -1 : 1;
  return compareAskers(one.object, other.object);
}

function nameOf({ listener, holder: { object } }: Opening): string {
  return `${quote(listener.name)} of ${object.kind} ${idOf(object)}`;
}
