/** Between what is ordered of pins and what the places know of them. */
import type { Pin } from '../desired/maps/pin.ts';
import type { Override, Overrides } from '../orders/override.ts';
import { createStandIns, isPin, pinsOf } from '../orders/pins.ts';

/** Who lays pins over the places. */
export type PinPlaces = {
  /** Told of all pins, planned ones included, whenever they are others. */
  readonly tell: (pins: readonly Pin[]) => void;
  /** The keys of the pins that the places know (`PlaceTable.pins`). */
  readonly known: () => readonly string[];
};

/** See the functions. */
export type PinDesk = {
  /** Tells the places where the pins among these orders are others than last time. */
  readonly tell: (overrides: Overrides) => void;
  /** The orders to lay: pins that the places do not know yet in the last version that they do. */
  readonly inForce: (overrides: Overrides) => Overrides;
  /** The order, later than the one that it replaces: versions of a pin are told apart by their moments. */
  readonly versioned: (order: Override, overrides: Overrides) => Override;
};

/** Nobody was told of anything. */
export function createPinDesk({ tell, known }: PinPlaces): PinDesk {
  const standIn = createStandIns();
  let told = '';
  return {
    tell(overrides) {
      const pins = pinsOf(overrides);
      const keys = pins.map(({ key }) => key).join();
      if (keys === told) return;
      told = keys;
      tell(pins);
    },
    inForce: (overrides) => standIn(overrides, known()),
    versioned(order, overrides) {
      const before = overrides.get(order.name);
      if (!isPin(order) || before === undefined || before.at < order.at) return order;
      return Object.freeze({ ...order, at: before.at + 1 });
    },
  };
}
