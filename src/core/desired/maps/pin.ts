/** Pins: networks of clients that an operator sends to one cluster. What is ordered is in `core/orders`; here is what places know of it. */
import type { Place } from '../area.ts';
import type { MapNetwork } from './client-map.ts';

/** Most pins, planned ones included. */
export const MAX_PINS = 100;
/** Most networks of one pin: for more there are custom maps. */
export const MAX_PIN_NETWORKS = 256;

/** One pin as it is laid over the places. The key is of one version of it: a changed pin has another one. */
export type Pin = {
  readonly key: string;
  readonly name: string;
  readonly cluster: string;
  readonly networks: readonly MapNetwork[];
};

/** What some clients' places know of the pins that hold them, by key. */
export type PinnedBy = NonNullable<Place['pinned']>;

/** The networks of pins, each once; its number is that of the set of pins which hold it, from 1. */
export type PinNetworks = {
  readonly networks: readonly (MapNetwork & { readonly set: number })[];
  /** What the clients of a set are told, by its number; undefined for 0, nobody's. */
  readonly sets: readonly (PinnedBy | undefined)[];
};

/** Puts the networks of all pins into one list. A network is held by the pins that name it, or one around it. */
export function networksOfPins(pins: readonly Pin[]): PinNetworks {
  const naming = new Map<string, { readonly network: MapNetwork; readonly pins: Set<number> }>();
  for (const [index, pin] of pins.entries()) {
    for (const network of pin.networks) {
      const key = keyOf(network, network.length);
      const named = naming.get(key) ?? { network, pins: new Set<number>() };
      naming.set(key, named);
      named.pins.add(index);
    }
  }
  const lengths = [...new Set([...naming.values()].map(({ network }) => network.length))].toSorted((a, b) => b - a);
  const sets = createSets(pins);
  // From the shortest prefix on, so that what is around a network is whole when it is asked.
  const all = [...naming.values()].toSorted((a, b) => a.network.length - b.network.length);
  const networks = all.map(({ network, pins: own }) => {
    const around = lengths.find((length) => length < network.length && naming.has(keyOf(network, length)));
    if (around !== undefined) for (const pin of naming.get(keyOf(network, around))!.pins) own.add(pin);
    return { ...network, set: sets.numberOf(own) };
  });
  return { networks, sets: sets.all };
}

function createSets(pins: readonly Pin[]) {
  const all: (PinnedBy | undefined)[] = [undefined];
  const known = new Map<string, number>();
  const numberOf = (members: ReadonlySet<number>): number => {
    const own = [...members].toSorted((a, b) => a - b);
    const key = own.join();
    const number = known.get(key) ?? all.length;
    known.set(key, number);
    if (number === all.length) {
      all.push(Object.fromEntries(own.map((pin) => [pins[pin]!.key, pinnedBy(pins[pin]!)] as const)));
    }
    return number;
  };
  return { all, numberOf };
}

function pinnedBy({ name, cluster }: Pin): PinnedBy[string] {
  return { name, cluster };
}

/** The first bits of a network as text. */
function keyOf({ family, octets }: MapNetwork, length: number): string {
  let bits = '';
  for (let at = 0; at < length; at += 8) {
    const octet = octets[at >> 3]! & (length - at >= 8 ? 0xff : (0xff << (8 - length + at)) & 0xff);
    bits += String.fromCodePoint(octet);
  }
  return `${family}/${length} ${bits}`;
}
