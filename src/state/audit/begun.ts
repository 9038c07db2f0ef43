import { rm } from 'node:fs/promises';
import { readLine } from './chain.ts';
import { type AuditFile, auditFiles } from './files.ts';
import { readLines } from './read-lines.ts';

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
async function isBegun(file: AuditFile): Promise<boolean> {
  let first = '';
  try {
    await readLines(file, (line) => {
      first = readLine(line)?.kind ?? '';
      return 'enough';
    });
  } catch {
    return true;
  }
  return first === 'head';
}
