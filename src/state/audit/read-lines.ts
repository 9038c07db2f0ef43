import { scanLines } from '../journal/scan.ts';
import { MAX_AUDIT_LINE_OCTETS } from './chain.ts';
import { type AuditFile, MAX_READ_OCTETS } from './files.ts';

/** Gives the lines of a file of the audit until there is enough. Rejects with the system's error. */
export async function readLines({ path }: AuditFile, take: (line: Buffer) => 'on' | 'enough'): Promise<void> {
  const enough = new Error('enough');
  try {
    await scanLines({
      file: path,
      maxOctets: MAX_READ_OCTETS,
      maxLine: MAX_AUDIT_LINE_OCTETS,
      take(line) {
        if (take(line) === 'enough') throw enough;
        return 'good';
      },
    });
  } catch (error) {
    if (error !== enough) throw error;
  }
}
