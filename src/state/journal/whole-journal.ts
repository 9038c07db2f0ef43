import { bodyOf, lineOf } from './entry.ts';
import { HEAD_KIND, VERSION } from './load.ts';
import { type JournalValues, sizeOf } from './values.ts';

/** Octets of values in one line of a compacted journal: the rest of the process gets its turn between them. */
const LINE_OCTETS = 64 * 2 ** 10;

/** The lines of a new file that holds these values, numbered on behind `seq`. */
export function* wholeJournal(values: JournalValues, seq: number, at: number): Generator<Buffer> {
  let number = seq + 1;
  yield headLine(number, at);
  for (const [kind, all] of values.all()) {
    for (const put of slices(all)) {
      number += 1;
      yield lineOf(number, bodyOf({ kind, at, put, drop: [] }));
    }
  }
}

/** The first line of all. */
export function headLine(seq: number, at: number): Buffer {
  return lineOf(seq, bodyOf({ kind: HEAD_KIND, at, put: [['version', VERSION]], drop: [] }));
}

/** Values in parts that are not much larger than a line is to be. */
function* slices(values: ReadonlyMap<string, string>): Generator<readonly (readonly [string, string])[]> {
  let part: (readonly [string, string])[] = [];
  let octets = 0;
  for (const [key, text] of values) {
    const size = sizeOf(key, text);
    if (part.length > 0 && octets + size > LINE_OCTETS) {
      yield part;
      [part, octets] = [[], 0];
    }
    part.push([key, text]);
    octets += size;
  }
  if (part.length > 0) yield part;
}
