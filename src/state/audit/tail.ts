import { rm } from 'node:fs/promises';
import { type Finding, finding } from '../../core/desired/finding.ts';
import { messageOf } from '../journal/journal-error.ts';
import { asideText, placeText } from '../journal/load.ts';
import { type Scan, scanLines } from '../journal/scan.ts';
import { keepTail } from '../journal/set-aside.ts';
import { isChained, MAX_AUDIT_LINE_OCTETS, NO_HASH, readLine } from './chain.ts';
import { type AuditFile, auditFiles, MAX_READ_OCTETS } from './files.ts';

/** Where the chain goes on. `size`: octets of the file that are good; 0 where the next entry begins a new file. */
export type Tail = {
  readonly number: number;
  readonly size: number;
  readonly seq: number;
  readonly hash: string;
  readonly findings: readonly Finding[];
};

/** `look`: another process owns the files, and nothing of them is touched. */
export type TailOptions = { readonly folder: string; readonly at: number; readonly mode: 'own' | 'look' };

/**
 * Finds the end of the chain. A torn end is cut off and set aside; what is wrong in front of it stays as it is, for it is
 * evidence, and is a finding. Never rejects: where a file cannot be read the next entry begins a new one.
 */
export async function findTail(options: TailOptions): Promise<Tail> {
  const findings: Finding[] = [];
  let number = 0;
  try {
    for (const file of (await auditFiles(options.folder)).toReversed()) {
      const end = await endOf(file, options, findings);
      if (end === 'empty') continue;
      number = Math.max(number, file.number);
      if (end === 'unreadable') continue;
      // A file behind it that cannot be read keeps its number.
      const isLast = number === file.number;
      return { ...end, number, size: isLast ? end.size : 0, findings };
    }
  } catch (error) {
    findings.push(unreadable(options.folder, error));
  }
  return { number, size: 0, seq: 0, hash: NO_HASH, findings };
}

type End = Pick<Tail, 'seq' | 'hash' | 'size'>;

/** `empty`: nothing good was in the file, and it is gone. */
async function endOf(
  file: AuditFile,
  options: TailOptions,
  findings: Finding[],
): Promise<End | 'empty' | 'unreadable'> {
  let [hash, seq, before] = ['', 0, ''];
  let scan: Scan | undefined;
  try {
    scan = await scanLines({
      file: file.path,
      maxOctets: MAX_READ_OCTETS,
      maxLine: MAX_AUDIT_LINE_OCTETS,
      take(octets) {
        const line = readLine(octets);
        if (line === undefined) return 'bad';
        // After a bad line the next one cannot be checked, the one behind it can.
        const previous = line.kind === 'head' ? line.previous : before;
        before = line.hash;
        if (!isChained(octets, previous)) return 'bad';
        [hash, seq] = [line.hash, line.seq];
        return 'good';
      },
    });
  } catch (error) {
    findings.push(unreadable(file.path, error));
    return 'unreadable';
  }
  if (scan === undefined) return 'empty';
  findings.push(...told(file, scan));
  if (scan.size > scan.goodEnd && options.mode === 'own') findings.push(await torn(file, scan, options.at));
  if (scan.goodLines > 0) return { hash, seq, size: scan.goodEnd };
  // It was begun and never got its first line: what was in it is set aside.
  if (options.mode === 'look') return 'unreadable';
  return rm(file.path, { force: true }).then(
    () => 'empty' as const,
    () => 'unreadable' as const,
  );
}

function told({ path }: AuditFile, { damage }: Scan): readonly Finding[] {
  const [first] = damage.first;
  if (first === undefined) return [];
  const message = `The audit is damaged: ${damage.lines} lines are not as they were written, the first is ${placeText(first)}.`;
  return [finding('journal-damaged', { file: path }, message, 'Run "azimuth audit verify". The file stays as it is.')];
}

async function torn({ path }: AuditFile, { size, goodEnd, tail }: Scan, at: number): Promise<Finding> {
  const aside = asideText(await keepTail(path, goodEnd, at), 'They are kept as');
  const message = `The audit ends with ${size - goodEnd} octets that are no whole line (${placeText(tail)}); they are cut off.`;
  return finding('journal-torn', { file: path }, message, `Nothing of them was acknowledged. ${aside}`);
}

function unreadable(file: string, error: unknown): Finding {
  const message = `The audit cannot be read: ${messageOf(error)}. What follows is written to a new file.`;
  return finding('journal-damaged', { file }, message);
}
