import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { hasCode } from '../journal/journal-error.ts';

/** A file of the audit is followed by a new one when it is larger than this, in octets. */
export const MAX_AUDIT_FILE_OCTETS = 4 * 2 ** 20;
/** Most files of the audit; when there is one more the oldest goes: some 250,000 entries are kept. */
export const MAX_AUDIT_FILES = 64;
/** A larger file is none of ours, in octets. */
export const MAX_READ_OCTETS = 64 * 2 ** 20;

/** One file of the audit; numbers count up from 1. */
export type AuditFile = { readonly path: string; readonly number: number };

/** Where the audit of a state directory is. */
export function auditFolder(directory: string): string {
  return join(directory, 'audit');
}

/** The file of a number. */
export function auditFile(folder: string, number: number): AuditFile {
  return { path: join(folder, `${String(number).padStart(8, '0')}.jsonl`), number };
}

/** All files of the audit, the oldest first; none where there is no folder. Rejects with the system's error. */
export async function auditFiles(folder: string): Promise<readonly AuditFile[]> {
  try {
    const numbers = (await readdir(folder)).flatMap((name) => {
      const digits = /^(\d{8,15})\.jsonl$/.exec(name)?.[1];
      return digits === undefined ? [] : [Number(digits)];
    });
    return numbers.toSorted((a, b) => a - b).map((number) => auditFile(folder, number));
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return [];
    throw error;
  }
}

/** The number of the file behind this one, and behind all that somebody put there. Never rejects. */
export async function freeNumber(folder: string, number: number): Promise<number> {
  const files = await auditFiles(folder).catch(() => []);
  return Math.max(number, ...files.map((file) => file.number)) + 1;
}
