import type { DrainState } from '../decision.ts';
import { type Filter, sift } from './filter.ts';

const REASONS: Record<DrainState, string> = {
  none: 'not drained',
  annotation: 'drained by its annotation',
  override: 'drained by an override',
};

/** Drops who is drained. The last resort does not bring them back. */
export const drain: Filter = (input, left, trace) =>
  sift(
    input,
    left,
    { filter: 'drain', keeps: ({ drain }) => drain === 'none', why: ({ drain }) => REASONS[drain] },
    trace,
  );
