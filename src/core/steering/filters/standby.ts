import { type Filter, sift } from './filter.ts';

/** Drops weight 0 where anybody has a weight above it. */
export const standby: Filter = (input, left, trace) => {
  const anyActive = left.some((index) => input.candidates[index]!.endpoint.weight > 0);
  return sift(
    input,
    left,
    {
      filter: 'standby',
      keeps: ({ endpoint }) => !anyActive || endpoint.weight > 0,
      why: ({ endpoint }, kept) => {
        if (endpoint.weight > 0) return 'not a standby';
        return kept ? 'a standby, and nobody else is left' : 'a standby (weight 0), and somebody else is left';
      },
    },
    trace,
  );
};
