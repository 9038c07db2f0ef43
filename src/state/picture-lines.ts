import type { FileHandle } from 'node:fs/promises';
import { DamagedPicture } from './picture-damage.ts';

/** How much is read at once, in octets; then other work gets its turn. */
const PART_OCTETS = 64 * 2 ** 10;
const NEWLINE = 0x0a;

/**
 * The lines of a file without their ends, as many at a time as one read brings. What follows the last end is a line, too.
 * Throws `DamagedPicture` at a line of more than `maxOctets`.
 */
export async function* linesOf(handle: FileHandle, maxOctets: number): AsyncGenerator<readonly Buffer[]> {
  let begun: Buffer[] = [];
  let octets = 0;
  for (;;) {
    const { buffer, bytesRead } = await handle.read(Buffer.allocUnsafeSlow(PART_OCTETS), 0, PART_OCTETS);
    if (bytesRead === 0) break;
    const part = buffer.subarray(0, bytesRead);
    const lines: Buffer[] = [];
    let start = 0;
    for (let end = part.indexOf(NEWLINE); end >= 0; end = part.indexOf(NEWLINE, start)) {
      lines.push(Buffer.concat([...begun, part.subarray(start, end)]));
      begun = [];
      octets = 0;
      start = end + 1;
    }
    octets += part.length - start;
    if (octets > maxOctets) throw new DamagedPicture(`a line has more than ${maxOctets} octets`);
    if (start < part.length) begun.push(part.subarray(start));
    yield lines;
  }
  if (octets > 0) yield [Buffer.concat(begun)];
}
