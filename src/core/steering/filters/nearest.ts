import { admittedBy, passedOn } from '../admission.ts';
import type { SteerInput, Trace } from '../decision.ts';
import { effectiveKm, type Point, pointOf } from '../proximity.ts';
import type { Order } from './filter.ts';
import { partly, weight, weightFromOne } from './weight.ts';

/**
 * Clusters by distance plus bias; the nearest starts, the others follow. A cluster is as near as the nearest of its
 * endpoints that are left. With a band those that are hardly farther than the nearest start, too, in proportion to their
 * weights; without one, those whom the nearest does not take start at the next. Nobody is near to a client whose place is unknown: there the weights decide.
 */
export const nearest: Order = (input, left, trace) => {
  const { client } = input;
  if (client.kind === 'unknown') return unplaced(input, left, trace);
  const point = pointOf(client);
  const ranked = weightFromOne(input, left)
    .map((choice) => ({ choice, km: nearestKm(input, choice.candidates, point) }))
    // Stable: equals stay ordered by cluster name, so that every director orders alike.
    .toSorted((a, b) => a.km - b.km);
  const edge = (ranked[0]?.km ?? 0) + input.policy.nearestBand;
  if (trace !== undefined) traceDistances(input, left, { point, edge }, trace);
  if (ranked.length === 1 || input.policy.nearestBand === 0) {
    const starts = passedOn(ranked.map(({ choice }) => admittedBy(input, choice.candidates)));
    return ranked.map(({ choice }, rank) => ({ ...choice, weight: starts[rank]! }));
  }
  return ranked.map(({ choice, km }) => (km <= edge ? choice : { ...choice, weight: 0 }));
};

/**
 * Whether distances order the choices. Then those that may start come first, and an answer takes all of them before it
 * takes any other.
 */
export function isRanked({ policy, client }: Pick<SteerInput, 'policy' | 'client'>): boolean {
  return policy.steering === 'nearest' && client.kind === 'known';
}

/** A lone cluster gets the same choice as from a known place: its decision does not depend on the place. */
const unplaced: Order = (input, left, trace) => {
  if (trace !== undefined) traceUnplaced(left, trace);
  const choices = weight(input, left, trace);
  return choices.length === 1 ? choices.map((choice) => ({ ...choice, weight: 1 })) : choices;
};

function nearestKm(input: SteerInput, candidates: readonly number[], client: Point): number {
  let km = Number.POSITIVE_INFINITY;
  for (const index of candidates) km = Math.min(km, effectiveKm(client, input.candidates[index]!.endpoint));
  return km;
}

function traceUnplaced(left: readonly number[], trace: Trace): void {
  for (const candidate of left) {
    trace({ filter: 'nearest', candidate, verdict: 'kept', reason: 'the place of the client is unknown' });
  }
}

function traceDistances(
  input: SteerInput,
  left: readonly number[],
  { point, edge }: { readonly point: Point; readonly edge: number },
  trace: Trace,
): void {
  const { nearestBand } = input.policy;
  for (const candidate of left) {
    const { endpoint, admits } = input.candidates[candidate]!;
    const effective = effectiveKm(point, endpoint);
    const km = Math.round(effective - endpoint.bias);
    const bias = endpoint.bias === 0 ? '' : ` ${endpoint.bias < 0 ? '−' : '+'} ${Math.abs(endpoint.bias)} km bias`;
    const side = effective <= edge ? 'within' : 'outside';
    const band =
      nearestBand === 0 ? '' : `, ${side} the band of ${nearestBand} km, weight ${Math.max(1, endpoint.weight)}`;
    trace({ filter: 'nearest', candidate, verdict: 'kept', reason: `${km} km${bias}${band}${partly(admits)}` });
  }
}
