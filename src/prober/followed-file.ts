import { readFile, stat } from 'node:fs/promises';
import { messageOf } from '../core/error-message.ts';

/** Shortest time between two looks at a file, in ms. */
export const FILE_CHECK_MS = 1000;

/** What is followed, and who hears of it. */
export type FollowOptions<T> = {
  readonly file: string;
  /** A larger file is not read, in octets. */
  readonly maxBytes: number;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Makes something of the text; throws where it cannot, with a message that may be shown. */
  parse(text: string): T;
  /** Told after each look at a file that is new, or failed: the problem, or undefined where there is none. */
  onLook(problem: string | undefined): void;
};

/** A file that is read again when it changes. `value` never rejects; undefined while it was never read. */
export type FollowedFile<T> = { value(): Promise<T | undefined> };

/**
 * Follows a file, looking at it when its value is asked for and at most once in `FILE_CHECK_MS`. A file that turns unreadable
 * keeps its last value. A Secret that Kubernetes mounts is such a file: it is swapped behind a link.
 */
export function followFile<T>(options: FollowOptions<T>): FollowedFile<T> {
  const { file, maxBytes } = options;
  let value: T | undefined;
  let seen = '';
  let lookedAt = Number.NEGATIVE_INFINITY;
  let look: Promise<void> = Promise.resolve();

  async function refresh(): Promise<void> {
    try {
      const found = await stat(file);
      const version = `${found.mtimeMs} ${found.size} ${found.ino}`;
      if (version === seen) return;
      // A pipe would keep every probe waiting.
      if (!found.isFile()) throw new Error('not a file');
      if (found.size > maxBytes) throw new Error(`larger than ${maxBytes} octets`);
      value = options.parse(await readFile(file, 'utf8'));
      seen = version;
      options.onLook(undefined);
    } catch (error) {
      // Looked at again in full next time, whatever its version.
      seen = '';
      options.onLook(messageOf(error));
    }
  }

  return {
    async value() {
      if (Math.abs(options.now() - lookedAt) >= FILE_CHECK_MS) {
        lookedAt = options.now();
        look = refresh();
      }
      await look;
      return value;
    },
  };
}
