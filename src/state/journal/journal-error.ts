/**
 * Why nothing was written: stable codes. `state-in-use`: another process has the directory; it is taken over when that one ends.
 * `journal-not-read`: what was written before is not in force yet, and a change could take it back. `journal-full`: what is
 * kept, or one entry of it, would be larger than its limit. `journal-busy`: too much waits for the disk. `journal-unusable`: the
 * file can neither be read nor moved away, or the directory was taken away and cannot be locked anew. `journal-closed`: the process is stopping. `disk-full`: what room is left is for orders.
 */
export type JournalErrorCode =
  | 'state-in-use'
  | 'journal-not-read'
  | 'journal-full'
  | 'journal-busy'
  | 'journal-unusable'
  | 'disk-full'
  | 'journal-closed';

/** Nothing was written, for a reason of ours; other errors are the system's. */
export class JournalError extends Error {
  override readonly name = 'JournalError';
  readonly code: JournalErrorCode;

  constructor(code: JournalErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** Another process has the directory. */
export function inUse(): JournalError {
  const message = 'another process has the state directory; orders are taken by that one, and by this one when it ends';
  return new JournalError('state-in-use', message);
}

/** What room is left is for orders. */
export function diskFull(): JournalError {
  return new JournalError('disk-full', 'the disk is full, and what room is left is for orders');
}

/** Whether there is nothing at a place. Other errors (no permission, a server that is away) say nothing of what is there. */
export function isNothing(error: unknown): boolean {
  return hasCode(error, 'ENOENT') || hasCode(error, 'ENOTDIR');
}

/** Whether the system had no room left, on the disk or for this user. */
export function isDiskFull(error: unknown): boolean {
  return hasCode(error, 'ENOSPC') || hasCode(error, 'EDQUOT');
}

/** Whether an error is the system's, of this code. */
export function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
