/** Sites by distance, in place and without an object: tens of sites, a hundred thousand times. */
import { kmBetween, type Point } from './proximity.ts';

/** Writes how far each site is from a client: kilometres and bias. */
export function measure(
  sites: readonly { readonly point: Point; readonly bias: number }[],
  client: Point,
  km: Float64Array,
): void {
  for (let index = 0; index < sites.length; index++) {
    const { point, bias } = sites[index]!;
    km[index] = kmBetween(client, point) + bias;
  }
}

/** Sorts the first `count` sites of an order by insertion. It is stable, so equals stay ordered by cluster. */
export function sortByDistance(order: Uint32Array, count: number, km: Float64Array): void {
  for (let end = 1; end < count; end++) {
    const site = order[end]!;
    let at = end;
    while (at > 0 && km[site]! < km[order[at - 1]!]!) {
      order[at] = order[at - 1]!;
      at -= 1;
    }
    order[at] = site;
  }
}

/** Writes behind which rank the band of each rank of a sorted order ends. Distances only rise, and so do the ends. */
export function measureBands(
  order: Uint32Array,
  count: number,
  km: Float64Array,
  { band, ends }: { readonly band: number; readonly ends: Uint32Array },
): void {
  let end = 0;
  for (let rank = 0; rank < count; rank++) {
    while (end < count && km[order[end]!]! <= km[order[rank]!]! + band) end += 1;
    ends[rank] = end;
  }
}
