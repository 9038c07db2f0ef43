import { type Filter, sift } from './filter.ts';

/** Keeps the lowest tier that is present. */
export const tier: Filter = (input, left, trace) => {
  let lowest = Number.POSITIVE_INFINITY;
  for (const index of left) lowest = Math.min(lowest, input.candidates[index]!.endpoint.tier);
  return sift(
    input,
    left,
    {
      filter: 'tier',
      keeps: ({ endpoint }) => endpoint.tier === lowest,
      why: ({ endpoint }, kept) => `tier ${endpoint.tier}${kept ? '' : `, and tier ${lowest} has somebody left`}`,
    },
    trace,
  );
};
