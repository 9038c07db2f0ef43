/** JSON with a checksum over what counts in it, so that a torn or edited file is noticed. */
import { createHash } from 'node:crypto';

/** The JSON in a text. Throws an Error that a person understands where it was cut. */
export function parseWhole(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error('it is not whole JSON');
  }
}

/** The checksum of a list as JSON: SHA-256 in hexadecimal. */
export function checksumOf(list: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(list)).digest('hex');
}
