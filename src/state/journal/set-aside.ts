import { constants, copyFile, open, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { messageOf } from '../../core/error-message.ts';
import { writeSynced } from '../durable-file.ts';
import { hasCode } from './journal-error.ts';

/** Most files that are kept beside one journal because something was wrong with it; then the oldest goes. */
const MAX_SET_ASIDE = 16;
/** Most octets of a torn tail that are kept; more than that is no tail that we tore. */
const MAX_TORN_OCTETS = 16 * 2 ** 20;

/** Why something is set aside: it is the middle of the new name. */
type AsideReason = 'torn' | 'damaged' | 'unreadable';

/** Where it is kept, or why it is not. */
export type Aside = { readonly kept: string } | { readonly problem: string };

/** Keeps the octets from `from` on under a name of their own. Never rejects. */
export function keepTail(file: string, from: number, at: number): Promise<Aside> {
  return keep(file, 'torn', at, async (aside) => {
    const handle = await open(file, 'r');
    try {
      const { size } = await handle.stat();
      const tail = Buffer.alloc(Math.min(size - from, MAX_TORN_OCTETS));
      const { bytesRead } = await handle.read(tail, 0, tail.length, from);
      await writeSynced(aside, [tail.subarray(0, bytesRead)], 0o600);
    } finally {
      await handle.close();
    }
  });
}

/** Keeps a copy of the whole file. Never rejects. */
export function keepCopy(file: string, at: number): Promise<Aside> {
  return keep(file, 'damaged', at, (aside) => copyFile(file, aside, constants.COPYFILE_EXCL));
}

/** Moves the whole file away. Never rejects. */
export function moveAway(file: string, at: number): Promise<Aside> {
  return keep(file, 'unreadable', at, (aside) => rename(file, aside));
}

async function keep(
  file: string,
  reason: AsideReason,
  at: number,
  store: (aside: string) => Promise<void>,
): Promise<Aside> {
  try {
    const aside = await freeName(`${file}.${reason}-${new Date(at).toISOString().replaceAll(/[:.]/g, '')}`);
    await store(aside);
    await forgetOldest(file, aside);
    return { kept: aside };
  } catch (error) {
    return { problem: messageOf(error) };
  }
}

/** Two at one time are both kept. */
async function freeName(wanted: string): Promise<string> {
  for (let number = 1; ; number++) {
    const name = number === 1 ? wanted : `${wanted}-${number}`;
    try {
      await (await open(name, 'r')).close();
    } catch (error) {
      if (hasCode(error, 'ENOENT')) return name;
      throw error;
    }
  }
}

async function forgetOldest(file: string, newest: string): Promise<void> {
  const isAside = /\.(torn|damaged|unreadable)-(.+)$/;
  const names = (await readdir(dirname(file))).filter((name) => name.startsWith(`${basename(file)}.`));
  const dated = names.flatMap((name) => {
    const when = isAside.exec(name)?.[2];
    return when === undefined || join(dirname(file), name) === newest ? [] : [{ name, when }];
  });
  const oldest = dated.toSorted((a, b) => a.when.localeCompare(b.when)).slice(0, -(MAX_SET_ASIDE - 1));
  for (const { name } of oldest) await rm(join(dirname(file), name), { force: true });
}
