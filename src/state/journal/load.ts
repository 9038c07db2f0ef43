import { type Finding, finding } from '../../core/desired/finding.ts';
import { messageOf } from '../../core/error-message.ts';
import { type JournalEntry, readLine } from './entry.ts';
import { type Place, type Scan, scanLines } from './scan.ts';
import { type Aside, keepCopy, keepTail, moveAway } from './set-aside.ts';
import { createValues, type JournalValues } from './values.ts';

/** A larger journal is none of ours, in octets: four times the most that is kept. */
export const MAX_JOURNAL_OCTETS = 256 * 2 ** 20;
/** Longest line, in octets: a rollout with all the hostnames that it may have is far below it. */
const MAX_LINE_OCTETS = 8 * 2 ** 20;

/** The kind of the first line, and the form of all of them; a reader moves every other form away. */
export const HEAD_KIND = 'azimuth-journal';
/** See `HEAD_KIND`. */
export const VERSION = '1';

/** What a journal held. */
export type Loaded = {
  readonly values: JournalValues;
  /** Number of the last line. */
  readonly seq: number;
  /** Octets of the file that are good. */
  readonly size: number;
  /** `none`: there was no file. `healed`: lines are missing, and it is to be written anew. `unusable`: it must not be written. */
  readonly state: 'none' | 'whole' | 'healed' | 'unusable';
  readonly findings: readonly Finding[];
};

/**
 * `look`: another process owns the file, and nothing of it is touched. `known`: what is in force where it cannot be read at all;
 * `nothing` unless it was read before.
 */
export type LoadOptions = {
  readonly file: string;
  readonly at: number;
  readonly mode: 'own' | 'look';
  readonly known?: 'nothing' | 'read-before';
  /** Gets each good line, in their order. */
  readonly take?: (entry: JournalEntry) => void;
};

/** Reads a journal. What is wrong with it is a finding and what was good is used. Never rejects. */
export async function loadJournal(options: LoadOptions): Promise<Loaded> {
  const { file } = options;
  const values = createValues();
  const reading = createReading(values, options.take);
  try {
    const scan = await scanLines({
      file,
      maxOctets: MAX_JOURNAL_OCTETS,
      maxLine: MAX_LINE_OCTETS,
      take: (line, place) => reading.take(line, place),
    });
    if (scan === undefined) return { values, seq: 0, size: 0, state: 'none', findings: [] };
    if (reading.version() !== VERSION) return await unreadable(options, `its version is ${reading.version()}`);
    const findings = [...(await damaged(options, scan, reading.gaps())), ...(await torn(options, scan))];
    const isHurt = badOf(scan) > 0 || reading.gaps().length > 0;
    const state = isHurt ? 'healed' : 'whole';
    return { values, seq: reading.seq(), size: scan.goodEnd, state, findings };
  } catch (error) {
    return unreadable(options, messageOf(error));
  }
}

function createReading(values: JournalValues, tell?: (entry: JournalEntry) => void) {
  let seq = 0;
  let version = VERSION;
  const gaps: Place[] = [];
  /** A line that was there already, or comes from elsewhere, is no line of this place. */
  const isNext = (entry: JournalEntry): boolean => entry.seq > seq;
  return {
    seq: () => seq,
    version: () => version,
    gaps: (): readonly Place[] => gaps,
    take(line: Buffer, place: Place): 'good' | 'bad' {
      const entry = readLine(line);
      if (entry === undefined || !isNext(entry)) return 'bad';
      // Bad lines in between are told as such.
      if (seq > 0 && entry.seq > seq + 1) gaps.push(place);
      seq = entry.seq;
      tell?.(entry);
      if (entry.kind !== HEAD_KIND) values.apply(entry);
      else if (entry.put[0]?.[0] === 'version') version = entry.put[0][1];
      return 'good';
    },
  };
}

async function damaged(
  { file, at, mode }: LoadOptions,
  scan: Scan,
  gaps: readonly Place[],
): Promise<readonly Finding[]> {
  const { damage, badTail, tail } = scan;
  if (badOf(scan) === 0 && gaps.length === 0) return [];
  const bad = [...damage.first, ...(badTail > 0 ? [tail] : [])];
  const places = (bad.length > 0 ? bad : gaps.slice(0, 1)).map(placeText).join(', ');
  const what =
    bad.length > 0
      ? `${badOf(scan)} of its lines cannot be read (${places})`
      : `lines are missing in front of ${places}`;
  const aside = mode === 'own' ? asideText(await keepCopy(file, at), 'A copy is kept as') : 'Nothing was changed.';
  const message = `The journal is damaged: ${what}. What else it holds is in force.`;
  return [finding('journal-damaged', { file }, message, `Look at what was ordered last. ${aside}`)];
}

/** Lines that were whole, and are not as they were written. */
function badOf({ damage, badTail }: Scan): number {
  return damage.lines + badTail;
}

async function torn(
  { file, at, mode }: LoadOptions,
  { size, goodEnd, tail, badTail }: Scan,
): Promise<readonly Finding[]> {
  // Of lines that were whole a copy is kept.
  if (size === goodEnd || badTail > 0 || mode === 'look') return [];
  const aside = asideText(await keepTail(file, goodEnd, at), 'They are kept as');
  const message = `The journal ends with ${size - goodEnd} octets that are no whole line (${placeText(tail)}); they are cut off.`;
  return [finding('journal-torn', { file }, message, `Nothing of them was acknowledged. ${aside}`)];
}

async function unreadable({ file, at, mode, known }: LoadOptions, reason: string): Promise<Loaded> {
  const isKnown = known === 'read-before';
  const force = isKnown
    ? 'What was read of it last is in force.'
    : 'Drains, rollouts and holds ordered before this start are not in force.';
  const message = `The journal cannot be read: ${reason}. ${force}`;
  const nothing = { values: createValues(), seq: 0, size: 0 };
  const aside: Aside = mode === 'own' ? await moveAway(file, at) : { problem: 'another process has it' };
  const isMoved = 'kept' in aside;
  const again = isKnown ? 'Look at what was ordered last.' : 'Order them again.';
  const advice = isMoved ? again : 'Move it away and start again: until then no order is taken.';
  const findings = [finding('journal-unreadable', { file }, message, `${asideText(aside, 'It is kept as')} ${advice}`)];
  return { ...nothing, state: isMoved ? 'none' : 'unusable', findings };
}

/** What a finding says of what was set aside. */
export function asideText(aside: Aside, kept: string): string {
  return 'kept' in aside ? `${kept} ${aside.kept}.` : `They could not be set aside (${aside.problem}).`;
}

/** A place for people. */
export function placeText({ line, offset }: Place): string {
  return `line ${line}, octet ${offset}`;
}
