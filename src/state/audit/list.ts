import { stat } from 'node:fs/promises';
import type { AuditPage, AuditRecord } from '../../core/ports.ts';
import { hasCode } from '../journal/journal-error.ts';
import { readLine } from './chain.ts';
import { type AuditFile, auditFiles } from './files.ts';
import { readLines } from './read-lines.ts';

/** Most files that one page is looked for in: those of one page are at the end of the chain, or next to each other. */
const MAX_LOOKED = 64;

/** A part of the audit in a folder, newest first. Lines that cannot be read are left out. Rejects with the system's error. */
export async function listAudit(
  folder: string,
  { before = Number.POSITIVE_INFINITY, limit }: { readonly before?: number; readonly limit: number },
): Promise<AuditPage> {
  const items: AuditRecord[] = [];
  let looked = 0;
  for (const file of (await auditFiles(folder)).toReversed()) {
    // One more than asked for: it tells that there is a next page.
    if (items.length > limit || looked === MAX_LOOKED) break;
    if (await isEmpty(file)) continue;
    looked += 1;
    if (!(await beginsBefore(file, before))) continue;
    const found = await lastOf(file, before, limit + 1 - items.length);
    items.push(...found.toReversed());
  }
  const next = items.length > limit ? items[limit - 1]?.seq : undefined;
  return { items: items.slice(0, limit), next };
}

/** Gives the entries of numbers above this, in their order. Lines that cannot be read are left out. Rejects with the system's error. */
export async function readSince(folder: string, seq: number, take: (record: AuditRecord) => void): Promise<void> {
  const wanted: AuditFile[] = [];
  for (const file of (await auditFiles(folder)).toReversed()) {
    if (await isEmpty(file)) continue;
    wanted.push(file);
    if (await beginsBefore(file, seq + 2)) break;
  }
  for (const file of wanted.toReversed()) {
    await read(file, (octets) => {
      const line = readLine(octets);
      if (line?.kind === 'entry' && line.seq > seq) take(line.record);
      return 'on';
    });
  }
}

/** Empty ones are no files of the audit. One that cannot be looked at is told by reading it. */
async function isEmpty({ path }: AuditFile): Promise<boolean> {
  const there = await stat(path).catch(() => undefined);
  return there?.size === 0;
}

/** Whether there may be entries of a number below this in the file. */
async function beginsBefore(file: AuditFile, before: number): Promise<boolean> {
  if (before === Number.POSITIVE_INFINITY) return true;
  let first: number | undefined;
  await read(file, (line) => {
    first ??= readLine(line)?.seq;
    return first === undefined ? 'on' : 'enough';
  });
  return first === undefined || first < before;
}

/** The last entries of a file with numbers below this, in its order. */
async function lastOf(file: AuditFile, before: number, count: number): Promise<readonly AuditRecord[]> {
  let last: AuditRecord[] = [];
  await read(file, (octets) => {
    const line = readLine(octets);
    if (line?.kind === 'entry' && line.seq < before) last.push(line.record);
    if (last.length > 2 * count) last = last.slice(-count);
    return line !== undefined && line.seq >= before ? 'enough' : 'on';
  });
  return last.slice(-count);
}

/** Gives the lines of a file until there is enough. A file that went meanwhile has none. */
async function read(file: AuditFile, take: (line: Buffer) => 'on' | 'enough'): Promise<void> {
  try {
    await readLines(file, take);
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error;
  }
}
