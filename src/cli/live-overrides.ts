import { drainNameOf, isInForce, type Override, type Overrides } from '../core/orders/override.ts';
import { overrideLine } from './override-text.ts';

/** Most overrides below the live table. */
const SHOWN = 5;

/** The newest overrides in a line each, but for drains of whole clusters; `now` in ms since the epoch. */
export function liveOverrides(overrides: Overrides, now: number): readonly string[] {
  const own = [...overrides.values()].filter(({ name }) => !name.startsWith(drainNameOf('')));
  const newest = own.toSorted((a, b) => b.at - a.at).slice(0, SHOWN);
  const more = own.length - newest.length;
  return [...newest.map((one) => lineOf(one, now)), ...(more > 0 ? [`and ${more} more overrides`] : [])];
}

function lineOf(override: Override, now: number): string {
  const { name, from, until, by, reason } = override;
  const { kind: action, ...part } = override.action;
  const times = {
    ...(from === undefined ? {} : { from: new Date(from).toISOString() }),
    ...(until === undefined ? {} : { until: new Date(until).toISOString() }),
  };
  const state = isInForce(override, now) ? 'in-force' : 'planned';
  return overrideLine({ name, action, ...part, ...times, by, reason, state });
}
