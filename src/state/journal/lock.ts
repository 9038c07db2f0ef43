import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { messageOf } from '../../core/error-message.ts';
import type { Clock } from '../../core/ports.ts';
import { statOf } from '../stat-of.ts';
import { inUse, JournalError } from './journal-error.ts';

/** Longest wait for another process that is about to end, in ms: one that takes over from it starts a little early. */
const LOCK_WAIT_MS = 5_000;
/** From one try to the next within that wait, in ms. */
const LOCK_RETRY_MS = 100;

/**
 * Whether the directory is ours. `taken`: another process has it, and we write nothing for as long as it does. `unlocked`: the
 * file system has no locks, or no room for the file; we write, and nobody is kept out.
 */
type LockState =
  | { readonly kind: 'ours' }
  | { readonly kind: 'taken' }
  | { readonly kind: 'unlocked'; readonly problem: string };

/** Keeps every other process from writing into a state directory, for as long as this one lives. */
export type DirectoryLock = {
  /** Waits for another process `LOCK_WAIT_MS` at most; once, whoever asks. Never rejects. */
  take(): Promise<LockState>;
  /** One more try where `take` found it taken: a few system calls. Never rejects; after `release` it is `taken`. */
  again(): Promise<'ours' | 'taken'>;
  /**
   * To be called before something is written: resolves where the name of what we locked still leads there. Where there is
   * nothing any more it is locked anew. Rejects where somebody put another directory in the place of ours (`state-in-use`:
   * whoever locks that one keeps us out as little as we keep him), where it cannot be locked, or with the system's error where
   * it cannot be told what is there.
   */
  hold(): Promise<void>;
  /** For good. */
  release(): void;
};

/**
 * A lock on `<directory>/lock`. Node has no call for file locks, but its SQLite has: an exclusive transaction on an empty
 * database that never ends. On Linux and macOS these are `fcntl` locks, on Windows `LockFileEx`: the kernel lets go of them
 * when the process ends, however it ends, and process ids, containers and reboots have no say in it. Nothing else may open
 * the file in this process: closing it would drop the lock.
 */
export function createDirectoryLock({ directory, clock }: DirectoryLockOptions): DirectoryLock {
  let database: DatabaseSync | undefined;
  let taking: Promise<LockState> | undefined;
  /** Whether we ever met another process: then there are locks here, whatever fails later. */
  let met: 'nobody' | 'another' = 'nobody';
  let phase: 'open' | 'released' = 'open';
  const file = join(directory, 'lock');
  /** Which file it was that we locked. */
  let locked: string | undefined;
  let holding: Promise<void> | undefined;

  async function tryOnce(): Promise<LockState> {
    try {
      await mkdir(directory, { recursive: true });
      const opened = await openLocked(file);
      const before = database;
      if (phase === 'open') database = opened;
      else opened.close();
      // The lock of a file that has no name any more keeps nobody out.
      before?.close();
      locked = await identityOf(file).catch(() => undefined);
      return { kind: phase === 'open' ? 'ours' : 'taken' };
    } catch (error) {
      if (isBusy(error)) met = 'another';
      // No descriptor left, say: that is no sign that the other one let go.
      return met === 'another' ? { kind: 'taken' } : { kind: 'unlocked', problem: messageOf(error) };
    }
  }

  async function take(): Promise<LockState> {
    for (let waited = 0; ; waited += LOCK_RETRY_MS) {
      const state = await tryOnce();
      if (state.kind !== 'taken' || waited >= LOCK_WAIT_MS) return state;
      await new Promise<void>((resolve) => void clock.after(LOCK_RETRY_MS, resolve));
    }
  }

  async function hold(): Promise<void> {
    const now = await identityOf(file);
    // Without a lock there is nothing to tell by.
    if (locked === undefined || now === locked || phase === 'released') return;
    if (now !== undefined) throw inUse();
    const state = await tryOnce();
    if (state.kind === 'taken') throw inUse();
    if (state.kind === 'unlocked') {
      throw new JournalError('journal-unusable', `the state directory cannot be locked anew: ${state.problem}`);
    }
  }

  return {
    take: () => (taking ??= take()),
    async again() {
      if (database !== undefined) return 'ours';
      if (phase === 'released') return 'taken';
      return (await tryOnce()).kind === 'ours' ? 'ours' : 'taken';
    },
    // The journal and the audit may both ask: one of them locks it.
    hold: () =>
      (holding ??= hold().finally(() => {
        holding = undefined;
      })),
    release() {
      phase = 'released';
      database?.close();
      database = undefined;
    },
  };
}

/** Where the lock is, and what times the wait for it. */
export type DirectoryLockOptions = { readonly directory: string; readonly clock: Pick<Clock, 'after'> };

async function openLocked(file: string): Promise<DatabaseSync> {
  // Loaded here: commands that keep no state do without it.
  const sqlite = await import('node:sqlite');
  const database = new sqlite.DatabaseSync(file, { timeout: 0 });
  try {
    // In memory: nothing is ever written, so there is nothing to be rolled back from a file.
    database.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/**
 * By its name alone: to open it, and close it again, would let go of the lock. Undefined where there is nothing; rejects with
 * the system's error where that cannot be told.
 */
async function identityOf(file: string): Promise<string | undefined> {
  const there = await statOf(file);
  return there && `${there.dev} ${there.ino}`;
}

/** SQLITE_BUSY (5): another process, or another one of us in this process, has the lock. */
function isBusy(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && error.errcode === 5;
}
