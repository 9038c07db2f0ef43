import type { WriteOutcome } from '../core/ports.ts';
import { MAX_OVERWRITES, MAX_STATUS_INTERVAL_MS, MIN_STATUS_INTERVAL_MS, STATUS_CALM_MS } from './limits.ts';

/** What was written on objects in this run, and how long they are left alone after it. Keys are of objects. */
export type WrittenStatuses = {
  last(key: string): Written | undefined;
  /** Whether an object may have a status, undefined for none, written now. */
  mayHave(key: string, status: string | undefined, now: number): boolean;
  /** Notes a write and what came of it. */
  note(key: string, status: string | undefined, outcome: WriteOutcome, now: number): void;
  /** What is wanted stands on an object: after a long while all is forgiven. */
  stands(key: string, now: number): void;
  /** Keeps only what fits. */
  keep(fits: (key: string) => boolean): void;
  /** Keys of the objects whose status somebody keeps writing over. */
  contested(): readonly string[];
};

/** The last write on an object. */
type Written = {
  readonly status: string | undefined;
  readonly at: number;
  readonly restMs: number;
  /** How often the same was written although it had been before. */
  readonly overwrites: number;
};

/** Nothing was written. */
export function createWrittenStatuses(): WrittenStatuses {
  const written = new Map<string, Written>();
  // The wall clock may be set back.
  const ageOf = (key: string, now: number): number => {
    return Math.abs(now - (written.get(key)?.at ?? Number.NEGATIVE_INFINITY));
  };
  return {
    last: (key) => written.get(key),
    mayHave(key, status, now) {
      const last = written.get(key);
      const restMs = last?.status === status ? last?.restMs : MIN_STATUS_INTERVAL_MS;
      return ageOf(key, now) >= (restMs ?? 0);
    },
    note(key, status, outcome, now) {
      // What kept the whole cluster from being written says nothing of the object.
      if (outcome.kind === 'denied' || outcome.kind === 'failed') return;
      const last = written.get(key);
      const again = last?.status === status ? last : undefined;
      const doubled = again === undefined ? MIN_STATUS_INTERVAL_MS : Math.min(MAX_STATUS_INTERVAL_MS, again.restMs * 2);
      const isRejected = outcome.kind === 'rejected';
      const restMs = isRejected ? MAX_STATUS_INTERVAL_MS : doubled;
      const overwrites = isRejected || again === undefined ? 0 : again.overwrites + 1;
      written.set(key, { status, at: now, restMs, overwrites });
    },
    stands(key, now) {
      if (ageOf(key, now) > STATUS_CALM_MS) written.delete(key);
    },
    keep(fits) {
      for (const key of written.keys()) if (!fits(key)) written.delete(key);
    },
    contested: () => [...written].flatMap(([key, { overwrites }]) => (overwrites < MAX_OVERWRITES ? [] : [key])),
  };
}
