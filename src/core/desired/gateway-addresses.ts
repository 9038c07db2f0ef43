import { type Address, parseAddress } from './address.ts';
import type { AnnotationContext } from './annotations/read.ts';
import { MAX_ADDRESSES } from './annotations/values.ts';
import { originOf } from './gateway-api/metadata.ts';
import type { Gateway } from './gateway-api/objects.ts';
import { quote } from './quote.ts';
import { addressesOf, type Resolution } from './resolution.ts';

/** Most hostnames of one Gateway that are resolved for its addresses. */
const MAX_ADDRESS_NAMES = 4;

/** How names become addresses; it notes who is asked for. */
export type NameLookup = {
  /** Whether we are the ones who answer for the name. */
  isOwn(name: string): boolean;
  /** Undefined where it was not resolved yet. */
  find(name: string): Resolution | undefined;
};

/** The addresses in a Gateway's status. `pending`: there may be more, once its names are resolved. */
export type StatusAddresses = { readonly addresses: readonly Address[]; readonly state: 'known' | 'pending' };

/** Reads a Gateway's `status.addresses`, with what its names lead to. What is wrong is reported. */
export function statusAddresses(gateway: Gateway, lookup: NameLookup, context: AnnotationContext): StatusAddresses {
  const byText = new Map<string, Address>();
  const ignored = [...gateway.otherAddresses, ...gateway.addressNames.slice(MAX_ADDRESS_NAMES)];
  const add = (text: string, address: Address | undefined): void => {
    if (address === undefined || (byText.size >= MAX_ADDRESSES && !byText.has(address.text))) ignored.push(text);
    else byText.set(address.text, address);
  };
  for (const text of gateway.addresses) add(text, parseAddress(text));
  let state: StatusAddresses['state'] = 'known';
  for (const name of gateway.addressNames.slice(0, MAX_ADDRESS_NAMES)) {
    const resolution = lookup.isOwn(name) ? 'own' : lookup.find(name);
    if (resolution === undefined) state = 'pending';
    else sayResolution(gateway, name, resolution, context);
    if (resolution === undefined || resolution === 'own') continue;
    for (const address of addressesOf(resolution.addresses)) add(address.text, address);
  }
  if (ignored.length > 0) sayIgnored(gateway, ignored, context);
  return { addresses: [...byText.values()], state };
}

function sayIgnored(gateway: Gateway, ignored: readonly string[], { report, prefix }: AnnotationContext): void {
  const [first = ''] = ignored;
  const more = ignored.length > 1 ? ` and ${ignored.length - 1} more` : '';
  const message = `status.addresses: ${quote(first)}${more} left out`;
  const suggestion = `at most ${MAX_ADDRESSES} IP addresses can be answered; ${prefix}address names the public ones`;
  report.add('gateway-address-ignored', originOf(gateway), message, suggestion);
}

function sayResolution(
  gateway: Gateway,
  name: string,
  resolution: Resolution | 'own',
  { report, prefix }: AnnotationContext,
): void {
  const suggestion = `${prefix}address can name the addresses instead`;
  const origin = originOf(gateway);
  if (resolution === 'own') {
    const message = `the address ${name} is in one of our own zones and is not resolved`;
    report.add('address-own-zone', origin, message, suggestion);
    return;
  }
  const { state, addresses, since, problem } = resolution;
  if (problem === undefined) return;
  if (state === 'resolved') report.add('gateway-address-ignored', origin, `${name}: ${problem}`);
  else if (state === 'failed')
    report.add('address-unresolved', origin, `${name} cannot be resolved: ${problem}`, suggestion);
  else {
    const kept = addresses.length === 1 ? 'its last address stays' : `its last ${addresses.length} addresses stay`;
    const asOf = since === undefined ? '' : `, as of ${new Date(since).toISOString()}`;
    report.add('address-unresolved', origin, `${name} cannot be resolved: ${problem}; ${kept}${asOf}`);
  }
}
