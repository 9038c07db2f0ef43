import type { Finding } from '../core/desired/finding.ts';
import type { Drill } from '../core/drill/drill.ts';
import type { BreakerTurn } from '../core/health/breaker-terms.ts';
import type { StateChange } from '../core/health/health-book.ts';
import type { Log } from '../core/log-events.ts';
import type { Publication } from '../director.ts';

/** Who is told what happens, for logs and live tables. Nothing here may throw. */
export type Observer = {
  readonly version: string;
  readonly log: Log;
  onPublish(publication: Publication): void;
  onStateChange(change: StateChange): void;
  /** Findings that are new: each is told once while it stands. */
  onFindings(findings: readonly Finding[]): void;
  /** Findings that were told and stand no more. */
  onFindingsGone?(findings: readonly Finding[]): void;
  /** The drills as they stand, whenever something of them may be another. */
  onDrills?(drills: readonly Drill[]): void;
  /** The prober is believed no more, or again; in words. */
  onBreaker?(turn: BreakerTurn, text: string): void;
};
