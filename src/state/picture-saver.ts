import { mkdir } from 'node:fs/promises';
import type { Picture } from '../core/desired/picture.ts';
import type { Clock, PictureStore } from '../core/ports.ts';
import { removeLeftovers, replaceFile } from './durable-file.ts';
import { pictureParts } from './picture-file.ts';

/** How long changes of a picture are collected before it is saved, in ms: the start of a large fleet has other work. */
const COLLECT_MS = 10_000;
/** Shortest time from one saving of a cluster's picture to the next, in ms. */
const MIN_SAVE_INTERVAL_MS = 60_000;
/** First wait after a picture could not be saved, in ms; it doubles each time. */
const MIN_RETRY_MS = 5000;
/** Longest wait after a picture could not be saved, in ms. */
const MAX_RETRY_MS = 600_000;

/** Where a saver saves, and whom it tells how it went. */
export type PictureSaverOptions = {
  readonly directory: string;
  readonly clock: Clock;
  fileOf(cluster: string): string;
  /** Whether the directory is ours to save in now: until it is, all waits. Absent: it is. */
  readonly isOurs?: (() => boolean) | undefined;
  onSaved(cluster: string): void;
  /** The first of failures in a row. */
  onFailure(cluster: string, error: unknown): void;
};

/** What is to be done for one cluster. */
type Desk = {
  readonly cluster: string;
  waiting: Picture | undefined;
  /** What the file holds, or is about to. */
  saved: Pick<Picture, 'objects' | 'region'> | undefined;
  /** No saving before it, in ms since the epoch. */
  notBefore: number;
  /** Savings that failed in a row. */
  failures: number;
  cancel: (() => void) | undefined;
};

/** The saving half of a `PictureStore`: seldom, one file at a time, in small parts, and again where it failed. */
export function createPictureSaver(options: PictureSaverOptions): Pick<PictureStore, 'save' | 'close'> {
  const { directory, clock } = options;
  const desks = new Map<string, Desk>();
  let state: 'open' | 'closed' = 'open';
  let work: Promise<void> = Promise.resolve();
  let tidied: Promise<void> | undefined;

  function saveSoon(desk: Desk): void {
    // The wall clock may be set: no wait is longer than the longest.
    const wait = Math.min(Math.max(COLLECT_MS, desk.notBefore - clock.now()), MAX_RETRY_MS);
    desk.cancel ??= clock.after(wait, () => {
      desk.cancel = undefined;
      work = saveAfter(work, desk);
    });
  }

  async function saveAfter(before: Promise<void>, desk: Desk): Promise<void> {
    await before;
    const { waiting: picture } = desk;
    if (picture === undefined) return;
    if (options.isOurs?.() === false) {
      if (state === 'open') saveSoon(desk);
      return;
    }
    desk.waiting = undefined;
    desk.saved = { objects: picture.objects, ...(picture.region === undefined ? {} : { region: picture.region }) };
    try {
      await mkdir(directory, { recursive: true });
      tidied ??= removeLeftovers(directory);
      await tidied;
      await replaceFile(options.fileOf(desk.cluster), pictureParts(picture, clock.now()));
      desk.failures = 0;
      desk.notBefore = clock.now() + MIN_SAVE_INTERVAL_MS;
      options.onSaved(desk.cluster);
    } catch (error) {
      desk.saved = undefined;
      desk.waiting ??= picture;
      desk.notBefore = clock.now() + Math.min(MIN_RETRY_MS * 2 ** desk.failures, MAX_RETRY_MS);
      desk.failures += 1;
      if (desk.failures === 1) options.onFailure(desk.cluster, error);
    }
    if (desk.waiting !== undefined && state === 'open') saveSoon(desk);
  }

  return {
    save(picture) {
      if (state === 'closed') return;
      const desk = desks.get(picture.cluster) ?? idleDesk(picture.cluster, clock.now());
      desks.set(picture.cluster, desk);
      const isSaved = picture.objects === desk.saved?.objects && picture.region === desk.saved.region;
      desk.waiting = isSaved ? undefined : picture;
      if (desk.waiting !== undefined) saveSoon(desk);
    },
    async close() {
      if (state === 'open') {
        state = 'closed';
        for (const desk of desks.values()) {
          desk.cancel?.();
          work = saveAfter(work, desk);
        }
      }
      await work;
    },
  };
}

function idleDesk(cluster: string, now: number): Desk {
  return { cluster, waiting: undefined, saved: undefined, notBefore: now, failures: 0, cancel: undefined };
}
