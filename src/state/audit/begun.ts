import { rm } from 'node:fs/promises';
import { scanLines } from '../journal/scan.ts';
import { MAX_AUDIT_LINE_OCTETS, readLine } from './chain.ts';
import { type AuditFile, auditFiles, MAX_READ_OCTETS } from './files.ts';

/**
 * Removes the oldest files of the audit, so that so many are left that begin as one of the audit does: others hold nothing, and
 * push nothing out. Never rejects: what cannot be removed now goes when the next file is begun.
 */
export async function forgetOldest(folder: string, files: number): Promise<void> {
  try {
    const all = await auditFiles(folder);
    let begun = 0;
    for (const file of all.toReversed()) {
      if (begun < files) begun += (await isBegun(file)) ? 1 : 0;
      else await rm(file.path, { force: true });
    }
  } catch {
    // Then there is one file more; the next one that is begun tries again.
  }
}

/** Whether its first line is one of a file of the audit. What cannot be read may be one. */
async function isBegun({ path }: AuditFile): Promise<boolean> {
  const enough = new Error('enough');
  let first = '';
  try {
    await scanLines({
      file: path,
      maxOctets: MAX_READ_OCTETS,
      maxLine: MAX_AUDIT_LINE_OCTETS,
      take(line) {
        first = readLine(line)?.kind ?? '';
        throw enough;
      },
    });
  } catch (error) {
    return error !== enough || first === 'head';
  }
  return false;
}
