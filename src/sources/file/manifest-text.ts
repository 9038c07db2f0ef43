import { isAscii, isUtf8 } from 'node:buffer';
import { closeSync, constants, openSync, readSync } from 'node:fs';
import { messageOf } from '../../core/error-message.ts';
import { MAX_WHOLE_OCTETS, PART_OCTETS } from './limits.ts';

/** The text cannot be had, so nothing is known about what it says. */
export class UnreadableText extends Error {}

const LINE_FEED = 10;
const BYTE_ORDER_MARK = '\uFEFF';

/** A manifest's text in parts that follow each other: each but the last ends with a line. It can be walked again. */
export type ManifestText = {
  readonly octets: number;
  /** Throws `UnreadableText` where the file cannot be read or is not UTF-8. */
  parts(): Iterable<string>;
};

/** The text of a file of that many octets, read part by part as it is walked: what is behind them is left out. */
export function textOfFile(path: string, octets: number): ManifestText {
  return { octets, parts: () => partsOf(path, octets) };
}

/** All parts of a text as one. */
export function wholeText(text: ManifestText): string {
  return [...text.parts()].join('');
}

function* partsOf(path: string, octets: number): Iterable<string> {
  let file: number | undefined;
  try {
    // A named pipe that took the file's place would be waited for.
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    let room: Buffer = Buffer.allocUnsafe(Math.min(PART_OCTETS, octets));
    let [at, held] = [0, 0];
    let place: 'first' | 'later' = 'first';
    while (at < octets) {
      if (held === room.length) room = enlarged(room);
      const got = readSync(file, room, held, Math.min(room.length - held, octets - at), at);
      if (got === 0) break;
      at += got;
      held += got;
      const end = room.lastIndexOf(LINE_FEED, held - 1) + 1;
      if (end === 0) continue;
      yield decode(room.subarray(0, end), place);
      place = 'later';
      room.copyWithin(0, end, held);
      held -= end;
    }
    if (held > 0) yield decode(room.subarray(0, held), place);
  } catch (error) {
    throw new UnreadableText(messageOf(error));
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

/** Twice the room, for a line that did not fit. */
function enlarged(room: Buffer): Buffer {
  if (room.length >= MAX_WHOLE_OCTETS) throw new Error(`it has a line of over ${MAX_WHOLE_OCTETS} octets`);
  return Buffer.concat([room], room.length * 2);
}

/** Lines are cut at octets that are never part of a longer character. */
function decode(octets: Buffer, place: 'first' | 'later'): string {
  if (isAscii(octets)) return octets.toString('latin1');
  if (!isUtf8(octets)) throw new Error('it is not UTF-8');
  const text = octets.toString('utf8');
  return place === 'first' && text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text;
}
