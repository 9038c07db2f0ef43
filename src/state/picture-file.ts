import { createHash } from 'node:crypto';
import { constants, type FileHandle, open } from 'node:fs/promises';
import type { GatewayApiObject } from '../core/desired/gateway-api/objects.ts';
import type { Picture } from '../core/desired/picture.ts';
import type { StoredPicture } from '../core/ports.ts';
import { DamagedPicture, OtherPicture } from './picture-damage.ts';
import { linesOf } from './picture-lines.ts';
import { createRestorer, parseLine, writeObject } from './picture-object.ts';
import { isStoredHead, isStoredTail, SHAPE, type StoredHead } from './picture-schema.ts';

/** Most objects of a saved picture: no source takes more. */
const MAX_STORED_OBJECTS = 250_000;
/** Largest file of a saved picture, in octets: 100,000 Routes are some 35 MB. */
const MAX_STORED_OCTETS = 512 * 2 ** 20;
/** Largest line of a saved picture, which is one object, in octets. */
const MAX_LINE_OCTETS = 8 * 2 ** 20;
/** How much is written at once, in characters; then other work gets its turn. */
const PART_CHARACTERS = 64 * 2 ** 10;

/**
 * What the file of a picture holds, in parts: a line that says what follows, a line of JSON for each object, a line with the
 * checksum of all before it. A part is good until the next one: all have the same memory, or a large picture would leave
 * hundreds of megabytes of garbage. Throws at what `readPictureFile` would not take.
 */
export function* pictureParts({ cluster, objects, region }: Picture, savedAt: number): Generator<Buffer> {
  if (objects.length > MAX_STORED_OBJECTS) throw new Error(`it has more than ${MAX_STORED_OBJECTS} objects`);
  const hash = createHash('sha256');
  const placed = region === undefined ? {} : { region };
  const head: StoredHead = { azimuth: 'picture', shape: SHAPE, cluster, savedAt, objects: objects.length, ...placed };
  let octets = 0;
  let text = `${JSON.stringify(head)}\n`;
  let room = Buffer.allocUnsafeSlow(2 * PART_CHARACTERS);
  const cut = (): Buffer => {
    const needed = Buffer.byteLength(text);
    if (needed > room.length) room = Buffer.allocUnsafeSlow(needed);
    const part = room.subarray(0, room.write(text));
    text = '';
    octets += part.length;
    if (octets > MAX_STORED_OCTETS) throw new Error(`it needs more than ${MAX_STORED_OCTETS} octets`);
    hash.update(part);
    return part;
  };
  for (const object of objects) {
    text += lineOf(object);
    if (text.length >= PART_CHARACTERS) yield cut();
  }
  yield cut();
  yield Buffer.from(`${tailOf(hash.digest('hex'))}\n`);
}

function tailOf(sha256: string): string {
  return JSON.stringify({ sha256 });
}

function lineOf(object: GatewayApiObject): string {
  const line = writeObject(object);
  const shown = `${object.kind} ${object.namespace}/${object.name}`;
  if (line === undefined) throw new Error(`${shown} has a form that could not be read again`);
  if (Buffer.byteLength(line) > MAX_LINE_OCTETS) throw new Error(`${shown} needs more than ${MAX_LINE_OCTETS} octets`);
  return `${line}\n`;
}

/**
 * Reads the saved picture of a cluster; undefined where there is no file. Other work gets its turn meanwhile. Throws
 * `DamagedPicture`, `OtherPicture` or the system's error.
 */
export async function readPictureFile(file: string, cluster: string): Promise<StoredPicture | undefined> {
  const handle = await openExisting(file);
  if (handle === undefined) return undefined;
  try {
    const stat = await handle.stat();
    if (!stat.isFile()) throw new DamagedPicture('it is not a file');
    if (stat.size > MAX_STORED_OCTETS) throw new DamagedPicture(`it has more than ${MAX_STORED_OCTETS} octets`);
    const reading = createReading(cluster);
    // The checksum is in the last line, and which that is shows at the end.
    let last: Buffer | undefined;
    for await (const lines of linesOf(handle, MAX_LINE_OCTETS)) {
      for (const line of lines) {
        if (last !== undefined) reading.take(last);
        last = line;
      }
    }
    return reading.finish(last);
  } finally {
    await handle.close();
  }
}

/** Not blocking, for a pipe in the place of the file would otherwise never open. */
async function openExisting(file: string): Promise<FileHandle | undefined> {
  try {
    return await open(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

function createReading(cluster: string) {
  const hash = createHash('sha256');
  const restore = createRestorer();
  const objects: GatewayApiObject[] = [];
  let head: StoredHead | undefined;
  return {
    /** A line with more to come after it. */
    take(line: Buffer): void {
      hash.update(line).update('\n');
      if (head === undefined) {
        head = readHead(line, cluster);
        return;
      }
      const object = objects.length < head.objects ? restore(line.toString()) : undefined;
      if (object === undefined)
        throw new DamagedPicture(`line ${objects.length + 2} is not an object as it was written`);
      objects.push(object);
    },
    finish(last: Buffer | undefined): StoredPicture {
      if (head === undefined || last === undefined) throw new DamagedPicture('it is cut short');
      const tail = parseLine(last.toString());
      if (!isStoredTail(tail)) throw new DamagedPicture('it is cut short');
      // The checksum does not cover its own line, which is therefore taken only in the very octets that were written.
      if (last.toString('latin1') !== tailOf(hash.digest('hex')) || objects.length !== head.objects)
        throw new DamagedPicture('its checksum does not fit its content');
      const placed = head.region === undefined ? {} : { region: head.region };
      const picture = Object.freeze({
        cluster,
        objects: Object.freeze(objects),
        findings: Object.freeze([]),
        ...placed,
      });
      return Object.freeze({ picture, savedAt: head.savedAt });
    },
  };
}

function readHead(line: Buffer, cluster: string): StoredHead {
  const head = parseLine(line.toString());
  if (!isStoredHead(head)) throw new DamagedPicture('its first line is not as it was written');
  if (head.shape !== SHAPE) throw new OtherPicture('it was written by another version of Azimuth');
  if (head.cluster !== cluster) throw new DamagedPicture('it is the view of another cluster');
  if (head.objects > MAX_STORED_OBJECTS) throw new DamagedPicture(`it has more than ${MAX_STORED_OBJECTS} objects`);
  return head;
}
