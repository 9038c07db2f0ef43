import { ANY_HOSTNAME } from '../gateway-api/hostnames.ts';
import type { Listener } from '../gateway-api/listeners.ts';
import { idOf, originOf } from '../gateway-api/metadata.ts';
import type { Gateway, ListenerSet } from '../gateway-api/objects.ts';
import { quote } from '../quote.ts';
import type { Remark } from '../remarks.ts';
import type { Saying } from './odd-ones.ts';
import { type Member, presenceSaid, presencesOf, sayingsRemark } from './sibling-drift.ts';

/** Something with listeners. */
type Host = Member<Gateway | ListenerSet>;

/** One listener of several clusters: at least two. */
type Listeners = readonly (readonly [host: Host, listener: Listener])[];

const SECURE: ReadonlySet<string> = new Set(['HTTPS', 'TLS']);

/** How the listeners of sibling Gateways or ListenerSets differ: of those that can serve names of ours in some cluster. */
export function listenerDrift(hosts: readonly Host[], isOurs: (hostname: string) => boolean): readonly Remark[] {
  const byName = new Map<string, (readonly [Host, Listener])[]>();
  for (const host of hosts) {
    for (const listener of host.object.listeners) {
      const known = byName.get(listener.name) ?? [];
      byName.set(listener.name, known);
      known.push([host, listener]);
    }
  }
  const ours = [...byName].filter(([, all]) => all.some(([, { hostname }]) => isOurs(hostname)));
  const names = new Set(ours.map(([name]) => name));
  const missing = presencesOf(hosts, ({ object }) =>
    object.listeners.map(({ name }) => name).filter((name) => names.has(name)),
  ).map((presence) => {
    const { at, message } = presenceSaid(presence);
    return remark('drift-listener', at, `listener ${quote(presence.what)} is ${message}`);
  });
  const different = ours.flatMap(([name, all]) => (all.length < 2 ? [] : differences(name, all)));
  return [...missing, ...different];
}

function differences(name: string, listeners: Listeners): readonly Remark[] {
  const subject = `listener ${quote(name)}`;
  const say = (wordsOf: (listener: Listener) => string, among: Listeners = listeners): readonly Saying<Host>[] =>
    among.map(([host, listener]) => ({ cluster: host.cluster, value: wordsOf(listener), by: host }));
  const hostnames = say(({ hostname }) => (hostname === ANY_HOSTNAME ? 'any' : hostname));
  // A hostname that is another one in every cluster is meant to be.
  const isByDesign = new Set(hostnames.map(({ value }) => value)).size === hostnames.length;
  const secure = listeners.filter(([, { protocol }]) => SECURE.has(protocol));
  return [
    sayingsRemark('drift-listener', subject, say(spoken), originOfHost),
    isByDesign ? undefined : sayingsRemark('drift-listener', `${subject}, hostname`, hostnames, originOfHost),
    sayingsRemark('drift-tls', `${subject}, TLS`, say(secured, secure), originOfHost),
  ].filter((one) => one !== undefined);
}

function spoken({ protocol, port }: Listener): string {
  return `${SPOKEN.test(protocol) ? protocol : quote(protocol)} on ${port === 0 ? 'any port' : `port ${port}`}`;
}

/** Protocols that are safe to print as they are. */
const SPOKEN = /^[A-Z]{1,10}$/;

function secured({ mode, certificates }: Listener): string {
  return mode === 'Passthrough' ? mode : `${mode} with ${certificates} certificate${certificates === 1 ? '' : 's'}`;
}

function originOfHost({ object }: Host): Remark['origin'] {
  return originOf(object);
}

function remark(code: Remark['code'], at: Host, message: string): Remark {
  const suggestion = `make ${at.object.kind} ${idOf(at.object)} the same everywhere`;
  return { code, origin: originOf(at.object), message, suggestion };
}
