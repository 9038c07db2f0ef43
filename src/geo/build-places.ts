import { basename } from 'node:path';
import { Worker } from 'node:worker_threads';
import { deepFreeze } from '../core/desired/freeze.ts';
import { messageOf } from '../core/error-message.ts';
import type { PlaceTable } from '../core/snapshot/place-table.ts';
import type { BuildOrder, BuildReply } from './build-worker.ts';

/** A build that takes longer is given up, in ms. A City database takes some seconds. */
const BUILD_TIMEOUT_MS = 120_000;

/** JavaScript memory of the building thread, in MiB; the file and the tries do not count. */
const BUILD_HEAP_MB = 512;

const GIVEN_UP = 'it was given up';

/**
 * The place table of database files, or the reason why there is none. `asn`: why there are no AS numbers where there should
 * be some; `subdivisions`: whether the locations tell them.
 */
export type BuiltPlaces =
  | {
      readonly kind: 'built';
      readonly table: PlaceTable;
      readonly asn: string | undefined;
      readonly subdivisions: 'told' | 'untold';
    }
  | { readonly kind: 'failed'; readonly reason: string };

/**
 * Builds the place table of an order in a thread of its own, which ends with it. Whatever the files hold, it settles
 * within `BUILD_TIMEOUT_MS` and never rejects. `signal` gives it up.
 */
export async function buildPlaces(order: BuildOrder, signal: AbortSignal): Promise<BuiltPlaces> {
  const ended = AbortSignal.any([signal, AbortSignal.timeout(BUILD_TIMEOUT_MS)]);
  if (ended.aborted) return { kind: 'failed', reason: GIVEN_UP };
  const worker = new Worker(new URL('./build-worker.ts', import.meta.url), {
    workerData: order,
    resourceLimits: { maxOldGenerationSizeMb: BUILD_HEAP_MB },
  });
  const reply = await new Promise<BuildReply>((resolve) => {
    const fail = (reason: string): void => resolve({ kind: 'failed', reason });
    worker.once('message', resolve);
    worker.once('error', (error) => fail(messageOf(error)));
    worker.once('exit', () => fail('the building thread ended early'));
    const giveUp = (): void => fail(signal.aborted ? GIVEN_UP : `it was not read within ${BUILD_TIMEOUT_MS / 1000} s`);
    ended.addEventListener('abort', giveUp, { once: true });
  });
  await worker.terminate();
  if (reply.kind === 'failed') return reply;
  const { databaseType, places, subdivisions, ...table } = reply.read;
  const source = `${basename(order.file)} (${databaseType}). ${attribution(databaseType)}`.trim();
  for (const place of places) deepFreeze(place);
  const keys = (order.pins ?? []).map(({ key }) => key);
  const pins = keys.length === 0 ? {} : { pins: Object.freeze(keys) };
  const made = Object.freeze({ ...table, places: Object.freeze(places), source, ...pins });
  return { kind: 'built', table: made, asn: reply.asn, subdivisions };
}

/** The words that the licences of the known makers ask for. */
function attribution(databaseType: string): string {
  if (/^dbip/i.test(databaseType)) return DB_IP_ATTRIBUTION;
  if (/^GeoLite2/i.test(databaseType)) {
    return 'This product includes GeoLite Data created by MaxMind, available from https://www.maxmind.com';
  }
  return '';
}

/** The attribution of DB-IP's free databases (CC BY 4.0): shown, with the link, wherever results are shown. */
export const DB_IP_ATTRIBUTION = 'IP geolocation by DB-IP (https://db-ip.com)';
