import { rm } from 'node:fs/promises';
import type { Finding } from '../../core/desired/finding.ts';
import type { Audit, AuditEntry } from '../../core/ports.ts';
import { createGroupCommit } from '../journal/group-commit.ts';
import { createGrowingFile, type GrowingFile, type OpenFile } from '../journal/growing-file.ts';
import { JournalError } from '../journal/journal-error.ts';
import type { DirectoryLock } from '../journal/lock.ts';
import { type Chained, headOf, lineOf, NO_HASH } from './chain.ts';
import { auditFile, auditFiles, auditFolder, MAX_AUDIT_FILE_OCTETS, MAX_AUDIT_FILES } from './files.ts';
import { listAudit } from './list.ts';
import { findTail } from './tail.ts';

/** The audit with its end. */
export type AuditLog = Audit & {
  /** Finds out where it ended; once, whoever asks. Never rejects. */
  open(): Promise<readonly Finding[]>;
  /** Settles when what waits is written, or could not be. Later entries are refused. */
  close(): Promise<void>;
};

/** Where it is. `fileOctets`, `files` and `open` are for tests: the limits otherwise, and the system's. */
export type AuditLogOptions = {
  readonly directory: string;
  readonly lock: Pick<DirectoryLock, 'take'>;
  /** Ms since the epoch. */
  readonly now: () => number;
  readonly fileOctets?: number;
  readonly files?: number;
  readonly open?: OpenFile;
};

type State = {
  readonly options: AuditLogOptions;
  readonly folder: string;
  number: number;
  seq: number;
  hash: string;
  file: GrowingFile;
  refusal: JournalError | undefined;
};

/** The audit in `<directory>/audit/`: hash-chained lines, in files that follow each other. */
export function createAuditLog(options: AuditLogOptions): AuditLog {
  const folder = auditFolder(options.directory);
  const state: State = {
    options,
    folder,
    number: 0,
    seq: 0,
    hash: NO_HASH,
    file: createGrowingFile({ file: auditFile(folder, 1).path, size: 0, open: options.open }),
    refusal: undefined,
  };
  const commits = createGroupCommit<AuditEntry>({ commit: (entries) => commit(state, entries) });
  let opening: Promise<readonly Finding[]> | undefined;
  const open = (): Promise<readonly Finding[]> => (opening ??= openAudit(state));

  return {
    open,
    async record(entry) {
      await open();
      await commits.add(entry, Buffer.byteLength(JSON.stringify(entry)));
    },
    async list(range) {
      await open();
      return listAudit(folder, range);
    },
    async close() {
      await opening;
      await commits.alone(async () => {
        state.refusal ??= new JournalError('journal-closed', 'the process is stopping');
        await state.file.close();
      });
    },
  };
}

async function openAudit(state: State): Promise<readonly Finding[]> {
  const { folder, options } = state;
  const { kind } = await options.lock.take();
  const mode = kind === 'taken' ? 'look' : 'own';
  const { number, size, seq, hash, findings } = await findTail({ folder, at: options.now(), mode });
  Object.assign(state, { number, seq, hash });
  if (size > 0) {
    state.file = fileOf(state, number, size);
    // What is torn is cut now, or else with the next entry.
    if (mode === 'own') await state.file.trim().catch(() => {});
  }
  if (mode === 'look') state.refusal = new JournalError('state-in-use', 'another process has the state directory');
  return findings;
}

function fileOf({ folder, options }: State, number: number, size: number): GrowingFile {
  return createGrowingFile({ file: auditFile(folder, number).path, size, open: options.open });
}

async function commit(state: State, entries: readonly AuditEntry[]): Promise<void> {
  if (state.refusal !== undefined) throw state.refusal;
  const place = await state.file.place();
  const isFull = state.file.size() > (state.options.fileOctets ?? MAX_AUDIT_FILE_OCTETS);
  // Also where somebody took the file away: the chain goes on, and its beginning says of what.
  const next = place !== 'ours' || isFull ? state.number + 1 : undefined;
  const file = next === undefined ? state.file : fileOf(state, next, 0);
  const { octets, seq, hash } = linesOf(state, entries, next === undefined ? 'goes on' : 'begins');
  await appendOrClose(file, octets, next);
  if (next !== undefined) {
    await state.file.close();
    state.number = next;
  }
  Object.assign(state, { seq, hash, file });
  if (next !== undefined) await forgetOldest(state);
}

/** The lines of entries, behind the first line of a file that begins with them. */
function linesOf(
  { seq: last, hash: previous, options }: State,
  entries: readonly AuditEntry[],
  file: 'begins' | 'goes on',
) {
  let [seq, hash] = [last, previous];
  const octets: Buffer[] = [];
  const add = (make: (seq: number) => Chained): void => {
    seq += 1;
    const line = make(seq);
    octets.push(line.octets);
    hash = line.hash;
  };
  if (file === 'begins') add((number) => headOf(number, options.now(), hash));
  for (const entry of entries) add((number) => lineOf(number, entry, hash));
  return { octets: Buffer.concat(octets), seq, hash };
}

/** A new file that could not be begun is not kept open: the next entry begins it again. */
async function appendOrClose(file: GrowingFile, octets: Buffer, next: number | undefined): Promise<void> {
  try {
    await file.append(octets);
  } catch (error) {
    if (next !== undefined) await file.close();
    throw error;
  }
}

async function forgetOldest({ folder, options }: State): Promise<void> {
  try {
    const files = await auditFiles(folder);
    for (const { path } of files.slice(0, -(options.files ?? MAX_AUDIT_FILES))) await rm(path, { force: true });
  } catch {
    // Then there is one file more; the next one that is begun tries again.
  }
}
