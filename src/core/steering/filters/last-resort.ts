import type { LastResort } from '../../desired/model.ts';
import { type Candidate, isUp } from '../decision.ts';
import { type Filter, sift } from './filter.ts';

const REFUSALS: Record<LastResort['kind'], string> = {
  all: 'drained',
  last: 'others were up later',
  none: 'the last resort is to name nobody',
  addresses: 'the last resort names addresses of its own',
};

/**
 * Whom the policy's last resort brings back. Give it all candidates that the fences admit: who is drained stays out.
 * `all` takes everybody as up; `last` only who was up last. The steps that follow (tier, standby, order) hold as ever:
 * when a broken network makes everything look down, traffic goes where it went before.
 */
export const lastResort: Filter = (input, left, trace) => {
  const { kind } = input.policy.lastResort;
  const latest = kind === 'last' ? latestUp(input.candidates, left) : Number.NEGATIVE_INFINITY;
  const speaksForEndpoints = kind === 'all' || kind === 'last';
  return sift(
    input,
    left,
    {
      filter: 'last-resort',
      keeps: (candidate) => speaksForEndpoints && candidate.drain === 'none' && lastUp(candidate) >= latest,
      why: (candidate, kept) => {
        if (kept) return `nobody is eligible, and the last resort is \`${kind}\``;
        return candidate.drain === 'none' ? REFUSALS[kind] : 'drained';
      },
    },
    trace,
  );
};

function latestUp(candidates: readonly Candidate[], left: readonly number[]): number {
  let latest = Number.NEGATIVE_INFINITY;
  for (const index of left) {
    const candidate = candidates[index]!;
    if (candidate.drain === 'none') latest = Math.max(latest, lastUp(candidate));
  }
  return latest;
}

/** When a candidate was up last: who is up still (too few for `minHealthy`) comes before all who went down. */
function lastUp({ state, since }: Candidate): number {
  return isUp(state) ? Number.POSITIVE_INFINITY : since;
}
