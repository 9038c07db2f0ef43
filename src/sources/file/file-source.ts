import { isDeepStrictEqual } from 'node:util';
import type { Picture } from '../../core/desired/picture.ts';
import { isSameList } from '../../core/desired/same-list.ts';
import type { Clock, Source } from '../../core/ports.ts';
import { createFolderWatch } from './folder-watch.ts';
import { DEBOUNCE_MS, MAX_DEBOUNCE_MS, RECHECK_MS } from './limits.ts';
import { type ClusterFolder, createPictureReader } from './picture-reader.ts';
import { createReadingPool, type ReadingPool } from './reading-pool.ts';

/** The folders to read, one for each cluster. */
export type FileSourceOptions = {
  readonly clusters: readonly ClusterFolder[];
  readonly clock: Clock;
  /** Default `DEBOUNCE_MS`. */
  readonly debounceMs?: number;
};

type Sink = (picture: Picture) => void;

/**
 * Gateway API manifests on disk: one folder for each cluster, watched. A picture is handed over when it differs from the
 * last one of its cluster.
 */
export function createFileSource(options: FileSourceOptions): Source {
  const pool = createReadingPool();
  const folders = options.clusters.map(({ cluster, directory }) => createFolder(cluster, directory, pool, options));
  return {
    async start(sink) {
      await Promise.all(folders.map((folder) => folder.start(sink)));
    },
    async close() {
      const closing = folders.map((folder) => folder.close());
      // The folders wait for what they read now: no need to wait for the end of a long one.
      await pool.close();
      await Promise.all(closing);
    },
  };
}

function createFolder(cluster: string, directory: string, pool: ReadingPool, options: FileSourceOptions) {
  const { clock, debounceMs = DEBOUNCE_MS } = options;
  const reader = createPictureReader(cluster, directory, pool);
  const watching = createFolderWatch(directory, () => readSoon());
  let sink: Sink = () => {};
  let last: Picture | undefined;
  let reading: Promise<void> = Promise.resolve();
  let queue: 'empty' | 'full' = 'empty';
  let cancel = (): void => {};
  /** When the first change came that was not read yet, in ms since the epoch. */
  let changedAt: number | undefined;
  let state: 'open' | 'closed' = 'open';
  const isClosed = (): boolean => state === 'closed';

  const read = async (): Promise<void> => {
    if (isClosed()) return;
    const seen = await reader.read();
    await watching.renew();
    if (isClosed()) return;
    const findings = [...seen.findings, ...watching.findings()];
    const picture = findings.length === seen.findings.length ? seen : Object.freeze({ ...seen, findings });
    if (last !== undefined && isSamePicture(picture, last)) return;
    last = picture;
    sink(picture);
  };
  /** One reading after the other; changes during one lead to one more. */
  const readNext = async (before: Promise<void>): Promise<void> => {
    queue = 'full';
    await before;
    queue = 'empty';
    await read();
  };
  const readAfter = (ms: number): void => {
    cancel();
    cancel = clock.after(ms, () => {
      changedAt = undefined;
      if (queue === 'empty') reading = readNext(reading);
      readAfter(RECHECK_MS);
    });
  };
  const readSoon = (): void => {
    if (isClosed()) return;
    changedAt ??= clock.now();
    readAfter(Math.max(0, Math.min(debounceMs, changedAt + MAX_DEBOUNCE_MS - clock.now())));
  };

  return {
    async start(to: Sink): Promise<void> {
      sink = to;
      reading = read();
      await reading;
      // What changed between the reading and the watching.
      readSoon();
    },
    async close(): Promise<void> {
      state = 'closed';
      cancel();
      await reading;
      await watching.close();
    },
  };
}

function isSamePicture(a: Picture, b: Picture): boolean {
  return a === b || (isSameList(a.objects, b.objects) && isDeepStrictEqual(a.findings, b.findings));
}
