import type { Azimuth } from '../compose/compose.ts';
import type { Observer } from '../compose/observer.ts';

/** What a session tells while it runs: on a terminal by a live table, into a pipe by lines of the log. */
export type Voice = Observer & {
  readonly say: (line: string) => void;
  started(azimuth: Azimuth): void;
  stopping(signal: string): void;
  /** `late`: what did not stop within its time. */
  stopped(late: readonly string[]): void;
  failed(error: unknown): void;
  /** Called at the very end of a process that has a fault: nothing may be left to do later. */
  readonly crashed: (error: unknown) => void;
  close(): void;
};
