import type { MinHealthy } from '../../desired/model.ts';
import { type Candidate, isUp } from '../decision.ts';
import { type Filter, sift } from './filter.ts';

/**
 * Keeps who is up, degraded or unchecked; where nobody is, who is unseen. Who is not ready counts as neither, whatever its probes
 * say: a controller knows that it is not served. Fewer survivors than the policy's `minHealthy` would be
 * overrun by everybody's clients: then nobody is kept and the last resort speaks. Comes right after the fences, as a
 * fraction is one of the candidates that they admit.
 */
export const health: Filter = (input, left, trace) => {
  const { candidates, policy } = input;
  const anyUp = left.some((index) => isReadyAndUp(candidates[index]!));
  const survives = (candidate: Candidate): boolean => (anyUp ? isReadyAndUp(candidate) : isUnseen(candidate));
  const survivors = left.filter((index) => survives(candidates[index]!)).length;
  const enough = isEnough(survivors, left.length, policy.minHealthy);
  return sift(
    input,
    left,
    {
      filter: 'health',
      keeps: (candidate) => enough && survives(candidate),
      why: (candidate) => {
        const { state, endpoint } = candidate;
        if (endpoint.unready !== undefined) return `not ready: ${endpoint.unready.reason}`;
        if (!survives(candidate)) return state;
        if (!enough) return `${state}, but ${survivors} of ${left.length} are fewer than ${wanted(policy.minHealthy)}`;
        return anyUp ? state : 'unseen, and nobody is up';
      },
    },
    trace,
  );
};

function isReadyAndUp({ state, endpoint }: Candidate): boolean {
  return endpoint.unready === undefined && isUp(state);
}

function isUnseen({ state, endpoint }: Candidate): boolean {
  return endpoint.unready === undefined && state === 'unseen';
}

function isEnough(survivors: number, all: number, { kind, value }: MinHealthy): boolean {
  // Divided, not multiplied: 7 / 25 is 0.28, while 0.28 * 25 is a little over 7.
  return kind === 'count' ? survivors >= value : all === 0 || survivors / all >= value;
}

function wanted({ kind, value }: MinHealthy): string {
  return kind === 'count' ? `min-healthy ${value}` : `min-healthy ${Number((value * 100).toFixed(1))} %`;
}
