import { type Finding, finding } from '../../core/desired/finding.ts';
import type { AuditEntry, AuditRecord } from '../../core/ports.ts';
import { ORDER_KINDS } from '../before-the-journal.ts';
import type { Journal } from '../journal/journal.ts';
import { allDeeds, staleOf } from './account.ts';
import { type Deed, deedsOf, FOUND_IN_FORCE, isAbout, type Told, toldBy } from './deeds.ts';
import { readSince } from './list.ts';
import { AUDIT_KIND, type AuditMark, markIn } from './mark.ts';
import { isOver, NO_PAST, orderedAt, type Past, pastOf, takenBack, wasDropped } from './taken-back.ts';

/**
 * What journal and audit say of each other. `found`: entries of orders that are in force without one, or were taken back without
 * one. `ids`: of orders that have one that the journal did not know of. `stale`: what it knew of orders that are gone.
 */
export type Reckoning = {
  readonly found: readonly AuditEntry[];
  readonly ids: ReadonlyMap<string, string>;
  readonly stale: readonly string[];
  readonly findings: readonly Finding[];
};

/** What is compared. `end`: the newest line of the audit; `now` in ms since the epoch. */
export type ReckoningOptions = {
  readonly journal: Pick<Journal, 'values'>;
  readonly folder: string;
  /** Where the journal is, for people. */
  readonly file: string;
  readonly end: AuditMark | undefined;
  readonly now: number;
};

/** Most orders that a finding names. */
const MAX_NAMED = 10;

/** The last that the audit says of an order, as far as it counts. */
type LastTold = Told & { readonly at: number; readonly orderedAt: number; readonly isOver: boolean };

/**
 * Compares the journal with what the audit has since the line that the journal knows of: some entries, and all of it where it knows
 * of none. To be called before anything is ordered. Rejects where the audit cannot be read.
 */
export async function reckon(options: ReckoningOptions): Promise<Reckoning> {
  const { journal, folder, end, now } = options;
  const known = journal.values(AUDIT_KIND);
  const since = markIn(known)?.seq ?? 0;
  const deeds = allDeeds(journal);
  const open = new Map(
    deeds.filter(({ key, id }) => known.get(key) !== JSON.stringify(id)).map((deed) => [deed.key, deed]),
  );
  const byTarget = Map.groupBy(open.values(), ({ action, target }) => `${action} ${target}`);
  const ids = new Map<string, string>();
  const last = new Map<string, LastTold>();
  const take = (record: AuditRecord): void => {
    const told = toldBy(record);
    if (told !== undefined)
      last.set(nameOf(told), { ...told, at: record.at, orderedAt: orderedAt(record), isOver: isOver(record, now) });
    for (const deed of byTarget.get(`${record.action} ${record.target}`) ?? []) {
      if (isAbout(record, deed)) ids.set(deed.key, deed.id);
    }
  };
  if (end !== undefined && end.seq > since) await readSince(folder, since, take);
  const unaudited = [...open.values()].filter(({ key }) => !ids.has(key));
  const stale = staleOf(journal);
  const gone = [...last.values()].filter((told) => told.turn === 'ordered' && !isThere(journal, told));
  const past = gone.length > 0 || stale.length > 0 || isBare(journal) ? await pastOf(options.file) : NO_PAST;
  // What the journal knows of, and is gone: nothing behind its mark says that it was taken back.
  const names = new Set([...gone.map(nameOf), ...stale.filter((name) => !last.has(name))]);
  // An old file that cannot be read keeps nobody from telling what is in force.
  const back = await takenBack({ folder, past, names, now }).catch(() => new Map<string, AuditEntry>());
  for (const name of back.keys()) ids.set(name, TAKEN_BACK);
  return {
    found: [...unaudited.map((deed) => entryOf(deed, now)), ...back.values()],
    ids,
    stale: stale.filter((name) => !back.has(name)),
    findings: missing(options, [...last.values()], { unaudited, past }),
  };
}

/** Stands for an order that is gone until its end has an entry. */
const TAKEN_BACK = 'taken-back';

function nameOf({ kind, key }: Told): string {
  return `${kind} ${key}`;
}

function isThere(journal: Pick<Journal, 'values'>, { kind, key }: Told): boolean {
  return journal.values(kind).has(key);
}

function isBare(journal: Pick<Journal, 'values'>): boolean {
  const kinds = [...Object.values(ORDER_KINDS), 'health', 'health-alive', AUDIT_KIND];
  return kinds.every((kind) => journal.values(kind).size === 0);
}

/** From where it was ordered is not known any more. It is never older than the order, wherever the clock was set to. */
function entryOf({ at, who, action, target, after }: Deed, now: number): AuditEntry {
  return { at: Math.max(at, now), who, from: '', action, target, before: null, after, outcome: FOUND_IN_FORCE };
}

/** An order is saved before it is audited, so the journal is never behind: unless it is gone, or an older one. */
function missing(
  { journal, file }: ReckoningOptions,
  last: readonly LastTold[],
  { unaudited, past }: { readonly unaudited: readonly Deed[]; readonly past: Past },
): readonly Finding[] {
  const gone = last.filter(
    // Drills end by themselves, and old ones are forgotten. What the journal saw go is not lost.
    (told) =>
      told.turn === 'ordered' &&
      told.kind !== ORDER_KINDS.drills &&
      !told.isOver &&
      !isThere(journal, told) &&
      !wasDropped(past, nameOf(told), told.orderedAt),
  );
  const unknown = new Set(unaudited.map(({ key }) => key));
  const back = last.filter(({ kind, key, turn, at }) => {
    const text = journal.values(kind).get(key);
    const [deed] = text === undefined ? [] : deedsOf(kind, key, text);
    return turn === 'taken-back' && deed !== undefined && deed.at <= at && !unknown.has(deed.key);
  });
  const isGone = isBare(journal) && past.lines === 0;
  if (gone.length === 0 && back.length === 0 && !(isGone && last.length > 0)) return [];
  const what = isGone
    ? 'The journal is gone, and the audit beside it has orders'
    : 'The journal is older than the audit beside it';
  const parts = [
    ...(gone.length > 0 ? [`not in force, though ordered: ${named(gone)}`] : []),
    ...(back.length > 0 ? [`in force, though taken back: ${named(back)}`] : []),
    ...(isGone ? ['holds are forgotten'] : []),
  ];
  const advice = 'Look at "azimuth audit list": order again what is to hold, and take back what is not.';
  return [finding('journal-missing', { file }, `${what}. ${capital(parts.join('; '))}.`, advice)];
}

/** The newest first. */
function named(all: readonly LastTold[]): string {
  const newest = all.toSorted((a, b) => b.at - a.at);
  const names = newest.slice(0, MAX_NAMED).map(({ kind, key }) => `${kind} ${key}`);
  return `${names.join(', ')}${all.length > names.length ? ` and ${all.length - names.length} more` : ''}`;
}

function capital(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
}
