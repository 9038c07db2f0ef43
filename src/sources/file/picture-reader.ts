import type { Dirent } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { isAbsolute, join, relative } from 'node:path';
import { type Finding, finding } from '../../core/desired/finding.ts';
import type { Picture, SourceObject } from '../../core/desired/picture.ts';
import { MAX_MANIFEST_FILES, MAX_MANIFEST_OCTETS, MAX_OBJECTS } from './limits.ts';
import { readManifest } from './manifest-file.ts';

/** Reads one cluster's folder again and again and remembers the last good objects of each file. */
export type PictureReader = {
  /** The very same picture where nothing changed. */
  read(): Promise<Picture>;
};

type FileState = {
  readonly stamp: string;
  readonly objects: readonly SourceObject[];
  readonly findings: readonly Finding[];
};

/**
 * A reader of all `.yaml`, `.yml` and `.json` files below a folder, in the order of their paths. A file that turns
 * unreadable or broken keeps its last good objects and is a finding; so does the whole folder. `read` never rejects.
 */
export function createPictureReader(cluster: string, directory: string): PictureReader {
  let known = new Map<string, FileState>();
  let last: { readonly folder: FolderState; readonly picture: Picture } | undefined;
  return {
    async read() {
      const before = known;
      const files = await manifestFiles(directory);
      const folder: FolderState = folderState(files);
      if (files !== undefined) {
        known = new Map();
        for (const file of files.slice(0, MAX_MANIFEST_FILES))
          known.set(file, await readFileState(file, before.get(file)));
      }
      if (last?.folder === folder && isSame(before, known)) return last.picture;
      const picture = pictureOf(cluster, known, folderFindings(folder, cluster, directory));
      last = { folder, picture };
      return picture;
    },
  };
}

type FolderState = 'read' | 'missing' | 'crowded';

function folderState(files: readonly string[] | undefined): FolderState {
  if (files === undefined) return 'missing';
  return files.length > MAX_MANIFEST_FILES ? 'crowded' : 'read';
}

function folderFindings(state: FolderState, cluster: string, directory: string): readonly Finding[] {
  if (state === 'missing') return [folderMissing(cluster, directory)];
  return state === 'crowded' ? [tooMany(shownName(directory), 'files')] : [];
}

/** Whether both hold the very same states of the same files. */
function isSame(before: ReadonlyMap<string, FileState>, after: ReadonlyMap<string, FileState>): boolean {
  return before.size === after.size && [...after].every(([file, state]) => before.get(file) === state);
}

/** One cluster's picture, read once: for `azimuth check`. */
export function readPictureOnce(cluster: string, directory: string): Promise<Picture> {
  return createPictureReader(cluster, directory).read();
}

/** Undefined where the folder cannot be read. */
async function manifestFiles(directory: string): Promise<readonly string[] | undefined> {
  let entries: Dirent[];
  try {
    entries = await readdir(directory, { recursive: true, withFileTypes: true });
  } catch {
    return undefined;
  }
  return entries
    .filter((entry) => /\.(ya?ml|json)$/.test(entry.name) && !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !isHidden(relative(directory, path)))
    .toSorted();
}

/** Editors' temporary files, and the `..data` folders behind a mounted ConfigMap's links. */
function isHidden(path: string): boolean {
  return path.split(/[/\\]/).some((part) => part.startsWith('.'));
}

async function readFileState(file: string, before: FileState | undefined): Promise<FileState> {
  const shown = shownName(file);
  const kept = before?.objects ?? [];
  try {
    const { size, mtimeMs, ino } = await stat(file);
    const stamp = `${ino} ${size} ${mtimeMs}`;
    if (before?.stamp === stamp) return before;
    if (size > MAX_MANIFEST_OCTETS) {
      const message = `The file has ${size} octets, over ${MAX_MANIFEST_OCTETS}.`;
      return { stamp, objects: kept, findings: [finding('manifest-too-large', { file: shown }, message, 'Split it.')] };
    }
    const manifest = readManifest(await readFile(file, 'utf8'), shown);
    if (manifest.kind === 'read') return { stamp, objects: manifest.objects, findings: [] };
    return { stamp, objects: kept, findings: [manifest.finding] };
  } catch (error) {
    const message = `The file cannot be read: ${error instanceof Error ? error.message : String(error)}.`;
    return { stamp: '', objects: kept, findings: [finding('manifest-unreadable', { file: shown }, message)] };
  }
}

function pictureOf(cluster: string, files: ReadonlyMap<string, FileState>, findings: readonly Finding[]): Picture {
  const states = [...files.values()];
  const objects = states.flatMap((state) => state.objects);
  const beyond = objects.length > MAX_OBJECTS ? [tooMany(cluster, 'objects')] : [];
  return Object.freeze({
    cluster,
    objects: objects.slice(0, MAX_OBJECTS),
    findings: [...findings, ...states.flatMap((state) => state.findings), ...beyond],
  });
}

/** As a user would name it: from the working directory where it lies below that. */
function shownName(file: string): string {
  const short = relative(process.cwd(), file);
  return short.startsWith('..') || isAbsolute(short) ? file : short;
}

function folderMissing(cluster: string, directory: string): Finding {
  const message = `The folder of cluster ${cluster} cannot be read; what was last read from it stays.`;
  const advice = 'Create it, or correct source.manifests in the configuration.';
  return finding('manifest-unreadable', { file: shownName(directory) }, message, advice);
}

function tooMany(where: string, what: 'files' | 'objects'): Finding {
  const limit = what === 'files' ? MAX_MANIFEST_FILES : MAX_OBJECTS;
  return finding('manifest-too-large', { file: where }, `There are over ${limit} ${what}; the rest was not read.`);
}
