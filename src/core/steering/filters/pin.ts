import type { Pinned, Place } from '../../desired/area.ts';
import { THE_REST } from '../../desired/maps/client-map.ts';
import type { Policy } from '../../desired/model.ts';
import { type Candidate, isUp } from '../decision.ts';
import { type Filter, sift } from './filter.ts';

/** What a pin's word depends on. */
type PinInput = { readonly policy: Pick<Policy, 'pins'>; readonly client: Place };

/** The pins of the hostname that hold the client, the newest first. */
function pinsOn({ policy: { pins = [] }, client: { pinned } }: PinInput): readonly Pinned[] {
  return pinned === undefined ? [] : pins.flatMap((key) => pinned[key] ?? []);
}

/** The order that the pins give the clusters, as a map's rule would; without elements where no pin holds the client. */
export function orderByPins(input: PinInput): readonly string[] {
  const clusters = new Set(pinsOn(input).map(({ cluster }) => cluster));
  return clusters.size === 0 ? [] : [...clusters, THE_REST];
}

/**
 * Keeps the cluster of the newest pin that holds the client and whose cluster is left and usable; everybody, where no pin
 * has such a one. It opens nothing that a fence, health or a drain closed, and has no say in what the last resort brings back.
 */
export const pin: Filter = (input, left, trace) => {
  if (input.policy.pins === undefined) return left;
  const pins = pinsOn(input);
  const usable = left.map((index) => input.candidates[index]!).filter(isUsable);
  const clusters = new Set(usable.map(({ endpoint }) => endpoint.cluster));
  const speaking = pins.find(({ cluster }) => clusters.has(cluster));
  return sift(
    input,
    left,
    {
      filter: 'pin',
      keeps: ({ endpoint }) => speaking === undefined || endpoint.cluster === speaking.cluster,
      why: () => {
        if (speaking !== undefined) return `pin ${speaking.name} sends the client to ${speaking.cluster}`;
        if (pins.length === 0) return 'no pin holds the client';
        return pins.map(({ name, cluster }) => `pin ${name} names ${cluster}, which is not usable`).join('; ');
      },
    },
    trace,
  );
};

/** Who is unseen is left only where nobody is up. */
function isUsable({ state }: Candidate): boolean {
  return isUp(state) || state === 'unseen';
}
