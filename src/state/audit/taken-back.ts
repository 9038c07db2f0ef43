/** Orders that were taken back, as the lines of the journal tell it: an order that is gone from its values may be lost, or be over. */
import { Type } from 'typebox';
import { Check } from 'typebox/value';
import type { AuditEntry, AuditRecord } from '../../core/ports.ts';
import { HEAD_KIND, loadJournal } from '../journal/load.ts';
import { FOUND_TAKEN_BACK, takingBack, toldBy } from './deeds.ts';
import { readSince } from './list.ts';

/**
 * What the lines of a journal tell beside its values, until they are compacted. `dropped`: when what is not there was taken
 * away, in ms since the epoch, by kind and key. `lines`: how many there are but for the first.
 */
export type Past = { readonly dropped: ReadonlyMap<string, number>; readonly lines: number };

/** Of a journal that is gone, or was not asked. */
export const NO_PAST: Past = { dropped: new Map(), lines: 0 };

const UNTIL = Type.Object({ until: Type.Number() });
const CUT = Type.Object({ cut: Type.String() });
const DATED = Type.Object({ at: Type.Number() });

/** Reads the lines of a journal again; nothing of it is touched. Never rejects. */
export async function pastOf(file: string): Promise<Past> {
  const dropped = new Map<string, number>();
  let lines = 0;
  await loadJournal({
    file,
    at: 0,
    mode: 'look',
    take({ kind, at, put, drop }) {
      if (kind === HEAD_KIND) return;
      lines += 1;
      if (takingBack(kind, '') === undefined) return;
      for (const key of drop) dropped.set(`${kind} ${key}`, at);
      for (const [key] of put) dropped.delete(`${kind} ${key}`);
    },
  });
  return { dropped, lines };
}

/** Whether the journal saw an order go that was given at this moment: an older copy cannot have seen that. */
export function wasDropped({ dropped }: Past, name: string, since: number): boolean {
  const at = dropped.get(name);
  return at !== undefined && at >= since;
}

/** When what an entry is about was ordered, in ms since the epoch; where it does not say so, not later than it was written. */
export function orderedAt({ at, after }: Pick<AuditRecord, 'at' | 'after'>): number {
  return Check(DATED, after) ? after.at : at;
}

/** Whether an order was over by itself at a moment. Of what is too large for the audit it is not known. */
export function isOver({ after }: Pick<AuditRecord, 'after'>, now: number): boolean {
  return Check(CUT, after) || (Check(UNTIL, after) && after.until <= now);
}

/** Which orders are asked for, by kind and key, and where. */
export type TakenBackOptions = {
  readonly folder: string;
  readonly past: Past;
  readonly names: ReadonlySet<string>;
  readonly now: number;
};

/**
 * Entries of orders that were taken back and have none of that, by kind and key. The whole audit is read where there may be one: its
 * process was killed between the two, or the disk was full. Rejects where the audit cannot be read.
 */
export async function takenBack({
  folder,
  past,
  names,
  now,
}: TakenBackOptions): Promise<ReadonlyMap<string, AuditEntry>> {
  const asked = new Set([...names].filter((name) => past.dropped.has(name)));
  const last = new Map<string, AuditEntry>();
  if (asked.size === 0) return last;
  await readSince(folder, 0, (record) => {
    const told = toldBy(record);
    const name = told && `${told.kind} ${told.key}`;
    if (told === undefined || name === undefined || !asked.has(name)) return;
    const entry = told.turn === 'ordered' ? entryOf(record, told, { past, name, now }) : undefined;
    if (entry === undefined) last.delete(name);
    else last.set(name, entry);
  });
  return last;
}

/** Who took it back, and from where, is not known any more. Nothing where it was over by then, or was ordered later. */
function entryOf(
  record: AuditRecord,
  { kind, key }: { readonly kind: string; readonly key: string },
  { past, name, now }: { readonly past: Past; readonly name: string; readonly now: number },
): AuditEntry | undefined {
  const at = past.dropped.get(name);
  const deed = takingBack(kind, key);
  if (at === undefined || deed === undefined) return undefined;
  if (at < orderedAt(record) || isOver(record, at)) return undefined;
  return {
    at: Math.max(at, now),
    who: '',
    from: '',
    ...deed,
    before: record.after,
    after: null,
    outcome: FOUND_TAKEN_BACK,
  };
}
