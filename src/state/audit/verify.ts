import { messageOf } from '../journal/journal-error.ts';
import { type Scan, scanLines } from '../journal/scan.ts';
import { isChained, MAX_AUDIT_LINE_OCTETS, NO_HASH, readLine } from './chain.ts';
import { type AuditFile, auditFiles, auditFolder, MAX_READ_OCTETS } from './files.ts';

/**
 * What the files of an audit are worth. `firstSeq`: above 1 where older files were given up; `tornOctets`: at its end, of an
 * entry that is just being written, or never was acknowledged. `broken`: from the first place that is not as it was written.
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

type Walk = { hash: string | undefined; seq: number; firstSeq: number; entries: number };

/** A place that breaks the chain. */
class BrokenChain extends Error {
  readonly line: number;

  constructor(line: number, reason: string) {
    super(reason);
    this.line = line;
  }
}

/** Checks the whole chain of a state directory, from its files alone. Never rejects. */
export async function verifyAudit(directory: string): Promise<AuditVerdict> {
  const folder = auditFolder(directory);
  const walk: Walk = { hash: undefined, seq: 0, firstSeq: 0, entries: 0 };
  let at: AuditFile = { path: folder, number: 0 };
  let tornOctets = 0;
  try {
    const files = await auditFiles(folder);
    if (files.length === 0) return { state: 'none' };
    for (const [index, file] of files.entries()) {
      const before = files[index - 1];
      at = file;
      if (before !== undefined && file.number !== before.number + 1) {
        throw new BrokenChain(1, `a file is missing between it and ${before.path}`);
      }
      tornOctets = await verifyFile(file, walk, index === files.length - 1 ? 'last' : 'inner');
    }
    const { entries, firstSeq, seq, hash = NO_HASH } = walk;
    return { state: 'whole', files: files.length, entries, firstSeq, lastSeq: seq, lastHash: hash, tornOctets };
  } catch (error) {
    const line = error instanceof BrokenChain ? error.line : 1;
    return { state: 'broken', file: at.path, line, reason: messageOf(error), entries: walk.entries };
  }
}

/** Returns how many octets of no whole line are at its end. Throws where the chain breaks. */
async function verifyFile({ path }: AuditFile, walk: Walk, place: 'inner' | 'last'): Promise<number> {
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
  const { line } = scan.tail;
  // Too long for a line, and so never taken.
  if (scan.damage.lines > 0) throw new BrokenChain(scan.damage.first[0]?.line ?? 1, 'the line cannot be read');
  const rest = scan.size - scan.goodEnd;
  if (place === 'inner' && (rest > 0 || scan.goodLines === 0))
    throw new BrokenChain(line, 'the file ends within a line');
  if (rest > MAX_AUDIT_LINE_OCTETS) throw new BrokenChain(line, 'the line cannot be read');
  return rest;
}

function follow(octets: Buffer, number: number, walk: Walk): void {
  const line = readLine(octets);
  if (line === undefined) throw new BrokenChain(number, 'the line cannot be read');
  const isHead = line.kind === 'head';
  if (isHead !== (number === 1)) throw new BrokenChain(number, 'the first line, and no other, begins a file');
  if (isHead) {
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
  walk.hash = line.hash;
  walk.seq = line.seq;
  if (!isHead) walk.entries += 1;
}
