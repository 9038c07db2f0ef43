import { constants, type FileHandle, mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { syncDirectory } from '../durable-file.ts';
import { statOf } from '../stat-of.ts';

/** Opens a file; tests bring one whose disk fails. */
export type OpenFile = (file: string, flags: number, mode: number) => Promise<FileHandle>;

/** A file that grows at its end, and whose size is known: what lies behind it is not ours and is cut before the next write. */
export type GrowingFile = {
  /** Octets that are on stable storage. */
  size(): number;
  /** Resolves when they are on stable storage behind the others. Rejects with the system's error; then none of them count. */
  append(octets: Buffer): Promise<void>;
  /** Cuts what lies behind the size. */
  trim(): Promise<void>;
  /**
   * Replaces all of it: after a crash at any moment the file is the old one or the new one, whole. Rejects with the system's
   * error, and then the old one stands.
   */
  replace(parts: Iterable<Buffer>): Promise<void>;
  /** `gone`: somebody moved the file away, or put another in its place. Rejects with the system's error where that cannot be told. */
  place(): Promise<'ours' | 'gone' | 'not-yet'>;
  close(): Promise<void>;
  /** Closes it, and removes it if it was made here. What cannot be removed stays; never rejects. */
  discard(): Promise<void>;
};

/** `size`: how much of it is good; 0 where there is no file yet. `begins`: `anew`: a file that is there already is not touched. */
export type GrowingFileOptions = {
  readonly file: string;
  readonly size: number;
  readonly begins?: 'anew' | 'where-it-is';
  readonly open?: OpenFile | undefined;
};

const { O_RDWR, O_CREAT, O_EXCL } = constants;
/** For the owner alone: it tells who did what. */
const MODE = 0o600;

/** Makes no file before something is written. */
export function createGrowingFile(options: GrowingFileOptions): GrowingFile {
  const { file, size: known, begins, open: opened = open } = options;
  let size = known;
  let handle: FileHandle | undefined;
  /** Whether the file may be longer than `size`. */
  let end: 'clean' | 'unsure' = 'unsure';
  /** Whether the file is there because of us. */
  let made: 'here' | 'elsewhere' = 'elsewhere';

  async function reached(): Promise<FileHandle> {
    if (handle !== undefined) return handle;
    await mkdir(dirname(file), { recursive: true });
    const isNew = begins === 'anew' && made === 'elsewhere';
    handle = await opened(file, O_RDWR | O_CREAT | (isNew ? O_EXCL : 0), MODE);
    if (isNew) made = 'here';
    // A name is durable only when its directory is.
    await syncDirectory(dirname(file));
    return handle;
  }

  async function trim(): Promise<void> {
    if (end === 'clean') return;
    const to = await reached();
    const { size: there } = await to.stat();
    // A file that is shorter is another one: zeros would be put in the place of what is gone.
    if (there < size) throw new Error('somebody made the file shorter');
    await to.truncate(size);
    await to.datasync();
    end = 'clean';
  }

  /** After a failure nothing of the handle is taken for granted. */
  async function letGo(): Promise<void> {
    end = 'unsure';
    const old = handle;
    handle = undefined;
    await old?.close().catch(() => {});
  }

  async function guarded(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      await letGo();
      throw error;
    }
  }

  return {
    size: () => size,
    trim: () => guarded(trim),
    append: (octets) =>
      guarded(async () => {
        await trim();
        end = 'unsure';
        const to = await reached();
        await writeAt(to, octets, size);
        await to.datasync();
        size += octets.length;
        end = 'clean';
      }),
    async replace(parts) {
      const fresh = await begin(file, parts, opened);
      // From here on the new file is the one that a start would read, whatever else fails.
      await letGo();
      [handle, size, end] = [fresh.handle, fresh.size, 'clean'];
      // Where the name is not durable yet it is made so before anything else is acknowledged: with the next opening.
      await syncDirectory(dirname(file)).catch(letGo);
    },
    async place() {
      const there = await statOf(file);
      if (handle === undefined && size === 0) return 'not-yet';
      if (there === undefined || there.size < size) return 'gone';
      const own = await handle?.stat();
      return own === undefined || (there.ino === own.ino && there.dev === own.dev) ? 'ours' : 'gone';
    },
    close: letGo,
    async discard() {
      await letGo();
      if (made === 'here') await rm(file, { force: true }).catch(() => {});
      made = 'elsewhere';
    },
  };
}

/** Writes a new file and puts it in the place of the old one; rejects where the old one still stands. */
async function begin(file: string, parts: Iterable<Buffer>, opened: OpenFile) {
  const temporary = `${file}.${process.pid}.tmp`;
  await mkdir(dirname(file), { recursive: true });
  await rm(temporary, { force: true });
  const handle = await opened(temporary, O_RDWR | O_CREAT | O_EXCL, MODE);
  let size = 0;
  try {
    for (const part of parts) {
      await writeAt(handle, part, size);
      size += part.length;
    }
    await handle.sync();
    await rename(temporary, file);
    return { handle, size };
  } catch (error) {
    await handle.close().catch(() => {});
    await rm(temporary, { force: true }).catch(() => {});
    throw error;
  }
}

/** Writes all of it: the system may take less at a time. */
async function writeAt(handle: FileHandle, octets: Buffer, position: number): Promise<void> {
  for (let done = 0; done < octets.length; ) {
    const { bytesWritten } = await handle.write(octets, done, octets.length - done, position + done);
    done += bytesWritten;
  }
}
