import { stat } from 'node:fs/promises';

/** How a file is now: with another stamp it was written to, or is another file. Undefined where it cannot be told. */
export async function stampOf(file: string): Promise<string | undefined> {
  const there = await stat(file).catch(() => undefined);
  return there && `${there.ino} ${there.size} ${there.mtimeMs}`;
}
