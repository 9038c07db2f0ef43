/**
 * Why nothing was written: stable codes. `state-in-use`: another process has the directory. `journal-full`: what is kept, or
 * one entry of it, would be larger than its limit. `journal-busy`: too much waits for the disk. `journal-unusable`: the file
 * can neither be read nor moved away. `journal-closed`: the process is stopping.
 */
export type JournalErrorCode = 'state-in-use' | 'journal-full' | 'journal-busy' | 'journal-unusable' | 'journal-closed';

/** Nothing was written, for a reason of ours; other errors are the system's. */
export class JournalError extends Error {
  override readonly name = 'JournalError';
  readonly code: JournalErrorCode;

  constructor(code: JournalErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** What an error says. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Whether an error is the system's, of this code. */
export function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
