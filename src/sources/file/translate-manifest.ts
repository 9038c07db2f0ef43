import type { Origin } from '../../core/desired/finding.ts';
import { readObject } from '../../core/desired/gateway-api/objects.ts';
import { messageOf } from '../../core/error-message.ts';
import { BATCH_OBJECTS, MAX_OBJECTS } from './limits.ts';
import { field } from './manifest-list.ts';
import { readObjectsOf } from './manifest-reader.ts';
import { type ManifestText, textOfFile, UnreadableText } from './manifest-text.ts';
import { createObjectPacker, type ObjectBatch } from './object-batch.ts';

/** A file to read: where it is, its size, and its name for findings. */
export type ManifestJob = { readonly path: string; readonly octets: number; readonly file: string };

/**
 * How the reading of a file ended. `read`: whether there was anything but comments in it, how many objects of any kind,
 * and the line of one with an apiVersion and no kind. `crowded`: it has more objects than a whole cluster may.
 */
export type Ending =
  | {
      readonly kind: 'read';
      readonly content: 'blank' | 'some';
      readonly count: number;
      readonly oddLine: number | undefined;
    }
  | { readonly kind: 'broken'; readonly line: number; readonly reason: string }
  | { readonly kind: 'unreadable'; readonly reason: string }
  | { readonly kind: 'crowded' };

/** What is said while a file is read. After `restart`, nothing that came before it counts. */
export type Progress =
  | { readonly kind: 'batch'; readonly batch: ObjectBatch }
  | { readonly kind: 'restart' }
  | { readonly kind: 'ending'; readonly ending: Ending };

/** More objects than a cluster may have. */
class TooManyObjects extends Error {}

/** Reads a file and translates its objects. Never throws; the last thing it says is the ending. */
export function translateManifest({ path, octets, file }: ManifestJob, say: (progress: Progress) => void): void {
  const text = textOfFile(path, octets);
  try {
    say({ kind: 'ending', ending: translate(text, file, say) });
  } catch (error) {
    say({ kind: 'ending', ending: endingOf(error) });
  }
}

function endingOf(error: unknown): Ending {
  if (error instanceof TooManyObjects) return { kind: 'crowded' };
  if (error instanceof UnreadableText) return { kind: 'unreadable', reason: error.message };
  return { kind: 'broken', line: 1, reason: messageOf(error) };
}

function translate(text: ManifestText, file: string, say: (progress: Progress) => void): Ending {
  let packer = createObjectPacker();
  let batches = 0;
  let count = 0;
  let oddLine: number | undefined;
  const flush = (): void => {
    batches++;
    say({ kind: 'batch', batch: packer.take() });
  };
  const reading = readObjectsOf(text, {
    take(value, line) {
      if (++count > MAX_OBJECTS) throw new TooManyObjects();
      if (field(value, 'kind') === undefined && field(value, 'apiVersion') !== undefined) oddLine ??= line;
      const origin: Origin = { file, line };
      const read = readObject(value, origin);
      if (read.kind === 'foreign') return;
      packer.addFindings(read.findings);
      if (read.kind === 'object') packer.add(read.object);
      if (packer.size >= BATCH_OBJECTS) flush();
    },
    restart() {
      if (batches > 0) say({ kind: 'restart' });
      packer = createObjectPacker();
      [batches, count, oddLine] = [0, 0, undefined];
    },
  });
  if (reading.kind === 'broken') return reading;
  flush();
  return { kind: 'read', content: count === 0 && isBlank(text) ? 'blank' : 'some', count, oddLine };
}

/** Whether there is nothing but white space, comments and document marks. */
function isBlank(text: ManifestText): boolean {
  for (const part of text.parts()) {
    if (!part.split('\n').every((line) => /^\s*(?:#.*|---|\.\.\.)?\s*$/.test(line))) return false;
  }
  return true;
}
