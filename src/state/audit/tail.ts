import { rm } from 'node:fs/promises';
import { type Finding, finding } from '../../core/desired/finding.ts';
import { messageOf } from '../../core/error-message.ts';
import { asideText, placeText } from '../journal/load.ts';
import { type Place, type Scan, scanLines } from '../journal/scan.ts';
import { keepTail } from '../journal/set-aside.ts';
import { brokenFinding } from './broken.ts';
import { type Break, type Follows, isChained, MAX_AUDIT_LINE_OCTETS, NO_HASH, readLine } from './chain.ts';
import { type AuditFile, auditFiles, MAX_READ_OCTETS } from './files.ts';
import type { AuditMark } from './mark.ts';

/**
 * Where the chain goes on. `size`: octets of the file that are good; 0 where the next entry begins a new file, behind the one of
 * this number. `follows`: what that one says of a break.
 */
export type Tail = {
  readonly number: number;
  readonly size: number;
  readonly seq: number;
  readonly hash: string;
  readonly follows: Follows | undefined;
  readonly findings: readonly Finding[];
};

/** `look`: another process owns the files, and nothing of them is touched. `mark`: what the journal knows of the end. */
export type TailOptions = {
  readonly folder: string;
  readonly at: number;
  readonly mode: 'own' | 'look';
  readonly mark: AuditMark | undefined;
};

/** The end of what is in the files. */
type End = {
  readonly seq: number;
  readonly hash: string;
  readonly size: number;
  readonly scan: Scan;
  /** The hash of the line that the journal knows; undefined where it is not in this file. */
  readonly marked: string | undefined;
  readonly markedAt: Place | undefined;
};

type Found = { readonly number: number; readonly file: AuditFile | undefined; readonly end: End | undefined };

/**
 * Finds the end of the chain. A torn end is cut off and set aside; what is wrong in front of it stays as it is, for it is
 * evidence, and is a finding. So is an end that is not the one that the journal knows: then all stays, and a new file goes on.
 * Never rejects: where a file cannot be read the next entry begins a new one.
 */
export async function findTail(options: TailOptions): Promise<Tail> {
  const { mark, mode } = options;
  const findings: Finding[] = [];
  const { number, file, end } = await lastEnd(options, findings);
  const [seq, hash] = [end?.seq ?? 0, end?.hash ?? NO_HASH];
  const found = mode === 'own' ? breakOf(end, mark) : undefined;
  if (found !== undefined) {
    // Where a file could not be read, that is the reason, and is told.
    if (end !== undefined || findings.length === 0)
      findings.push(toldBreak(found, file?.path ?? options.folder, end, mark));
    const follows = { seq, hash, found };
    // Numbers that were given are not given again.
    const last = mark !== undefined && mark.seq > seq ? mark : { seq, hash };
    return { number: Math.max(number, mark?.file ?? 0), size: 0, seq: last.seq, hash: last.hash, follows, findings };
  }
  // A file behind it that cannot be read keeps its number.
  const isLast = file !== undefined && file.number === number;
  if (mode === 'own' && isLast && end !== undefined && end.scan.size > end.size) {
    findings.push(await torn(file, end.scan, options.at));
  }
  return { number, size: isLast ? (end?.size ?? 0) : 0, seq, hash, follows: undefined, findings };
}

async function lastEnd(options: TailOptions, findings: Finding[]): Promise<Found> {
  let number = 0;
  try {
    for (const file of (await auditFiles(options.folder)).toReversed()) {
      const end = await endOf(file, options, findings);
      if (end === 'empty') continue;
      number = Math.max(number, file.number);
      if (end !== 'unreadable') return { number, file, end };
    }
  } catch (error) {
    findings.push(unreadable(options.folder, error));
  }
  return { number, file: undefined, end: undefined };
}

/** What is not as the journal knows it, or not as it was written. */
function breakOf(end: End | undefined, mark: AuditMark | undefined): Break | undefined {
  if (end !== undefined && end.scan.badTail > 0) return 'changed';
  if (mark === undefined) return undefined;
  if (mark.seq > (end?.seq ?? 0)) return 'cut';
  return end?.marked !== undefined && end.marked !== mark.hash ? 'other' : undefined;
}

function toldBreak(found: Break, file: string, end: End | undefined, mark: AuditMark | undefined): Finding {
  const last = end === undefined ? 'there is nothing of it' : `its last good line is number ${end.seq}`;
  if (found === 'cut') {
    return brokenFinding(
      file,
      `the journal knows of its number ${mark?.seq}, and ${last}: the end is gone, or an older copy is in its place`,
    );
  }
  if (found === 'other') {
    const where = end?.markedAt === undefined ? '' : ` (${placeText(end.markedAt)})`;
    return brokenFinding(
      file,
      `its number ${mark?.seq}${where} is another one than the journal knows: it was written anew`,
    );
  }
  const scan = end?.scan;
  const where = scan === undefined ? '' : ` (${placeText(scan.tail)})`;
  return brokenFinding(file, `the last ${scan?.badTail ?? 0} of its lines are not as they were written${where}`);
}

/** `empty`: nothing whole was in the file, and it is gone. */
async function endOf(
  file: AuditFile,
  options: TailOptions,
  findings: Finding[],
): Promise<End | 'empty' | 'unreadable'> {
  let [hash, seq, before] = ['', 0, ''];
  let marked: string | undefined;
  let markedAt: Place | undefined;
  let scan: Scan | undefined;
  try {
    scan = await scanLines({
      file: file.path,
      maxOctets: MAX_READ_OCTETS,
      maxLine: MAX_AUDIT_LINE_OCTETS,
      take(octets, place) {
        const line = readLine(octets);
        if (line === undefined) return 'bad';
        // After a bad line the next one cannot be checked, the one behind it can.
        const previous = line.kind === 'head' ? line.previous : before;
        before = line.hash;
        if (!isChained(octets, previous)) return 'bad';
        [hash, seq] = [line.hash, line.seq];
        if (seq === options.mark?.seq) [marked, markedAt] = [hash, place];
        return 'good';
      },
    });
  } catch (error) {
    findings.push(unreadable(file.path, error));
    return 'unreadable';
  }
  if (scan === undefined) return 'empty';
  findings.push(...told(file, scan));
  if (scan.goodLines > 0) return { hash, seq, size: scan.goodEnd, scan, marked, markedAt };
  if (scan.badTail > 0) {
    findings.push(brokenFinding(file.path, 'none of its lines is as it was written'));
    return 'unreadable';
  }
  // It was begun and never got its first line: what was in it is set aside.
  if (options.mode === 'look') return 'unreadable';
  if (scan.size > 0) findings.push(await torn(file, scan, options.at));
  return rm(file.path, { force: true }).then(
    () => 'empty' as const,
    () => 'unreadable' as const,
  );
}

function told({ path }: AuditFile, { damage }: Scan): readonly Finding[] {
  const [first] = damage.first;
  if (first === undefined) return [];
  return [brokenFinding(path, `${damage.lines} lines are not as they were written, the first is ${placeText(first)}`)];
}

async function torn({ path }: AuditFile, { size, goodEnd, tail }: Scan, at: number): Promise<Finding> {
  const aside = asideText(await keepTail(path, goodEnd, at), 'They are kept as');
  const message = `The audit ends with ${size - goodEnd} octets that are no whole line (${placeText(tail)}); they are cut off.`;
  return finding('journal-torn', { file: path }, message, `${aside} The process ended while it wrote an entry.`);
}

function unreadable(file: string, error: unknown): Finding {
  return brokenFinding(file, `it cannot be read: ${messageOf(error)}`);
}
