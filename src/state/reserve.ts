import { randomBytes } from 'node:crypto';
import { constants, type FileHandle, mkdir, open, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { type Finding, finding } from '../core/desired/finding.ts';
import { messageOf } from '../core/error-message.ts';
import { syncDirectory } from './durable-file.ts';
import type { OpenFile } from './journal/growing-file.ts';
import { isDiskFull, isNothing } from './journal/journal-error.ts';
import { statOf } from './stat-of.ts';

/** Room that is set aside for orders and their entries in the audit, in octets: some thousands of each. */
const MAX_RESERVE_OCTETS = 2 ** 20;
/** Least part that is given up at a time, in octets: whoever else fills the disk gets at most the rest of one. */
const MIN_LENT_OCTETS = 32 * 2 ** 10;
/** At most this part of a disk is set aside: small ones are for something else. */
const PART_OF_DISK = 4;
/** What the system gives out at a time, in octets. */
const BLOCK_OCTETS = 4096;
/** What `stat` counts the room of a file in, in octets. */
const SECTOR_OCTETS = 512;

/**
 * How much of it is there. `untaken`: nobody set anything aside yet. `whole`: all of it. `used`: the disk is full, and some was
 * given up. `gone`: the disk is full, and nothing is left to be given up.
 */
type ReserveState = 'untaken' | 'whole' | 'used' | 'gone';

/** Room on the disk that is held by a file, and given up when the disk is full, so that people can still act. */
export type Reserve = {
  state(): ReserveState;
  /** Looks how much is there, and takes nothing. Never rejects. */
  measure(): Promise<void>;
  /** Takes what is missing, where there is room for twice of it. Never rejects. */
  refill(): Promise<void>;
  /** Does some work, and where the disk is full gives up a part and does it again, as long as there is one. Rejects where the work does. */
  covered<T>(octets: number, work: () => Promise<T>): Promise<T>;
  /** What a person should know of it. */
  findings(): readonly Finding[];
};

/** What a file system tells of the room that a file has: one whose blocks are too few when all is written never tells them. */
type Tells = 'blocks' | 'size';

/** Octets of a disk, and how many of them are free. */
export type DiskRoom = { readonly octets: number; readonly free: number };

/** Where it is. `open` and `room` are for tests: the system's otherwise. */
export type ReserveOptions = {
  readonly directory: string;
  readonly open?: OpenFile;
  readonly room?: () => Promise<DiskRoom>;
  /** Told when some of it was given up. */
  readonly onChange?: () => void;
};

const { O_RDWR, O_CREAT } = constants;

/** A reserve in `<directory>/reserve`, which nobody looked at yet. */
export function createReserve(options: ReserveOptions): Reserve {
  const { directory, open: opened = open, room = roomOf(directory), onChange } = options;
  const file = join(directory, 'reserve');
  let state: ReserveState = 'untaken';
  let [size, wanted] = [0, MAX_RESERVE_OCTETS];
  /** Why it could not be had. */
  let problem = '';
  let tells: Tells = 'blocks';
  let last: Promise<unknown> = Promise.resolve();

  /** One after the other: the journal and the audit may both need it. */
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = last.then(work);
    last = done.catch(() => {});
    return done;
  }

  async function withFile<T>(how: 'make' | 'as-it-is', work: (handle: FileHandle) => Promise<T>): Promise<T> {
    const handle = await opened(file, how === 'make' ? O_RDWR | O_CREAT : O_RDWR, 0o600);
    try {
      return await work(handle);
    } finally {
      await handle.close();
    }
  }

  async function measure(): Promise<void> {
    const there = await statOf(file);
    const { octets } = await room();
    wanted = Math.min(MAX_RESERVE_OCTETS, blocks(octets / PART_OF_DISK));
    size = there === undefined ? 0 : heldBy(there, tells);
    if (there === undefined) state = state === 'untaken' ? 'untaken' : 'gone';
    else state = standing();
  }

  function standing(): ReserveState {
    if (size >= wanted) return 'whole';
    return size > 0 ? 'used' : 'gone';
  }

  async function refill(): Promise<void> {
    await measure();
    const missing = wanted - size;
    if (missing <= 0) return;
    const { free } = await room();
    if (free < 2 * missing) return noRoom(`${free} octets are free`);
    await mkdir(directory, { recursive: true });
    tells = await withFile('make', (handle) => grow(handle, { size, missing }));
    await syncDirectory(directory);
    size = wanted;
    state = 'whole';
  }

  function noRoom(why: string): void {
    problem = why;
    if (state === 'untaken') state = 'gone';
  }

  /** Whether there is more room now. */
  async function lend(octets: number): Promise<boolean> {
    if (size === 0) return false;
    const before = size;
    size = await withFile('as-it-is', (handle) => shrink(handle, { size, by: 2 * blocks(octets), tells })).catch(gone);
    state = standing();
    onChange?.();
    return before > 0 && size < before;
  }

  return {
    state: () => state,
    measure: () => inTurn(() => measure().catch(() => {})),
    refill: () =>
      inTurn(() =>
        refill().catch((error: unknown) => {
          // Of a directory that cannot be written at all others tell.
          if (isDiskFull(error)) noRoom(messageOf(error));
        }),
      ),
    covered: (octets, work) => again(work, () => inTurn(() => lend(octets)).catch(() => false)),
    findings: () => findingsOf(state, { file, size, wanted, problem }),
  };
}

/** Does it until it is done, or there is no more room to be had. */
async function again<T>(work: () => Promise<T>, makeRoom: () => Promise<boolean>): Promise<T> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!isDiskFull(error) || !(await makeRoom())) throw error;
    }
  }
}

/** Real octets that nothing makes smaller, or none. */
async function grow(handle: FileHandle, { size, missing }: { size: number; missing: number }): Promise<Tells> {
  try {
    await handle.truncate(size);
    const octets = randomBytes(missing);
    for (let done = 0; done < missing; ) {
      done += (await handle.write(octets, done, missing - done, size + done)).bytesWritten;
    }
    await handle.sync();
    const there = await handle.stat();
    return heldBy(there, 'blocks') < there.size ? 'size' : 'blocks';
  } catch (error) {
    await handle.truncate(size).catch(() => {});
    throw error;
  }
}

/** Makes it shorter; how long it is then. Somebody may have done so before: it is never made longer, for that would hold no room. */
async function shrink(
  handle: FileHandle,
  { size, by, tells }: { size: number; by: number; tells: Tells },
): Promise<number> {
  const held = Math.min(size, heldBy(await handle.stat(), tells));
  const left = Math.max(0, held - Math.max(MIN_LENT_OCTETS, by));
  await handle.truncate(left);
  // Some file systems have the room for others only when it is so on disk.
  await handle.sync();
  return left;
}

/** Nothing is left of a file that somebody removed. */
function gone(error: unknown): 0 {
  if (!isNothing(error)) throw error;
  return 0;
}

function findingsOf(
  state: ReserveState,
  { file, size, wanted, problem }: { file: string; size: number; wanted: number; problem: string },
): readonly Finding[] {
  const advice = 'Make room on it. What was set aside is taken again by itself when there is.';
  if (state === 'used') {
    const message = `The disk of the state directory is full. Orders and the audit are written into the room that was set aside for them: ${size} of ${wanted} octets are left. What is believed of monitors and the views of clusters are not saved meanwhile.`;
    return [finding('state-reserve-used', { file }, message, advice)];
  }
  if (state !== 'gone') return [];
  const message = `The disk of the state directory is full, and nothing is left of the room that was set aside for orders and the audit (${problem === '' ? 'it is used up' : problem}). What cannot be written is refused.`;
  return [finding('state-reserve-gone', { file }, message, advice)];
}

/** Octets on the disk that a file has: one that was only made longer has none. */
function heldBy(there: { readonly size: number; readonly blocks: number }, tells: Tells): number {
  return tells === 'size' ? there.size : Math.min(there.size, there.blocks * SECTOR_OCTETS);
}

function blocks(octets: number): number {
  return Math.ceil(octets / BLOCK_OCTETS) * BLOCK_OCTETS;
}

function roomOf(directory: string): () => Promise<DiskRoom> {
  return async () => {
    try {
      const { bsize, blocks: all, bavail } = await statfs(directory);
      return { octets: bsize * all, free: bsize * bavail };
    } catch {
      // A system that does not tell: then trying tells.
      return { octets: Number.POSITIVE_INFINITY, free: Number.POSITIVE_INFINITY };
    }
  };
}
