import type { KindView, ViewState } from '../../core/ports.ts';
import type { ApiFailure } from './api-error.ts';
import { apiVersionOf, type WatchedKind } from './kinds.ts';

/** How one reflector gets on. */
export type Progress = {
  state: ViewState;
  problem: string | undefined;
  /** The served version of the kind that is read. */
  served: string | undefined;
  /** The resource version from which the next watch goes on; undefined: list first. */
  cursor: string | undefined;
  lastHeardAt: number | undefined;
  /** Whole lists that were read. */
  lists: number;
  /** Watches that were begun. */
  watches: number;
  /** Answers in a row that there is no such kind, or that we may not read it. */
  absences: number;
};

/** Nothing happened yet. */
export function noProgress(): Progress {
  return {
    state: 'connecting',
    problem: undefined,
    served: undefined,
    cursor: undefined,
    lastHeardAt: undefined,
    lists: 0,
    watches: 0,
    absences: 0,
  };
}

/** Notes a failure; the state to be in from now on. */
export function noteFailure(progress: Progress, failure: ApiFailure): ViewState {
  const isAbsent = failure === 'missing' || failure === 'forbidden';
  progress.absences = isAbsent ? progress.absences + 1 : 0;
  // All but a lost connection or token means that we cannot go on from where we were.
  if (failure !== 'unreachable' && failure !== 'unauthorized') progress.cursor = undefined;
  if (failure === 'expired') return progress.state;
  // A server that starts up lacks kinds and rights for a moment: the second time in a row it is believed.
  return isAbsent && progress.absences > 1 ? failure : 'retrying';
}

/** The progress as others see it. */
export function viewOf(progress: Progress, { kind, group }: WatchedKind, namespace: string, objects: number): KindView {
  const { served, state, problem, lastHeardAt, lists, watches } = progress;
  const apiVersion = served === undefined ? undefined : apiVersionOf(group, served);
  return Object.freeze({ kind, namespace, apiVersion, state, problem, lastHeardAt, objects, lists, watches });
}
