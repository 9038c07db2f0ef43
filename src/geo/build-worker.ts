/** The thread that builds one place table: file path in as `workerData`, one `BuildReply` out, then it ends. */
import { readFile, stat } from 'node:fs/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { type ReadPlaces, readPlaces } from './read-places.ts';

/** The largest database that is read, in octets: 1 GiB. City databases have 60 to 130 MB. */
const MAX_DATABASE_SIZE = 2 ** 30;

/** What the thread sends. The tries are shared memory, so nothing large is copied. */
export type BuildReply =
  | { readonly kind: 'built'; readonly read: ReadPlaces }
  | { readonly kind: 'failed'; readonly reason: string };

async function build(file: string): Promise<BuildReply> {
  try {
    const { size } = await stat(file);
    if (size > MAX_DATABASE_SIZE) throw new Error(`it has ${size} octets, more than ${MAX_DATABASE_SIZE}`);
    return read(await readFile(file));
  } catch (error) {
    return { kind: 'failed', reason: messageOf(error) };
  }
}

function read(bytes: Buffer): BuildReply {
  try {
    return { kind: 'built', read: readPlaces(bytes) };
  } catch (error) {
    return { kind: 'failed', reason: `it is not a sound mmdb file: ${messageOf(error)}` };
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

parentPort?.postMessage(await build(String(workerData)), []);
