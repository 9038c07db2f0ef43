import { join } from 'node:path';
import { messageOf } from '../../core/error-message.ts';
import { loadJournal } from '../journal/load.ts';
import { type Scan, scanLines } from '../journal/scan.ts';
import { type Break, type Follows, isChained, MAX_AUDIT_LINE_OCTETS, NO_HASH, readLine } from './chain.ts';
import { type AuditFile, auditFiles, auditFolder, MAX_READ_OCTETS } from './files.ts';
import { AUDIT_KIND, type AuditMark, markIn } from './mark.ts';

/**
 * What the files of an audit are worth. `firstSeq`: above 1 where older files were given up; `tornOctets`: at its end, of an
 * entry that is just being written, or was when the process ended. `broken`: from the first place that is not as it was written,
 * or as the journal knows it.
 */
export type AuditVerdict =
  | {
      readonly state: 'whole';
      readonly files: number;
      readonly entries: number;
      readonly firstSeq: number;
      readonly lastSeq: number;
      readonly lastHash: string;
      readonly tornOctets: number;
    }
  | {
      readonly state: 'broken';
      readonly file: string;
      /** From 1. */
      readonly line: number;
      readonly reason: string;
      /** Good entries in front of it. */
      readonly entries: number;
    }
  | { readonly state: 'none' };

type Walk = {
  readonly mark: AuditMark | undefined;
  hash: string | undefined;
  seq: number;
  firstSeq: number;
  entries: number;
};

/** A place that breaks the chain. */
class BrokenChain extends Error {
  readonly line: number;

  constructor(line: number, reason: string) {
    super(reason);
    this.line = line;
  }
}

/** Checks the whole chain of a state directory, and its end against the journal beside it, from the files alone. Never rejects. */
export async function verifyAudit(directory: string): Promise<AuditVerdict> {
  const folder = auditFolder(directory);
  // Before the files: the journal is behind the audit, never ahead.
  const walk: Walk = { mark: await markOf(directory), hash: undefined, seq: 0, firstSeq: 0, entries: 0 };
  let at: AuditFile = { path: folder, number: 0 };
  let last = { rest: 0, lines: 0 };
  try {
    const files = await auditFiles(folder);
    if (files.length === 0 && walk.mark === undefined) return { state: 'none' };
    for (const [index, file] of files.entries()) {
      const before = files[index - 1];
      at = file;
      if (before !== undefined && file.number !== before.number + 1) {
        throw new BrokenChain(1, `a file is missing between it and ${before.path}`);
      }
      last = await verifyFile(file, walk, index === files.length - 1 ? 'last' : 'inner');
    }
    const { entries, firstSeq, seq, mark, hash = NO_HASH } = walk;
    if (mark !== undefined && mark.seq > seq) throw new BrokenChain(last.lines + 1, cutText(seq, mark));
    const tornOctets = last.rest;
    return { state: 'whole', files: files.length, entries, firstSeq, lastSeq: seq, lastHash: hash, tornOctets };
  } catch (error) {
    const line = error instanceof BrokenChain ? error.line : 1;
    return { state: 'broken', file: at.path, line, reason: messageOf(error), entries: walk.entries };
  }
}

/** What the journal knows of the end; undefined where it knows nothing, or cannot be read. */
async function markOf(directory: string): Promise<AuditMark | undefined> {
  const { values } = await loadJournal({ file: join(directory, 'journal'), at: 0, mode: 'look' });
  return markIn(values.of(AUDIT_KIND));
}

function cutText(seq: number, mark: AuditMark): string {
  const end = seq === 0 ? 'no line is there' : `number ${seq} is the last one`;
  return `${end}, and the journal knows of number ${mark.seq}: the end was taken away, or this is an older copy`;
}

/** How many octets of no whole line are at its end, and how many lines it has. Throws where the chain breaks. */
async function verifyFile(
  { path }: AuditFile,
  walk: Walk,
  place: 'inner' | 'last',
): Promise<{ readonly rest: number; readonly lines: number }> {
  const scan: Scan | undefined = await scanLines({
    file: path,
    maxOctets: MAX_READ_OCTETS,
    maxLine: MAX_AUDIT_LINE_OCTETS,
    take(line, { line: number }) {
      follow(line, number, walk);
      return 'good';
    },
  });
  if (scan === undefined) throw new Error('it is gone');
  // It was begun when the disk was full, and holds nothing: what is missing is missed by the file behind it.
  if (scan.size === 0) return { rest: 0, lines: 0 };
  const { line } = scan.tail;
  // Too long for a line, and so never taken.
  if (scan.damage.lines > 0) throw new BrokenChain(scan.damage.first[0]?.line ?? 1, 'the line cannot be read');
  const rest = scan.size - scan.goodEnd;
  if (place === 'inner' && (rest > 0 || scan.goodLines === 0))
    throw new BrokenChain(line, 'the file ends within a line');
  if (rest > MAX_AUDIT_LINE_OCTETS) throw new BrokenChain(line, 'the line cannot be read');
  return { rest, lines: scan.goodLines };
}

function follow(octets: Buffer, number: number, walk: Walk): void {
  const line = readLine(octets);
  if (line === undefined) throw new BrokenChain(number, 'the line cannot be read');
  const isHead = line.kind === 'head';
  if (isHead !== (number === 1)) throw new BrokenChain(number, 'the first line, and no other, begins a file');
  if (isHead) {
    if (line.follows !== undefined) throw new BrokenChain(number, followsText(line.follows));
    if (line.version !== 1) throw new BrokenChain(number, `its version is ${line.version}`);
    // Of files that were given up nothing is known but what the next one says of them.
    const isFirst = walk.hash === undefined && (line.seq > 1 || line.previous === NO_HASH);
    if (!isFirst && line.previous !== walk.hash) throw new BrokenChain(number, 'it does not continue the file before');
    walk.hash = line.previous;
    if (walk.firstSeq === 0) [walk.firstSeq, walk.seq] = [line.seq, line.seq - 1];
  }
  if (line.seq !== walk.seq + 1) throw new BrokenChain(number, `its number is ${line.seq}, not ${walk.seq + 1}`);
  if (!isChained(octets, walk.hash ?? NO_HASH)) {
    throw new BrokenChain(number, `entry ${line.seq} is not as it was written, or what is in front of it is not`);
  }
  if (line.seq === walk.mark?.seq && line.hash !== walk.mark.hash) {
    throw new BrokenChain(number, `entry ${line.seq} is another one than the journal knows`);
  }
  walk.hash = line.hash;
  walk.seq = line.seq;
  if (!isHead) walk.entries += 1;
}

const FOUND: Readonly<Record<Break, string>> = {
  changed: 'the lines behind it were not as they were written',
  cut: 'the lines behind it were gone, or it was an older copy',
  other: 'a line was another one than the journal knew',
  gone: 'the file was taken away, or made shorter, while the director ran',
};

/** What the director found when it began the file. */
function followsText({ seq, found }: Follows): string {
  const last = seq === 0 ? 'no good line was left' : `number ${seq} was the last good line`;
  return `the file begins behind a break: ${last}, and ${FOUND[found]}`;
}
