import { sep } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { type Finding, finding } from '../../core/desired/finding.ts';
import { compareText } from '../../core/desired/order.ts';
import type { Picture } from '../../core/desired/picture.ts';
import { isSameList } from '../../core/desired/same-list.ts';
import { MAX_CLUSTER_OCTETS, MAX_INLINE_FILES, MAX_INLINE_OCTETS, MAX_OBJECTS } from './limits.ts';
import { type FolderListing, listManifests } from './manifest-folder.ts';
import { type ManifestState, type ReadManifest, readManifestState, shownName, statusOf } from './manifest-state.ts';
import { createReadingPool, type ReadingPool } from './reading-pool.ts';

/** Reads one cluster's folder again and again and remembers the last good objects of each file. */
export type PictureReader = {
  /** The very same picture where nothing changed. */
  read(): Promise<Picture>;
};

/**
 * A reader of all manifests below a folder, in the order of their paths. A file that turns unreadable or broken keeps
 * its last good objects and is a finding; so does the whole folder. `read` never rejects.
 */
export function createPictureReader(cluster: string, directory: string, pool: ReadingPool): PictureReader {
  let known: ReadonlyMap<string, ManifestState> = new Map();
  let last: { readonly findings: readonly Finding[]; readonly picture: Picture } | undefined;
  return {
    async read() {
      const before = known;
      const listing = await listManifests(directory);
      let { kind } = listing;
      if (kind !== 'missing') {
        const { files, extent } = await readFiles(listing.files, before, pool);
        if (extent === 'crowded') kind = extent;
        known = withKept(files, before, listing.unreadable);
      }
      const findings = folderFindings(kind, listing.unreadable, cluster, directory);
      if (last !== undefined && isDeepStrictEqual(last.findings, findings) && isSame(before, known))
        return last.picture;
      const picture = pictureOf(cluster, known, findings, last?.picture);
      last = { findings, picture };
      return picture;
    },
  };
}

/** The states of the files, up to where one of the cluster's limits is passed. */
async function readFiles(
  paths: readonly string[],
  before: ReadonlyMap<string, ManifestState>,
  pool: ReadingPool,
): Promise<{ readonly files: ReadonlyMap<string, ManifestState>; readonly extent: 'whole' | 'crowded' }> {
  const isFew = paths.length <= MAX_INLINE_FILES;
  const read: ReadManifest = (job, objects) =>
    pool.read(job, isFew && job.octets <= MAX_INLINE_OCTETS ? 'here' : 'thread', objects);
  let octets = 0;
  const reading: Promise<readonly [string, ManifestState]>[] = [];
  for (const path of paths) {
    const status = await statusOf(path);
    octets += status.kind === 'file' ? status.octets : 0;
    if (octets > MAX_CLUSTER_OCTETS) break;
    reading.push(readManifestState(path, status, before.get(path), read).then((state) => [path, state]));
  }
  const files = new Map<string, ManifestState>();
  let count = 0;
  for (const [path, state] of await Promise.all(reading)) {
    count += state.count;
    if (count > MAX_OBJECTS) break;
    files.set(path, state);
  }
  return { files, extent: files.size < paths.length ? 'crowded' : 'whole' };
}

/** With the last good objects of the folders that cannot be read now. */
function withKept(
  files: ReadonlyMap<string, ManifestState>,
  before: ReadonlyMap<string, ManifestState>,
  unreadable: readonly string[],
): ReadonlyMap<string, ManifestState> {
  const kept = [...before].filter(([file]) => unreadable.some((folder) => file.startsWith(folder + sep)));
  return kept.length === 0 ? files : new Map([...files, ...kept].toSorted(([a], [b]) => compareText(a, b)));
}

/** A folder to read for each cluster. */
export type ClusterFolder = { readonly cluster: string; readonly directory: string };

/** The clusters' pictures, read once: for `azimuth check`. */
export async function readFoldersOnce(folders: readonly ClusterFolder[]): Promise<readonly Picture[]> {
  const pool = createReadingPool();
  try {
    return await Promise.all(
      folders.map(({ cluster, directory }) => createPictureReader(cluster, directory, pool).read()),
    );
  } finally {
    await pool.close();
  }
}

/** Whether both hold the very same states of the same files. */
function isSame(before: ReadonlyMap<string, ManifestState>, after: ReadonlyMap<string, ManifestState>): boolean {
  return before.size === after.size && [...after].every(([file, state]) => before.get(file) === state);
}

/** The very same list of objects as in the picture before where none changed. */
function pictureOf(
  cluster: string,
  files: ReadonlyMap<string, ManifestState>,
  findings: readonly Finding[],
  before: Picture | undefined,
): Picture {
  const states = [...files.values()];
  const objects = Object.freeze(states.flatMap((state) => state.objects));
  return Object.freeze({
    cluster,
    objects: before !== undefined && isSameList(objects, before.objects) ? before.objects : objects,
    findings: Object.freeze([...findings, ...states.flatMap((state) => state.findings)]),
  });
}

function folderFindings(
  kind: FolderListing['kind'],
  unreadable: readonly string[],
  cluster: string,
  directory: string,
): readonly Finding[] {
  const origin = { file: shownName(directory) };
  if (kind === 'missing') {
    const message = `The folder of cluster ${cluster} cannot be read; what was last read from it stays.`;
    const advice = 'Create it, or correct source.manifests in the configuration.';
    return [finding('manifest-unreadable', origin, message, advice)];
  }
  const folders = unreadable.map((folder) => {
    const message = 'The folder cannot be read; the last good objects of its files stay.';
    return finding('manifest-unreadable', { file: shownName(folder) }, message);
  });
  if (kind === 'read') return folders;
  const message = `The folder of cluster ${cluster} holds more than the limits allow; the rest was not read.`;
  return [finding('manifest-too-large', origin, message, 'See docs/limits.md.'), ...folders];
}
