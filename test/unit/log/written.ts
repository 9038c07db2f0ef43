import { createLog, type LogOptions, type OwnLog } from '../../../src/log/log.ts';
import { createManualClock, type ManualClock } from '../../support/manual-clock.ts';

/** When the clock of these tests starts. */
export const START = Date.UTC(2026, 10, 26, 8);

/** A log whose lines are kept, on a clock that stands still. */
export type WrittenLog = OwnLog & {
  readonly clock: ManualClock;
  /** As they were written. */
  readonly text: () => readonly string[];
  /** Each read as JSON. */
  readonly lines: () => readonly Readonly<Record<string, unknown>>[];
};

/** Starts a log of JSON, at level info, with masked addresses, unless `changes` say otherwise. */
export function startLog(changes: Partial<LogOptions> = {}): WrittenLog {
  const clock = createManualClock(START);
  const written: string[] = [];
  const destination = { write: (line: string) => void written.push(line), close() {} };
  const own = createLog({ level: 'info', format: 'json', clientAddresses: 'masked', clock, destination, ...changes });
  return { ...own, clock, text: () => written, lines: () => written.map((line) => ({ ...JSON.parse(line) })) };
}
