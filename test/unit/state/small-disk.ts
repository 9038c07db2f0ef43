import { execFileSync } from 'node:child_process';
import { type FileHandle, mkdir, open, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { OpenFile } from '../../../src/state/journal/growing-file.ts';
import type { DiskRoom } from '../../../src/state/reserve.ts';

/** A disk with so much room, told by what is written through it. */
export type SmallDisk = { readonly open: OpenFile; readonly room: () => Promise<DiskRoom>; octets: number };

/** The real disk, which says that it is full when more than this is in its files. */
export function createSmallDisk(octets: number): SmallDisk {
  const sizes = new Map<string, number>();
  const used = (): number => [...sizes.values()].reduce((sum, size) => sum + size, 0);
  const disk: SmallDisk = {
    octets,
    room: async () => ({ octets: disk.octets, free: disk.octets - used() }),
    async open(file, flags, mode) {
      const handle = await open(file, flags, mode);
      return new Proxy(handle, { get: (target, name) => bounded(target, name, file) });
    },
  };

  function bounded(handle: FileHandle, name: string | symbol, file: string): unknown {
    if (name === 'truncate') {
      return async (size: number) => {
        await handle.truncate(size);
        sizes.set(file, size);
      };
    }
    if (name === 'write') {
      return async (octets: Buffer, offset: number, length: number, position: number) => {
        const size = Math.max(sizes.get(file) ?? 0, position + length);
        if (used() - (sizes.get(file) ?? 0) + size > disk.octets) {
          throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
        }
        const done = await handle.write(octets, offset, length, position);
        sizes.set(file, size);
        return done;
      };
    }
    const value: unknown = Reflect.get(handle, name, handle);
    return typeof value === 'function' ? value.bind(handle) : value;
  }
  return disk;
}

/** A file system of its own, full when it is told to be. */
export type MountedDisk = {
  readonly directory: string;
  fill(): Promise<void>;
  clear(): Promise<void>;
  unmount(): void;
};

/** The test that needs it. */
type Skippable = { readonly skip: (note: string) => never };

/** Mounts one of so many KiB below a folder; without one, where this user may not, the test is skipped. */
export async function mountDisk(folder: string, kib: number, { skip }: Skippable): Promise<MountedDisk> {
  const directory = join(folder, 'disk');
  await mkdir(directory);
  try {
    execFileSync('/bin/mount', ['-t', 'tmpfs', '-o', `size=${kib}k`, 'tmpfs', directory], { stdio: 'ignore' });
  } catch {
    return skip('this user cannot mount a file system');
  }
  let files = 0;
  return {
    directory,
    /** To its last octet: large parts first. */
    async fill() {
      for (const size of [2 ** 20, 2 ** 16, 2 ** 12]) {
        for (;;) {
          files += 1;
          const file = join(directory, `rest-${files}`);
          const is = await writeFile(file, Buffer.alloc(size, 1)).then(
            () => 'written' as const,
            () => 'full' as const,
          );
          if (is === 'full') break;
        }
      }
    },
    async clear() {
      for (; files > 0; files--) await rm(join(directory, `rest-${files}`), { force: true });
    },
    unmount: () => void execFileSync('/bin/umount', [directory]),
  };
}
