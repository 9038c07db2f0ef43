import { lineOf } from './entry.ts';
import type { GrowingFile } from './growing-file.ts';
import { diskFull, JournalError } from './journal-error.ts';
import type { Item, JournalState } from './journal-state.ts';
import { MAX_JOURNAL_OCTETS } from './load.ts';
import { headLine, wholeJournal } from './whole-journal.ts';

/** A smaller journal is never compacted, in octets. */
const MIN_COMPACTED_OCTETS = 2 ** 20;
/** So many times of what it keeps the journal grows to before it is compacted. */
const GROWTH = 4;
/** Writes changes behind the others, all or none. Rejects where none counts. */
export async function commit(state: JournalState, items: readonly Item[]): Promise<void> {
  if (state.refusal !== undefined) throw state.refusal;
  const { reserve } = state.options;
  if (items[0]?.kind !== 'spare') {
    const octets = items.reduce((sum, { body }) => sum + Buffer.byteLength(body), 0);
    return reserve === undefined ? write(state, items) : reserve.covered(octets, () => write(state, items));
  }
  if (reserve?.state() === 'used' || reserve?.state() === 'gone') throw diskFull();
  return write(state, items);
}

async function write(state: JournalState, items: readonly Item[]): Promise<void> {
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
async function placed(state: JournalState): Promise<GrowingFile> {
  // Another process may have the directory that is there now, and its journal is not ours to write.
  await state.options.lock.hold?.();
  const place = await state.file.place();
  if (place === 'gone') {
    await rewrite(state);
    state.found = 'anew';
  } else if (place === 'not-yet' && state.values.octets() > 0) await rewrite(state);
  return state.file;
}

/** Whether the file is in its place; else it is written anew. Nobody waits for it: orders that come meanwhile wait for a few system calls. Never rejects. */
export async function look(state: JournalState): Promise<void> {
  if (state.refusal !== undefined) return;
  // Where it cannot be told nothing is: nobody took anything away for all that is known.
  const place = await state.file.place().catch(() => 'unknown' as const);
  if (place === 'not-yet' || place === 'unknown') return;
  try {
    await placed(state);
  } catch {
    state.found = 'unwritten';
  }
}

function linesOf({ seq, options }: JournalState, items: readonly Item[]): Buffer {
  const head = seq === 0 ? [headLine(1, options.now())] : [];
  const lines = items.map(({ body }, index) => lineOf(seq + head.length + index + 1, body));
  return Buffer.concat([...head, ...lines]);
}

/** Writes it anew where most of it is not true any more. Never rejects. */
export async function compactIfLarge(state: JournalState): Promise<void> {
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
export async function rewrite(state: JournalState): Promise<void> {
  const { values, options } = state;
  let { seq } = state;
  function* lines(): Generator<Buffer> {
    for (const line of wholeJournal(values, seq, options.now())) {
      seq += 1;
      yield line;
    }
  }
  await state.file.replace(lines());
  state.seq = seq;
}
