/** What a new model changes of the one before, as far as the answer table goes. Found by looking at objects, not into them. */
import type { Endpoint, Hostname, Model } from '../desired/model.ts';
import { spanOf } from '../health/drain-span.ts';
import { lastAddressesOf } from './endpoints.ts';

/**
 * `names`: whether the same names exist, in the same places of the list, with the same static records. `addresses`: whether
 * the same addresses of the same clusters belong to them. `touched`: hostnames that are another object, by their index, where
 * the names are the same.
 */
export type ModelChange = {
  readonly names: 'same' | 'other';
  readonly addresses: 'same' | 'other';
  readonly touched: readonly number[];
};

const ALL: ModelChange = { names: 'other', addresses: 'other', touched: [] };

/** Compares a model with the one before. */
export function changeOf(before: Model, now: Model): ModelChange {
  if (before.zones !== now.zones || before.hostnames.length !== now.hostnames.length) return ALL;
  const touched: number[] = [];
  let isReached = before.clusters === now.clusters;
  // So it is at every flip of health.
  if (before.hostnames === now.hostnames) return { names: 'same', addresses: isReached ? 'same' : 'other', touched };
  for (const [target, hostname] of now.hostnames.entries()) {
    const last = before.hostnames[target];
    if (hostname === last) continue;
    if (hostname.name !== last?.name) return ALL;
    touched.push(target);
    isReached &&= hasSameAddresses(last, hostname);
  }
  return { names: 'same', addresses: isReached ? 'same' : 'other', touched };
}

/** Whether the endpoints stand alike whatever is measured: the same monitors and clusters, the same drains and orders. */
export function standsAlike(a: Hostname, b: Hostname): boolean {
  return isAlike(
    a.endpoints,
    b.endpoints,
    (x, y) =>
      x.monitor === y.monitor &&
      x.load === y.load &&
      x.cluster === y.cluster &&
      x.order === y.order &&
      isSameDrain(x.drain, y.drain),
  );
}

/** Whether steering cannot tell the one from the other by what is written, found without a look into lists and areas. */
export function isWrittenAlike(a: Hostname, b: Hostname): boolean {
  const isSame = (x: Endpoint, y: Endpoint): boolean =>
    x.cluster === y.cluster &&
    x.address === y.address &&
    x.weight === y.weight &&
    x.tier === y.tier &&
    x.bias === y.bias &&
    x.serves === y.serves &&
    x.location === y.location &&
    x.unready === y.unready;
  return a.policy === b.policy && isAlike(a.endpoints, b.endpoints, isSame);
}

function hasSameAddresses(a: Hostname, b: Hostname): boolean {
  const [last, next] = [lastAddressesOf(a), lastAddressesOf(b)];
  const isLastAlike = last.length === next.length && last.every((address, index) => address === next[index]);
  return isLastAlike && isAlike(a.endpoints, b.endpoints, (x, y) => x.address === y.address && x.cluster === y.cluster);
}

function isAlike(a: readonly Endpoint[], b: readonly Endpoint[], same: (x: Endpoint, y: Endpoint) => boolean): boolean {
  return a === b || (a.length === b.length && a.every((one, index) => same(one, b[index]!)));
}

function isSameDrain(a: Endpoint['drain'], b: Endpoint['drain']): boolean {
  const [one, other] = [spanOf(a), spanOf(b)];
  return one.from === other.from && one.until === other.until;
}
