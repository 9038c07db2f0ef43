import type { LogCode } from '../core/log-events.ts';
import type { Clock } from '../core/ports.ts';

/** Most lines of one event about one subject in each window; more are counted and not written. */
const MAX_SUBJECT_LINES = 10;
/** Most lines of one event in each window, whatever they are about; more are counted and not written. */
const MAX_EVENT_LINES = 500;
/** Window of the lines that are counted, in ms. */
const FLOOD_WINDOW_MS = 60_000;

/** Lines that were not written: of an event about a subject, or without it of an event about anything else. */
export type LeftOut = {
  readonly of: LogCode;
  readonly subject?: string;
  readonly lines: number;
  /** In ms. */
  readonly span: number;
};

/** Keeps the log from filling a disk. */
export type FloodGate = {
  /** Whether a line is written. It is counted either way. */
  admit(event: LogCode, subject: string): boolean;
  /** Tells what was left out until now, and counts anew. */
  settle(): void;
};

type Window = {
  readonly startedAt: number;
  lines: number;
  /** Lines about each subject that was written of in this window: that bounds how many there are. */
  readonly subjects: Map<string, number>;
  others: number;
  cancel: (() => void) | undefined;
};

/** `tell` is called when a window ends of which lines were left out, once for each subject. */
export function createFloodGate(clock: Clock, tell: (left: LeftOut) => void): FloodGate {
  const windows = new Map<LogCode, Window>();

  const end = (event: LogCode, window: Window): void => {
    window.cancel?.();
    windows.delete(event);
    for (const [subject, count] of window.subjects) {
      const lines = count - MAX_SUBJECT_LINES;
      if (lines > 0) tell({ of: event, subject, lines, span: FLOOD_WINDOW_MS });
    }
    if (window.others > 0) tell({ of: event, lines: window.others, span: FLOOD_WINDOW_MS });
  };

  const current = (event: LogCode): Window => {
    const now = clock.steady?.() ?? clock.now();
    const last = windows.get(event);
    if (last !== undefined && Math.abs(now - last.startedAt) < FLOOD_WINDOW_MS) return last;
    if (last !== undefined) end(event, last);
    const window: Window = { startedAt: now, lines: 0, subjects: new Map(), others: 0, cancel: undefined };
    windows.set(event, window);
    return window;
  };

  return {
    admit(event, subject) {
      const window = current(event);
      const count = window.subjects.get(subject) ?? 0;
      if (count < MAX_SUBJECT_LINES && window.lines < MAX_EVENT_LINES) {
        window.lines += 1;
        window.subjects.set(subject, count + 1);
        return true;
      }
      // A subject that was written of to the full is told by name; who is over the event's bound is one of the others.
      if (count >= MAX_SUBJECT_LINES) window.subjects.set(subject, count + 1);
      else window.others += 1;
      window.cancel ??= clock.after(FLOOD_WINDOW_MS, () => end(event, window));
      return false;
    },
    settle() {
      for (const [event, window] of windows) end(event, window);
    },
  };
}
