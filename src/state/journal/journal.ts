import { join } from 'node:path';
import { type Finding, finding } from '../../core/desired/finding.ts';
import { removeLeftovers } from '../durable-file.ts';
import { bodyOf, type JournalChange, lineOf } from './entry.ts';
import { createGroupCommit } from './group-commit.ts';
import { createGrowingFile, type GrowingFile, type OpenFile } from './growing-file.ts';
import { JournalError } from './journal-error.ts';
import { HEAD_KIND, type Loaded, loadJournal, MAX_JOURNAL_OCTETS, VERSION } from './load.ts';
import type { DirectoryLock } from './lock.ts';
import { createValues, type JournalValues, sizeOf } from './values.ts';

/** A smaller journal is never compacted, in octets. */
const MIN_COMPACTED_OCTETS = 2 ** 20;
/** So many times of what it keeps the journal grows to before it is compacted. */
const GROWTH = 4;
/** Most octets that are kept: four times as many fit into the largest journal. */
const MAX_KEPT_OCTETS = 48 * 2 ** 20;
/** Longest change, in octets: a compacted line of it fits the longest line. */
const MAX_CHANGE_OCTETS = 4 * 2 ** 20;
/** Octets of values in one line of a compacted journal: the rest of the process gets its turn between them. */
const LINE_OCTETS = 64 * 2 ** 10;

/** What must survive a restart, by kind and key, in one append-only file. */
export type Journal = {
  /** Reads what was written before; once, whoever asks. Never rejects. */
  open(): Promise<Opened>;
  /** The latest values of a kind that are on stable storage, as JSON texts; nothing before it was opened. */
  values(kind: string): ReadonlyMap<string, string>;
  /**
   * Resolves when all of the change is on stable storage, and rejects (with a `JournalError` or the system's) where nothing of
   * it counts.
   */
  change(change: JournalChange): Promise<void>;
  /** Settles when what waits is written, or could not be. Later changes are refused. */
  close(): Promise<void>;
};

/** How the journal was found. `new`: there was none. `look`: it is another process's, and not written. */
type Opened = { readonly state: 'new' | 'found' | 'look'; readonly findings: readonly Finding[] };

/** Where it is. `open`: for tests whose disk fails. */
export type JournalOptions = {
  readonly directory: string;
  readonly lock: Pick<DirectoryLock, 'take'>;
  /** Ms since the epoch. */
  readonly now: () => number;
  /** What the first journal of a directory begins with. Never rejects. */
  readonly seed?: () => Promise<Seed>;
  readonly open?: OpenFile;
};

/** What a journal begins with: all of it is in its first file, or there is none. `written` is called when it is. */
export type Seed = {
  readonly changes: readonly JournalChange[];
  readonly findings: readonly Finding[];
  written(): Promise<void>;
};

type Item = { readonly change: JournalChange; readonly body: string };

type State = {
  readonly options: JournalOptions;
  values: JournalValues;
  seq: number;
  file: GrowingFile;
  /** Why nothing is written; undefined: it is. */
  refusal: JournalError | undefined;
  /** It is compacted when it is larger than this, too: after a compaction that failed, not again at once. */
  patience: number;
};

/** A journal in `<directory>/journal`; [decision 13](../../../docs/decisions/0013-journal.md) has the reasons. */
export function createJournal(options: JournalOptions): Journal {
  const file = join(options.directory, 'journal');
  const state: State = {
    options,
    values: createValues(),
    seq: 0,
    file: createGrowingFile({ file, size: 0, open: options.open }),
    refusal: undefined,
    patience: 0,
  };
  const commits = createGroupCommit<Item>({
    commit: (items) => commit(state, items),
    rest: () => compactIfLarge(state),
  });
  let opening: Promise<Opened> | undefined;
  const open = (): Promise<Opened> => (opening ??= openJournal(state, file));

  return {
    open,
    values: (kind) => state.values.of(kind),
    async change(change) {
      await open();
      const body = bodyOf(change);
      const octets = Buffer.byteLength(body);
      refuseTooMuch(state.values, change, octets);
      await commits.add({ change, body }, octets);
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

async function openJournal(state: State, file: string): Promise<Opened> {
  const { directory, lock, now, open } = state.options;
  const held = await lock.take();
  const mode = held.kind === 'taken' ? 'look' : 'own';
  if (mode === 'own') await removeLeftovers(directory);
  const loaded = await loadJournal({ file, at: now(), mode });
  state.values = loaded.values;
  state.seq = loaded.seq;
  state.file = createGrowingFile({ file, size: loaded.size, open });
  if (mode === 'look') {
    state.refusal = new JournalError('state-in-use', 'another process has the state directory');
    return { state: 'look', findings: [...loaded.findings, inUse(directory)] };
  }
  await settle(state, loaded);
  const isNew = loaded.state === 'none' && loaded.findings.length === 0;
  const seeds = isNew ? await sow(state) : [];
  const locks = held.kind === 'unlocked' ? [unlocked(directory, held.problem)] : [];
  return { state: isNew ? 'new' : 'found', findings: [...loaded.findings, ...seeds, ...locks] };
}

/** What is sown is in force also where the disk does not take it now: then it is written with the first change. */
async function sow(state: State): Promise<readonly Finding[]> {
  const seed = await state.options.seed?.();
  if (seed === undefined) return [];
  for (const change of seed.changes) state.values.apply(change);
  if (seed.changes.length === 0) return seed.findings;
  try {
    await rewrite(state);
    await seed.written();
  } catch {
    // What was sown is kept in mind, and the files that it came from stay.
  }
  return seed.findings;
}

/** What was found wrong is put right on disk, so that it is not found again. Where the disk does not take it now, it will later. */
async function settle(state: State, loaded: Loaded): Promise<void> {
  if (loaded.state === 'unusable') {
    state.refusal = new JournalError('journal-unusable', 'the journal can neither be read nor moved away');
  }
  const put = loaded.state === 'healed' ? rewrite(state) : loaded.state === 'whole' ? state.file.trim() : undefined;
  await put?.catch(() => {});
}

function inUse(directory: string): Finding {
  const message = `Another process has the state directory ${directory}: orders are refused, and nothing is remembered.`;
  const advice =
    'Give each director a directory of its own (state.directory), or end the other one and restart this one.';
  return finding('state-in-use', { file: directory }, message, advice);
}

function unlocked(directory: string, problem: string): Finding {
  const message = `The state directory ${directory} cannot be locked: ${problem}.`;
  return finding('state-unlocked', { file: directory }, message, 'See that no other director is given the same one.');
}

function refuseTooMuch(values: JournalValues, { put }: JournalChange, octets: number): void {
  const added = put.reduce((sum, [key, text]) => sum + sizeOf(key, text), 0);
  if (octets > MAX_CHANGE_OCTETS) {
    throw new JournalError('journal-full', `the change needs ${octets} octets, more than ${MAX_CHANGE_OCTETS}`);
  }
  if (added > 0 && values.octets() + added > MAX_KEPT_OCTETS) {
    throw new JournalError('journal-full', `more than ${MAX_KEPT_OCTETS} octets would be kept`);
  }
}

async function commit(state: State, items: readonly Item[]): Promise<void> {
  if (state.refusal !== undefined) throw state.refusal;
  const file = await placed(state);
  const lines = linesOf(state, items);
  if (file.size() + lines.length > MAX_JOURNAL_OCTETS) {
    throw new JournalError('journal-full', 'the journal has reached its largest size and cannot be compacted');
  }
  await file.append(lines);
  state.seq += items.length + (state.seq === 0 ? 1 : 0);
  for (const { change } of items) state.values.apply(change);
}

/** The file, where it still is where it was; else it is written anew of what is known. */
async function placed(state: State): Promise<GrowingFile> {
  const place = await state.file.place();
  if (place === 'gone' || (place === 'not-yet' && state.values.octets() > 0)) await rewrite(state);
  return state.file;
}

function linesOf({ seq, options }: State, items: readonly Item[]): Buffer {
  const head = seq === 0 ? [headLine(1, options.now())] : [];
  const lines = items.map(({ body }, index) => lineOf(seq + head.length + index + 1, body));
  return Buffer.concat([...head, ...lines]);
}

function headLine(seq: number, at: number): Buffer {
  return lineOf(seq, bodyOf({ kind: HEAD_KIND, at, put: [['version', VERSION]], drop: [] }));
}

async function compactIfLarge(state: State): Promise<void> {
  const { file, values } = state;
  const limit = Math.max(MIN_COMPACTED_OCTETS, GROWTH * values.octets(), state.patience);
  if (file.size() <= limit || state.refusal !== undefined) return;
  try {
    await rewrite(state);
    state.patience = 0;
  } catch {
    // The journal that is there is good; it is tried again when it has grown some more.
    state.patience = file.size() + MIN_COMPACTED_OCTETS;
  }
}

/** Writes a new file of the latest values in the place of the old one. */
async function rewrite(state: State): Promise<void> {
  const { values, options } = state;
  let seq = state.seq;
  function* lines(): Generator<Buffer> {
    seq += 1;
    yield headLine(seq, options.now());
    for (const [kind, all] of values.all()) {
      for (const put of slices(all)) {
        seq += 1;
        yield lineOf(seq, bodyOf({ kind, at: options.now(), put, drop: [] }));
      }
    }
  }
  await state.file.replace(lines());
  state.seq = seq;
}

/** Values in parts that are not much larger than a line is to be. */
function* slices(values: ReadonlyMap<string, string>): Generator<readonly (readonly [string, string])[]> {
  let part: (readonly [string, string])[] = [];
  let octets = 0;
  for (const [key, text] of values) {
    const size = sizeOf(key, text);
    if (part.length > 0 && octets + size > LINE_OCTETS) {
      yield part;
      [part, octets] = [[], 0];
    }
    part.push([key, text]);
    octets += size;
  }
  if (part.length > 0) yield part;
}
