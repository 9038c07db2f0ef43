import type { Finding } from '../../core/desired/finding.ts';
import type { Audit, AuditEntry, AuditKind } from '../../core/ports.ts';
import { createGroupCommit } from '../journal/group-commit.ts';
import { createGrowingFile, type GrowingFile, type OpenFile } from '../journal/growing-file.ts';
import { diskFull, inUse, isDiskFull, JournalError } from '../journal/journal-error.ts';
import type { DirectoryLock } from '../journal/lock.ts';
import type { Reserve } from '../reserve.ts';
import { forgetOldest } from './begun.ts';
import { brokenFinding } from './broken.ts';
import { type Follows, NO_HASH } from './chain.ts';
import { auditFile, auditFolder, freeNumber, MAX_AUDIT_FILE_OCTETS, MAX_AUDIT_FILES } from './files.ts';
import { linesOf } from './lines.ts';
import { listAudit } from './list.ts';
import type { AuditMark } from './mark.ts';
import { findTail } from './tail.ts';

/** The audit with its end. */
export type AuditLog = Audit & {
  /** Finds out where it ended; once, whoever asks. Never rejects. */
  open(): Promise<readonly Finding[]>;
  /** The other process ended: the chain goes on behind its last entry. Never rejects. */
  takeOver(): Promise<readonly Finding[]>;
  /** Its newest line; undefined before the first one. */
  end(): AuditMark | undefined;
  /** What was found wrong while it ran: the file that is written was taken away. Never rejects. */
  look(): Promise<readonly Finding[]>;
  /** Settles when what waits is written, or could not be. Later entries are refused. */
  close(): Promise<void>;
};

/** Where it is. `fileOctets`, `files` and `open` are for tests: the limits otherwise, and the system's. */
export type AuditLogOptions = {
  readonly directory: string;
  readonly lock: Pick<DirectoryLock, 'take'> & Partial<Pick<DirectoryLock, 'hold'>>;
  /** Ms since the epoch. */
  readonly now: () => number;
  readonly fileOctets?: number;
  readonly files?: number;
  readonly open?: OpenFile;
  /** What the journal knows of the end. Absent: nothing. Never rejects. */
  readonly mark?: () => Promise<AuditMark | undefined>;
  /** Told of entries that are on stable storage, in their order; `end` is behind the last of them. */
  readonly onRecorded?: (entries: readonly AuditEntry[], end: AuditMark) => void;
  /** Room for entries where the disk is full. Absent: there is none. */
  readonly reserve?: Pick<Reserve, 'state' | 'covered'>;
};

/** One entry that waits to be written. */
type Item = { readonly entry: AuditEntry; readonly kind: AuditKind };

type State = {
  readonly options: AuditLogOptions;
  readonly folder: string;
  number: number;
  seq: number;
  hash: string;
  /** What the next file says of the break in front of it. */
  follows: Follows | undefined;
  /** What was found while it ran. */
  found: readonly Finding[];
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
    follows: undefined,
    found: [],
    file: createGrowingFile({ file: auditFile(folder, 1).path, size: 0, open: options.open }),
    refusal: undefined,
  };
  const commits = createGroupCommit<Item>({
    commit: (items) => covered(state, items),
    goesWith: (item, before) => item.kind === before.kind,
  });
  let opening: Promise<readonly Finding[]> | undefined;
  const open = (): Promise<readonly Finding[]> => (opening ??= openAudit(state));

  return {
    open,
    async record(entry, kind = 'order') {
      await open();
      await commits.add({ entry, kind }, Buffer.byteLength(JSON.stringify(entry)));
    },
    async list(range) {
      await open();
      return listAudit(folder, range);
    },
    async takeOver() {
      await open();
      let findings: readonly Finding[] = [];
      await commits.alone(async () => {
        findings = await takeOver(state);
      });
      return findings;
    },
    end: () => endOf(state),
    async look() {
      await open();
      await commits.alone(() => look(state));
      return state.found;
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
  const { kind } = await state.options.lock.take();
  if (kind === 'taken') state.refusal = inUse();
  return goToEnd(state, kind === 'taken' ? 'look' : 'own');
}

async function takeOver(state: State): Promise<readonly Finding[]> {
  // Closed meanwhile: it stays so.
  if (state.refusal?.code !== 'state-in-use') return [];
  const findings = await goToEnd(state, 'own');
  state.refusal = undefined;
  return findings;
}

async function goToEnd(state: State, mode: 'own' | 'look'): Promise<readonly Finding[]> {
  const { folder, options } = state;
  const mark = await options.mark?.();
  const { number, size, seq, hash, follows, findings } = await findTail({ folder, at: options.now(), mode, mark });
  Object.assign(state, { number, seq, hash, follows });
  state.file = fileOf(state, size > 0 ? number : 1, size);
  // What is torn is cut now, or else with the next entry.
  if (size > 0 && mode === 'own') await state.file.trim().catch(() => {});
  return findings;
}

function fileOf({ folder, options }: State, number: number, size: number): GrowingFile {
  return createGrowingFile({ file: auditFile(folder, number).path, size, open: options.open });
}

/** The file that follows. It is never one that is there already. */
function beginning({ folder, options }: State, number: number): GrowingFile {
  return createGrowingFile({ file: auditFile(folder, number).path, size: 0, begins: 'anew', open: options.open });
}

/** Its newest line. */
function endOf({ seq, hash, number }: State): AuditMark | undefined {
  return seq === 0 ? undefined : { seq, hash, file: Math.max(1, number) };
}

/** Where the file that is written is not what it was: what is left of it stays, and the next entry begins a new one. */
async function look(state: State): Promise<void> {
  if (state.refusal !== undefined || state.follows !== undefined) return;
  const place = await state.file.place().catch(() => 'ours' as const);
  if (place !== 'gone') return;
  const { seq, hash, folder, number } = state;
  state.follows = { seq, hash, found: 'gone' };
  state.found = [
    brokenFinding(auditFile(folder, number).path, 'the file was taken away, or made shorter, while the director ran'),
  ];
}

/** All of a kind. Spare ones get nothing of what is set aside, whoever needs it. */
async function covered(state: State, items: readonly Item[]): Promise<void> {
  if (state.refusal !== undefined) throw state.refusal;
  const { reserve, lock, onRecorded } = state.options;
  const isSpare = items[0]?.kind === 'spare';
  if (isSpare && (reserve?.state() === 'used' || reserve?.state() === 'gone')) throw diskFull();
  await look(state);
  // Another process may have the directory that is there now, and its audit is not ours to write.
  await lock.hold?.();
  const entries = items.map(({ entry }) => entry);
  const octets = entries.reduce((sum, entry) => sum + Buffer.byteLength(JSON.stringify(entry)), 0);
  const work = (): Promise<void> => commit(state, entries);
  if (isSpare) await work().catch(toldFull);
  else await (reserve === undefined ? work() : reserve.covered(octets, work));
  const end = endOf(state);
  if (end !== undefined) onRecorded?.(entries, end);
}

/** Throws it again; `disk-full` where that is the reason. */
function toldFull(error: unknown): never {
  throw isDiskFull(error) ? diskFull() : error;
}

async function commit(state: State, entries: readonly AuditEntry[]): Promise<void> {
  const place = await state.file.place();
  const isFull = state.file.size() > (state.options.fileOctets ?? MAX_AUDIT_FILE_OCTETS);
  // Also where somebody took the file away: the chain goes on, and its beginning says of what.
  const isNew = place !== 'ours' || isFull || state.follows !== undefined;
  const next = isNew ? await freeNumber(state.folder, state.number) : undefined;
  const file = next === undefined ? state.file : beginning(state, next);
  const { octets, seq, hash } = linesOf(entries, {
    ...state,
    at: next === undefined ? undefined : state.options.now(),
  });
  await appendOrDiscard(file, octets, next);
  if (next !== undefined) {
    await state.file.close();
    state.number = next;
  }
  Object.assign(state, { seq, hash, file, follows: undefined });
  if (next !== undefined) await forgetOldest(state.folder, state.options.files ?? MAX_AUDIT_FILES);
}

/** A new file that could not be begun is not left behind: the next entry begins it again, under the same number. */
async function appendOrDiscard(file: GrowingFile, octets: Buffer, next: number | undefined): Promise<void> {
  try {
    await file.append(octets);
  } catch (error) {
    if (next !== undefined) await file.discard();
    throw error;
  }
}
