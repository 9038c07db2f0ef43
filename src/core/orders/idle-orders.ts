import { type Finding, finding } from '../desired/finding.ts';
import type { Model } from '../desired/model.ts';
import type { Overrides } from './override.ts';
import { drainNameOf } from './override.ts';
import { isPin, nameOfPin } from './pins.ts';
import { swayOf } from './sway.ts';

/** A finding for each override, planned ones included, that is about nothing in a model which all are laid over. `now` in ms since the epoch. */
export function idleOrders(model: Model, overrides: Overrides, now: number): readonly Finding[] {
  if (overrides.size === 0) return [];
  const met = new Set<string>();
  for (const { endpoints, policy } of model.hostnames) {
    for (const key of policy.pins ?? []) met.add(nameOfPin(key));
    for (const { order } of endpoints) for (const name of order?.by ?? []) met.add(name);
  }
  const left = [...overrides.values()].filter(({ name }) => !met.has(name));
  // Pins are laid when they begin and the places know them: whether one is about something is not in the model before.
  const sway = swayOf(model, left.filter(isPin), now);
  return left.filter(({ name }) => (sway.get(name)?.endpoints ?? 0) === 0).map(({ name }) => found(name, model));
}

function found(name: string, { clusters }: Model): Finding {
  const clear = `azimuth override clear ${name}`;
  const cluster = name.startsWith(drainNameOf('')) ? name.slice(drainNameOf('').length) : undefined;
  const isGone = cluster !== undefined && !clusters.some((one) => one.name === cluster);
  const message = isGone
    ? `The drain of ${cluster} is kept, and there is no cluster "${cluster}": it holds again when there is one.`
    : `The order "${name}" is about nothing now: no endpoint fits its scope. It is kept, and holds when one does.`;
  return finding('override-idle', { file: 'orders', object: name }, message, clear);
}
