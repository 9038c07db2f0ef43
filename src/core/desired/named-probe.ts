import { type Address, parseAddress } from './address.ts';
import { probeTarget } from './annotations/probe-values.ts';
import type { ProbeTarget, Settings } from './annotations/setting.ts';
import type { Origin } from './finding.ts';
import type { Monitor, ProbeDefaults } from './model.ts';
import { monitorOf, watchOf } from './monitors.ts';
import type { Say } from './precedence.ts';

/** A probe of an address of its own, by its URL. */
type AddressedProbe = { readonly address: Address; readonly target: Extract<ProbeTarget, { kind: 'target' }> };

/** A probe of the configuration: where it goes, the SNI and Host, and settings as annotations have them. */
export type NamedProbe = AddressedProbe & {
  readonly name: string;
  readonly host: string;
  readonly settings: Settings;
  readonly origin: Origin;
};

/**
 * Reads the URL of a probe with an IP address and a port: `https://192.0.2.10:443/cart`, `tcp://[2001:db8::1]:443`. A name
 * would be looked up in the DNS, perhaps in our own: undefined, as for everything else.
 */
export function addressedProbe(text: string): AddressedProbe | undefined {
  const [, scheme, bracketed, plain, rest] = /^(\w+:\/\/)(?:\[([0-9A-Fa-f:.]+)\]|([\d.]+))(:\d.*)$/.exec(text) ?? [];
  const address = parseAddress(bracketed ?? plain ?? '');
  const target = probeTarget(`${scheme}${rest}`);
  if (address === undefined || target?.kind !== 'target') return undefined;
  return (address.family === 6) === (bracketed !== undefined) ? { address, target } : undefined;
}

/** The monitor of a named probe. `say` is told of settings that do not go together. */
export function namedProbeOf(probe: NamedProbe, defaults: ProbeDefaults, say: Say): Monitor | undefined {
  const { name, host, address, target, origin } = probe;
  const settings: Settings = { ...probe.settings, probe: { value: target, text: name } };
  const source = { level: 'cluster', cluster: '', id: name, origin, settings } as const;
  const watch = watchOf({ address, claims: [], sources: [source] }, defaults, say);
  if (watch.kind === 'by-host') return monitorOf(watch.spec, host);
  return watch.kind === 'shared' ? watch.monitor : undefined;
}

/** Whether a protocol sends the host: then there has to be one. */
export function sendsHost({ protocol }: AddressedProbe['target']): boolean {
  return protocol !== 'tcp' && protocol !== 'dns';
}
