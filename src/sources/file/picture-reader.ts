import { sep } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { type Finding, finding } from '../../core/desired/finding.ts';
import { compareText } from '../../core/desired/order.ts';
import type { Picture } from '../../core/desired/picture.ts';
import { MAX_CLUSTER_OCTETS, MAX_OBJECTS } from './limits.ts';
import { readManifest } from './manifest-file.ts';
import { type FolderListing, listManifests } from './manifest-folder.ts';
import { type ManifestState, type ParseManifest, readManifestState, shownName } from './manifest-state.ts';

/** Reads one cluster's folder again and again and remembers the last good objects of each file. */
export type PictureReader = {
  /** The very same picture where nothing changed. */
  read(): Promise<Picture>;
};

/**
 * A reader of all manifests below a folder, in the order of their paths. A file that turns unreadable or broken keeps
 * its last good objects and is a finding; so does the whole folder. `read` never rejects.
 */
export function createPictureReader(
  cluster: string,
  directory: string,
  parse: ParseManifest = readManifest,
): PictureReader {
  let known: ReadonlyMap<string, ManifestState> = new Map();
  let last: { readonly findings: readonly Finding[]; readonly picture: Picture } | undefined;
  return {
    async read() {
      const before = known;
      const listing = await listManifests(directory);
      let { kind } = listing;
      if (kind !== 'missing') {
        const files = new Map<string, ManifestState>();
        let [octets, objects] = [0, 0];
        for (const file of listing.files) {
          const state = await readManifestState(file, before.get(file), parse);
          octets += state.octets;
          objects += state.objects.length;
          if (octets > MAX_CLUSTER_OCTETS || objects > MAX_OBJECTS) {
            kind = 'crowded';
            break;
          }
          files.set(file, state);
        }
        known = withKept(files, before, listing.unreadable);
      }
      const findings = folderFindings(kind, listing.unreadable, cluster, directory);
      if (last !== undefined && isDeepStrictEqual(last.findings, findings) && isSame(before, known))
        return last.picture;
      const picture = pictureOf(cluster, known, findings);
      last = { findings, picture };
      return picture;
    },
  };
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

/** One cluster's picture, read once: for `azimuth check`. */
export function readPictureOnce(cluster: string, directory: string): Promise<Picture> {
  return createPictureReader(cluster, directory).read();
}

/** Whether both hold the very same states of the same files. */
function isSame(before: ReadonlyMap<string, ManifestState>, after: ReadonlyMap<string, ManifestState>): boolean {
  return before.size === after.size && [...after].every(([file, state]) => before.get(file) === state);
}

function pictureOf(cluster: string, files: ReadonlyMap<string, ManifestState>, findings: readonly Finding[]): Picture {
  const states = [...files.values()];
  return Object.freeze({
    cluster,
    objects: Object.freeze(states.flatMap((state) => state.objects)),
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
