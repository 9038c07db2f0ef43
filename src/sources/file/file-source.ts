import { isDeepStrictEqual } from 'node:util';
import { type FSWatcher, watch } from 'chokidar';
import type { Picture } from '../../core/desired/picture.ts';
import type { Clock, Source } from '../../core/ports.ts';
import { DEBOUNCE_MS } from './limits.ts';
import { createPictureReader } from './picture-reader.ts';

/** The folders to read, one for each cluster. */
export type FileSourceOptions = {
  readonly clusters: readonly { readonly cluster: string; readonly directory: string }[];
  readonly clock: Clock;
  /** Default `DEBOUNCE_MS`. */
  readonly debounceMs?: number;
};

type Sink = (picture: Picture) => void;

/** How often a folder is read even without an event, in ms: network file systems and full watch tables send none. */
export const RECHECK_MS = 60_000;

/**
 * Gateway API manifests on disk: one folder for each cluster, watched. A picture is handed over when it differs from the
 * last one of its cluster.
 */
export function createFileSource(options: FileSourceOptions): Source {
  const folders = options.clusters.map((each) => createFolder(each.cluster, each.directory, options));
  return {
    async start(sink) {
      await Promise.all(folders.map((folder) => folder.start(sink)));
    },
    async close() {
      await Promise.all(folders.map((folder) => folder.close()));
    },
  };
}

function createFolder(cluster: string, directory: string, options: FileSourceOptions) {
  const { clock, debounceMs = DEBOUNCE_MS } = options;
  const reader = createPictureReader(cluster, directory);
  let sink: Sink = () => {};
  let last: Picture | undefined;
  let reading: Promise<void> = Promise.resolve();
  let cancel = (): void => {};
  let watcher: FSWatcher | undefined;
  let state: 'open' | 'closed' = 'open';

  const read = async (): Promise<void> => {
    const picture = await reader.read();
    if (state === 'closed' || picture === last || isDeepStrictEqual(picture, last)) return;
    last = picture;
    sink(picture);
  };
  /** One reading after the other; a change during one leads to another. */
  const readSoon = (ms: number): void => {
    cancel();
    cancel = clock.after(ms, () => {
      reading = reading.then(read);
      readSoon(RECHECK_MS);
    });
  };

  return {
    async start(to: Sink): Promise<void> {
      sink = to;
      await read();
      if (state === 'closed') return;
      watcher = watch(directory, { ignoreInitial: true });
      watcher.on('all', () => readSoon(debounceMs));
      // Without watching, the regular reading remains.
      watcher.on('error', () => {});
      // What changed between the reading and the watching.
      readSoon(debounceMs);
    },
    async close(): Promise<void> {
      state = 'closed';
      cancel();
      await reading;
      await watcher?.close();
    },
  };
}
