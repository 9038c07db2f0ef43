/** The thread that builds one place table: a `BuildOrder` in as `workerData`, one `BuildReply` out, then it ends. */

import { readFile, stat } from 'node:fs/promises';
import { parentPort, workerData } from 'node:worker_threads';
import type { ClientMap } from '../core/desired/maps/client-map.ts';
import type { Pin } from '../core/desired/maps/pin.ts';
import { messageOf } from '../core/error-message.ts';
import { type AsNumbers, readAsNumbers } from './read-as-numbers.ts';
import { type ReadPlaces, readPlaces } from './read-places.ts';

/** The largest database that is read, in octets: 1 GiB. City databases have 60 to 130 MB. */
const MAX_DATABASE_SIZE = 2 ** 30;

/** What is to be built: the file of locations, custom maps and pins, and the file of AS numbers where their rules need one. */
export type BuildOrder = {
  readonly file: string;
  readonly maps: readonly ClientMap[];
  readonly pins?: readonly Pin[];
  readonly asn: string | undefined;
};

/**
 * What the thread sends; `asn` is why there are no AS numbers where there should be some. The tries are shared memory, so
 * nothing large is copied.
 */
export type BuildReply =
  | { readonly kind: 'built'; readonly read: ReadPlaces; readonly asn: string | undefined }
  | { readonly kind: 'failed'; readonly reason: string };

type Opened<T> =
  | { readonly kind: 'opened'; readonly content: T }
  | { readonly kind: 'failed'; readonly reason: string };

async function build({ file, maps, pins, asn }: BuildOrder): Promise<BuildReply> {
  const numbers = asn === undefined ? undefined : await open<AsNumbers>(asn, (bytes) => readAsNumbers(bytes, maps));
  const content = numbers?.kind === 'opened' ? numbers.content : undefined;
  const places = await open(file, (bytes) => readPlaces(bytes, maps, content, pins));
  const reason = numbers?.kind === 'failed' ? numbers.reason : undefined;
  if (places.kind === 'opened') return { kind: 'built', read: places.content, asn: reason };
  // Some faults of a tree show only on the way through both.
  const alone = content === undefined ? places : await open(file, (bytes) => readPlaces(bytes, maps, undefined, pins));
  return alone.kind === 'failed' ? alone : { kind: 'built', read: alone.content, asn: places.reason };
}

async function open<T>(file: string, read: (bytes: Buffer) => T): Promise<Opened<T>> {
  let bytes: Buffer;
  try {
    const { size } = await stat(file);
    if (size > MAX_DATABASE_SIZE) throw new Error(`it has ${size} octets, more than ${MAX_DATABASE_SIZE}`);
    bytes = await readFile(file);
  } catch (error) {
    return { kind: 'failed', reason: messageOf(error) };
  }
  try {
    return { kind: 'opened', content: read(bytes) };
  } catch (error) {
    return { kind: 'failed', reason: `it is not a sound mmdb file: ${messageOf(error)}` };
  }
}

// The order comes from `build-places.ts` and nowhere else.
const order: BuildOrder = workerData;
parentPort?.postMessage(await build(order), []);
