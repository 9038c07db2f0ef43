import type { Endpoint, Hostname, Model, Policy } from '../desired/model.ts';
import { hasBit } from './name-bits.ts';
import type { PinOverride } from './override.ts';
import { pinKeyOf } from './pins.ts';
import type { Reach } from './scope.ts';

/** A pin in force, and which hostnames are in its scope. */
type LaidPin = { readonly order: PinOverride; readonly reach: Reach };

/**
 * Lays pins over models. It remembers: what is the same as last time is the very same object. `reachOf`: whom a pin means among
 * the hostnames of the model.
 */
export type PinOverlay = (model: Model, pins: readonly PinOverride[], reachOf: (order: PinOverride) => Reach) => Model;

/** An overlay that has laid nothing yet. */
export function createPinOverlay(): PinOverlay {
  const policies = new WeakMap<Policy, Map<string, Policy>>();
  const laid = new WeakMap<Hostname, Hostname>();
  let last: { readonly of: Model; readonly pins: readonly PinOverride[]; readonly value: Model } | undefined;

  const policyWith = (policy: Policy, pins: readonly string[]): Policy => {
    const byPins = policies.get(policy) ?? new Map<string, Policy>();
    const known = byPins.get(pins.join());
    if (known !== undefined) return known;
    const made = Object.freeze({ ...policy, pins: Object.freeze(pins) });
    // Of a policy only the pins of last time are kept: each change of a pin brings others.
    policies.set(policy, (byPins.size < MAX_KEPT ? byPins : new Map<string, Policy>()).set(pins.join(), made));
    return made;
  };
  const layOne = (hostname: Hostname, place: number, pins: readonly LaidPin[]): Hostname => {
    const own = pins
      .filter(({ reach: { hostnames } }) => hostnames === undefined || hasBit(hostnames, place))
      .filter(({ order, reach }) => isAbout(order, hostname, (endpoint) => reach.fits(place, endpoint)))
      .map(({ order }) => pinKeyOf(order));
    if (own.length === 0) return hostname;
    const policy = policyWith(hostname.policy, own);
    const known = laid.get(hostname);
    if (known?.policy === policy) return known;
    const made = Object.freeze({ ...hostname, policy });
    laid.set(hostname, made);
    return made;
  };

  return (model, pins, reachOf) => {
    // So it is at every flip of health.
    if (last?.of === model && isSame(last.pins, pins)) return last.value;
    const all = pins.map((order) => ({ order, reach: reachOf(order) }));
    const laidOver = pins.length === 0 ? model.hostnames : model.hostnames.map((one, place) => layOne(one, place, all));
    const before = last?.value.hostnames;
    const hostnames = before !== undefined && isSame(before, laidOver) ? before : Object.freeze(laidOver);
    const value = isSame(hostnames, model.hostnames) ? model : Object.freeze({ ...model, hostnames });
    last = { of: model, pins, value };
    return value;
  };
}

/** Policies with different pins that are kept of one without. */
const MAX_KEPT = 64;

/** Whether a pin is about a hostname: in its scope (`fits`), with the pin's cluster and another one. */
export function isAbout(
  { action }: PinOverride,
  { endpoints }: Hostname,
  fits: (endpoint: Endpoint) => boolean,
): boolean {
  const there = endpoints.find(({ cluster }) => cluster === action.cluster);
  if (there === undefined || !fits(there)) return false;
  return endpoints.some(({ cluster }) => cluster !== action.cluster);
}

function isSame(some: readonly object[], others: readonly object[]): boolean {
  return some === others || (some.length === others.length && some.every((one, index) => one === others[index]));
}
