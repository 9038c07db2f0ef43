import type { Dirent } from 'node:fs';
import { readdir, realpath } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { compareText } from '../../core/desired/order.ts';
import { MAX_ENTRIES, MAX_FOLDER_DEPTH, MAX_MANIFEST_FILES } from './limits.ts';
import { field } from './manifest-list.ts';

/**
 * The manifest files below a folder, and the folders in it that exist but cannot be read. `crowded`: some were left out
 * at a limit. `missing`: the folder itself cannot be read.
 */
export type FolderListing = {
  readonly kind: 'missing' | 'read' | 'crowded';
  readonly files: readonly string[];
  readonly unreadable: readonly string[];
};

/**
 * Lists the `.yaml`, `.yml` and `.json` files below a folder, in the order of their paths. Links to files are followed;
 * links to folders where they stay inside, as those of a mounted ConfigMap do. Each folder is read once.
 */
export async function listManifests(directory: string): Promise<FolderListing> {
  let root: string;
  try {
    root = await realpath(directory);
    await readdir(root);
  } catch {
    return { kind: 'missing', files: [], unreadable: [] };
  }
  const files: string[] = [];
  const unreadable: string[] = [];
  const visited = new Set<string>();
  const open = [{ path: directory, depth: 0 }];
  let entries = 0;
  for (let folder = open.pop(); folder !== undefined; folder = open.pop()) {
    const real = await realpath(folder.path).catch(() => '');
    const isInside = real === root || real.startsWith(root.endsWith(sep) ? root : root + sep);
    if (!isInside || visited.has(real)) continue;
    visited.add(real);
    const listed = await entriesOf(folder.path);
    if (listed === 'unreadable') unreadable.push(folder.path);
    for (const entry of listed === 'unreadable' ? [] : listed) {
      const path = join(folder.path, entry.name);
      if (++entries > MAX_ENTRIES || files.length > MAX_MANIFEST_FILES) return listing('crowded', files, unreadable);
      if (isHidden(entry)) continue;
      if (/\.(ya?ml|json)$/.test(entry.name) && !entry.isDirectory()) files.push(path);
      else if ((entry.isDirectory() || entry.isSymbolicLink()) && folder.depth < MAX_FOLDER_DEPTH) {
        open.push({ path, depth: folder.depth + 1 });
      }
    }
  }
  return listing('read', files, unreadable);
}

function listing(kind: FolderListing['kind'], files: readonly string[], unreadable: readonly string[]): FolderListing {
  return { kind, files: files.toSorted(compareText).slice(0, MAX_MANIFEST_FILES), unreadable };
}

/** Editors' temporary files, and the `..data` folders behind a mounted ConfigMap's links. */
function isHidden(entry: Dirent): boolean {
  return entry.name.startsWith('.');
}

/** In the order of their names; none where the folder is no folder, or vanished. */
async function entriesOf(folder: string): Promise<readonly Dirent[] | 'unreadable'> {
  try {
    return (await readdir(folder, { withFileTypes: true })).toSorted((a, b) => compareText(a.name, b.name));
  } catch (error) {
    const code = field(error, 'code');
    return code === 'ENOENT' || code === 'ENOTDIR' ? [] : 'unreadable';
  }
}
