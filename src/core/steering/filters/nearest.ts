import type { SteerInput, Trace } from '../decision.ts';
import { effectiveKm, type Point, pointOf } from '../proximity.ts';
import { groupByCluster } from './cluster-groups.ts';
import type { Order } from './filter.ts';
import { weight } from './weight.ts';

/**
 * Clusters by distance plus bias; the nearest starts, the others follow. A cluster is as near as the nearest of its
 * endpoints that are left. Nobody is near to a client whose place is unknown: there the weights decide.
 */
export const nearest: Order = (input, left, trace) => {
  const { client } = input;
  if (client.kind === 'unknown') return unplaced(input, left, trace);
  const point = pointOf(client);
  const ranked = groupByCluster(input, left)
    .map(([cluster, candidates]) => ({ cluster, candidates, km: nearestKm(input, candidates, point) }))
    // Stable: equals stay ordered by cluster name, so that every director orders alike.
    .toSorted((a, b) => a.km - b.km);
  if (trace !== undefined) traceDistances(input, left, point, trace);
  return ranked.map(({ cluster, candidates }, rank) => ({ cluster, weight: rank === 0 ? 1 : 0, candidates }));
};

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

function traceDistances(input: SteerInput, left: readonly number[], client: Point, trace: Trace): void {
  for (const candidate of left) {
    const { endpoint } = input.candidates[candidate]!;
    const km = Math.round(effectiveKm(client, endpoint) - endpoint.bias);
    const bias = endpoint.bias === 0 ? '' : ` ${endpoint.bias < 0 ? '−' : '+'} ${Math.abs(endpoint.bias)} km bias`;
    trace({ filter: 'nearest', candidate, verdict: 'kept', reason: `${km} km${bias}` });
  }
}
