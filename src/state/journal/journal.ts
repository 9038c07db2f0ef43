import { join } from 'node:path';
import type { Finding } from '../../core/desired/finding.ts';
import { removeLeftovers } from '../durable-file.ts';
import { bodyOf, type JournalChange } from './entry.ts';
import { createGroupCommit } from './group-commit.ts';
import { createGrowingFile } from './growing-file.ts';
import { inUse, JournalError } from './journal-error.ts';
import type { ChangeKind, Item, JournalLook, JournalOptions, JournalState } from './journal-state.ts';
import { commit, compactIfLarge, look, rewrite } from './journal-writer.ts';
import { type Loaded, loadJournal } from './load.ts';
import { taken, unlocked } from './lock-findings.ts';
import { stampOf } from './stamp.ts';
import { createValues, type JournalValues, sizeOf } from './values.ts';

/** Most octets that are kept: four times as many fit into the largest journal. */
const MAX_KEPT_OCTETS = 48 * 2 ** 20;
/** Longest change, in octets: a compacted line of it fits the longest line. */
const MAX_CHANGE_OCTETS = 4 * 2 ** 20;

/** What must survive a restart, by kind and key, in one append-only file. */
export type Journal = {
  /** Reads what was written before; once, whoever asks. Never rejects. */
  open(): Promise<Opened>;
  /** The latest values of a kind that are on stable storage, as JSON texts; nothing before it was opened. */
  values(kind: string): ReadonlyMap<string, string>;
  /**
   * Resolves when all of the change is on stable storage, and rejects (with a `JournalError` or the system's) where nothing of
   * it counts. `spare`: nobody waits for it, and it is refused (`disk-full`) while the disk is full, for what room is left is
   * for orders.
   */
  change(change: JournalChange, kind?: ChangeKind): Promise<void>;
  /**
   * Looks whether the file still is where it was, and where it is not writes it anew of what is known: `anew`, or `unwritten`
   * where that fails. Never rejects.
   */
  look(): Promise<JournalLook>;
  /**
   * Of one that is another process's: reads it where it was written since it was read last, and says which of these kinds have
   * other values now. What cannot be read changes nothing. Never rejects.
   */
  reread(kinds: readonly string[]): Promise<readonly string[]>;
  /** The other process ended: it is read anew, and is ours from now on. Never rejects. */
  takeOver(): Promise<readonly Finding[]>;
  /** Settles when what waits is written, or could not be. Later changes are refused. */
  close(): Promise<void>;
};

/** How the journal was found. `new`: there was none. `look`: it is another process's, and not written. */
type Opened = { readonly state: 'new' | 'found' | 'look'; readonly findings: readonly Finding[] };

/** A journal in `<directory>/journal`; [decision 13](../../../docs/decisions/0013-journal.md) has the reasons. */
export function createJournal(options: JournalOptions): Journal {
  const file = join(options.directory, 'journal');
  const state: JournalState = {
    options,
    values: createValues(),
    seq: 0,
    file: createGrowingFile({ file, size: 0, open: options.open }),
    refusal: undefined,
    stamp: undefined,
    patience: 0,
    found: 'in-place',
  };
  const commits = createGroupCommit<Item>({
    commit: (items) => commit(state, items),
    rest: () => compactIfLarge(state),
    goesWith: (item, before) => item.kind === before.kind,
  });
  let opening: Promise<Opened> | undefined;
  const open = (): Promise<Opened> => (opening ??= openJournal(state, file));

  return {
    open,
    values: (kind) => state.values.of(kind),
    async change(change, kind = 'order') {
      await open();
      const body = bodyOf(change);
      const octets = Buffer.byteLength(body);
      refuseTooMuch(state.values, change, octets);
      await commits.add({ change, body, kind }, octets);
    },
    async look() {
      await open();
      await commits.alone(() => look(state));
      const { found } = state;
      state.found = 'in-place';
      return found;
    },
    async reread(kinds) {
      await open();
      return reread(state, file, kinds);
    },
    async takeOver() {
      await open();
      let findings: readonly Finding[] = [];
      await commits.alone(async () => {
        findings = await takeOver(state, file);
      });
      return findings;
    },
    async close() {
      await opening;
      await commits.alone(async () => {
        await look(state);
        state.refusal ??= new JournalError('journal-closed', 'the process is stopping');
        await state.file.close();
      });
    },
  };
}

async function openJournal(state: JournalState, file: string): Promise<Opened> {
  const { directory, lock, now } = state.options;
  const held = await lock.take();
  if (held.kind === 'taken') {
    const loaded = await loadJournal({ file, at: now(), mode: 'look' });
    state.values = loaded.values;
    state.refusal = inUse();
    return { state: 'look', findings: [...loaded.findings, taken(directory)] };
  }
  const { state: found, findings } = await enter(state, file, 'nothing');
  const locks = held.kind === 'unlocked' ? [unlocked(directory, held.problem)] : [];
  return { state: found, findings: [...findings, ...locks] };
}

/** Reads what is there, as its owner. */
async function enter(state: JournalState, file: string, known: 'nothing' | 'read-before') {
  const { directory, now, open } = state.options;
  await removeLeftovers(directory);
  const loaded = await loadJournal({ file, at: now(), mode: 'own', known });
  // What was read before a file went, or went bad, is better than nothing.
  if (loaded.seq > 0 || known === 'nothing') state.values = loaded.values;
  state.seq = loaded.seq;
  state.file = createGrowingFile({ file, size: loaded.size, open });
  await settle(state, loaded);
  const isNew = loaded.state === 'none' && loaded.findings.length === 0 && state.values.octets() === 0;
  const seeds = isNew ? await sow(state) : [];
  return { state: isNew ? ('new' as const) : ('found' as const), findings: [...loaded.findings, ...seeds] };
}

async function takeOver(state: JournalState, file: string): Promise<readonly Finding[]> {
  // Closed meanwhile: it stays so.
  if (state.refusal?.code !== 'state-in-use') return [];
  state.refusal = undefined;
  return (await enter(state, file, 'read-before')).findings;
}

async function reread(state: JournalState, file: string, kinds: readonly string[]): Promise<readonly string[]> {
  if (state.refusal?.code !== 'state-in-use') return [];
  // Looked at before it is read: what is written meanwhile is read the next time.
  const stamp = await stampOf(file);
  if (stamp === undefined || stamp === state.stamp) return [];
  state.stamp = stamp;
  const { values, seq } = await loadJournal({ file, at: state.options.now(), mode: 'look' });
  if (seq === 0) return [];
  const before = state.values;
  state.values = values;
  return kinds.filter((kind) => !isAlike(before.of(kind), values.of(kind)));
}

/** What is sown is in force also where the disk does not take it now: then it is written with the first change. */
async function sow(state: JournalState): Promise<readonly Finding[]> {
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
async function settle(state: JournalState, loaded: Loaded): Promise<void> {
  if (loaded.state === 'unusable') {
    state.refusal = new JournalError('journal-unusable', 'the journal can neither be read nor moved away');
  }
  await put(state, loaded)?.catch(() => {});
}

function put(state: JournalState, { state: found, values }: Loaded): Promise<void> | undefined {
  if (found === 'unusable') return undefined;
  const isMissing = state.values !== values && state.values.octets() > 0;
  if (found === 'healed' || isMissing) return rewrite(state);
  return found === 'whole' ? state.file.trim() : undefined;
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

function isAlike(a: ReadonlyMap<string, string>, b: ReadonlyMap<string, string>): boolean {
  return a.size === b.size && [...a].every(([key, text]) => b.get(key) === text);
}
