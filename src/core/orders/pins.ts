/** Pins as orders: what is wrong with one, and what the places are to know of those that there are. */
import { parseNetwork } from '../desired/maps/network.ts';
import { MAX_PIN_NETWORKS, type Pin } from '../desired/maps/pin.ts';
import type { Model } from '../desired/model.ts';
import { nearest } from '../desired/suggest.ts';
import type { Override, Overrides, PinOverride } from './override.ts';

/** Whether an order is a pin. */
export function isPin(order: Override): order is PinOverride {
  return order.action.kind === 'pin';
}

/** The identity of one version of a pin, by which places and policies know it. */
export function pinKeyOf({ name, at }: Pick<Override, 'name' | 'at'>): string {
  return `${name}@${at}`;
}

/** The name of the pin with this key: names have no `@`. */
export function nameOfPin(key: string): string {
  return key.slice(0, key.lastIndexOf('@'));
}

/** What is wrong with a pin, in words; undefined where nothing is. */
export function mistakeInPin({ scope, action }: PinOverride, { clusters }: Model): string | undefined {
  const selections = [scope, scope.except ?? {}];
  if (selections.some((one) => one.clusters !== undefined || one.gateways !== undefined)) {
    return 'A pin is about hostnames: its scope has patterns of hostnames and teams, and no clusters or gateways.';
  }
  const { nets, cluster } = action;
  if (nets.length === 0 || nets.length > MAX_PIN_NETWORKS) return `A pin has 1 to ${MAX_PIN_NETWORKS} nets.`;
  for (const net of nets) {
    const parsed = parseNetwork(net);
    if ('network' in parsed) continue;
    const { expected, suggestion } = parsed;
    return `"${net}" is not ${expected}${suggestion === undefined ? '' : `: ${suggestion}`}.`;
  }
  const names = clusters.map(({ name }) => name);
  if (names.includes(cluster)) return undefined;
  const near = nearest(cluster, names);
  return `There is no cluster "${cluster}"${near === undefined ? '' : `: did you mean "${near}"?`}.`;
}

/** The pins among orders, planned ones included, as the places are to know them; by their names. */
export function pinsOf(overrides: Overrides): readonly Pin[] {
  const pins = [...overrides.values()].filter(isPin).toSorted((a, b) => (a.name < b.name ? -1 : 1));
  return pins.map((order) => {
    const { nets, cluster } = order.action;
    const networks = nets.map(parseNetwork).flatMap((parsed) => ('network' in parsed ? [parsed.network] : []));
    return { key: pinKeyOf(order), name: order.name, cluster, networks };
  });
}

/** Whether the places know a pin, by the keys that they know (`PlaceTable.pins`). `pending`: a table with it is being made. */
export function pinStateOf(order: PinOverride, known: readonly string[] = []): 'known' | 'pending' {
  return known.includes(pinKeyOf(order)) ? 'known' : 'pending';
}

/**
 * Puts the last version that the places know in the place of each pin whose newest one they do not know yet: so a
 * changed pin does not let go of its clients in between. The very same orders where there is none. It remembers those.
 */
export function createStandIns(): (overrides: Overrides, known: readonly string[]) => Overrides {
  let last = new Map<string, PinOverride>();
  return (overrides, known) => {
    const standing = new Map<string, PinOverride>();
    let own: Map<string, Override> | undefined;
    for (const order of overrides.values()) {
      if (!isPin(order)) continue;
      const version = pinStateOf(order, known) === 'known' ? order : last.get(order.name);
      if (version === undefined || pinStateOf(version, known) === 'pending') continue;
      standing.set(order.name, version);
      if (version !== order) own = (own ?? new Map(overrides)).set(order.name, version);
    }
    last = standing;
    return own ?? overrides;
  };
}
