import { type Filter, sift } from './filter.ts';

/**
 * Drops who is degraded where somebody else is left. In the presets it comes after tier and standby: a slow cluster is still
 * better than the next tier, or than one that its owner keeps for when nobody else is up. A list may have it before them.
 */
export const degraded: Filter = (input, left, trace) => {
  const anyBetter = left.some((index) => input.candidates[index]!.state !== 'degraded');
  return sift(
    input,
    left,
    {
      filter: 'degraded',
      keeps: ({ state }) => !anyBetter || state !== 'degraded',
      why: ({ state }, kept) => {
        if (state !== 'degraded') return 'not degraded';
        return kept ? 'degraded, and nobody better is left' : 'degraded, and somebody better is left';
      },
    },
    trace,
  );
};
