import { type FileHandle, open } from 'node:fs/promises';
import { hasCode } from './journal-error.ts';

/** How much is read at once, in octets; other work gets its turn between two reads. */
const READ_OCTETS = 64 * 2 ** 10;
/** Most places of damage that are told one by one. */
const MAX_PLACES = 8;

/** Where something is wrong: a line from 1, and its first octet from 0. */
export type Place = { readonly line: number; readonly offset: number };

/** What became of a file of lines. */
export type Scan = {
  /** Of the file, in octets. */
  readonly size: number;
  /** Where the last good line ends; all behind it is the torn tail. */
  readonly goodEnd: number;
  readonly goodLines: number;
  /** Where the tail begins. */
  readonly tail: Place;
  /** Bad lines in the tail that are whole, with their ends: nobody was killed in the middle of them. */
  readonly badTail: number;
  /** Bad lines in front of good ones: how many, and the first of them. */
  readonly damage: { readonly lines: number; readonly first: readonly Place[] };
};

/** How a file is read. `take` gets each line without its end, and says whether it is one of ours. */
export type ScanOptions = {
  readonly file: string;
  /** A larger file is not read, in octets. */
  readonly maxOctets: number;
  /** A longer line is a bad one, in octets. */
  readonly maxLine: number;
  readonly take: (line: Buffer, place: Place) => 'good' | 'bad';
};

/** Reads a file line by line; undefined where there is none. Rejects with the system's error, or where it is too large. */
export async function scanLines(options: ScanOptions): Promise<Scan | undefined> {
  let handle: FileHandle;
  try {
    handle = await open(options.file, 'r');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
  try {
    const stat = await handle.stat();
    if (!stat.isFile()) throw new Error('it is no file');
    if (stat.size > options.maxOctets) throw new Error(`it has ${stat.size} octets, more than ${options.maxOctets}`);
    return await scan(handle, options);
  } finally {
    await handle.close();
  }
}

async function scan(handle: FileHandle, { maxOctets, maxLine, take }: ScanOptions): Promise<Scan> {
  const room = Buffer.allocUnsafe(READ_OCTETS);
  const tally = createTally();
  let parts: Buffer[] = [];
  let [length, size] = [0, 0];
  for (;;) {
    const { bytesRead } = await handle.read(room, 0, READ_OCTETS, size);
    if (bytesRead === 0) return tally.close(size);
    size += bytesRead;
    if (size > maxOctets) throw new Error(`it has more than ${maxOctets} octets`);
    let from = 0;
    for (let to = room.indexOf(10); to >= 0 && to < bytesRead; to = room.indexOf(10, from)) {
      length += to - from;
      const place = tally.place();
      const line = length > maxLine ? undefined : Buffer.concat([...parts, room.subarray(from, to)]);
      tally.add(line === undefined ? 'bad' : take(line, place), length + 1);
      [parts, length, from] = [[], 0, to + 1];
    }
    length += bytesRead - from;
    // Of a line that is too long nothing is kept.
    if (length <= maxLine) parts.push(Buffer.from(room.subarray(from, bytesRead)));
    else parts = [];
  }
}

function createTally() {
  let [line, offset, goodEnd, goodLines] = [1, 0, 0, 0];
  let tail: Place = { line, offset };
  let lines = 0;
  const first: Place[] = [];
  /** Bad ones that may yet turn out to be the tail. */
  let pending: Place[] = [];
  let pendingLines = 0;
  return {
    place: (): Place => ({ line, offset }),
    add(verdict: 'good' | 'bad', octets: number): void {
      if (verdict === 'bad') {
        pendingLines += 1;
        if (pending.length < MAX_PLACES) pending.push({ line, offset });
      } else {
        lines += pendingLines;
        first.push(...pending.slice(0, MAX_PLACES - first.length));
        [pending, pendingLines] = [[], 0];
        goodLines += 1;
      }
      line += 1;
      offset += octets;
      if (verdict === 'bad') return;
      goodEnd = offset;
      tail = { line, offset };
    },
    close: (size: number): Scan => ({
      size,
      goodEnd,
      goodLines,
      tail,
      badTail: pendingLines,
      damage: { lines, first },
    }),
  };
}
