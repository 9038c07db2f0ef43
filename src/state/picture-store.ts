import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { type Finding, finding } from '../core/desired/finding.ts';
import { messageOf } from '../core/error-message.ts';
import type { Clock, PictureStore } from '../core/ports.ts';
import { DamagedPicture, OtherPicture } from './picture-damage.ts';
import { readPictureFile } from './picture-file.ts';
import { createPictureSaver } from './picture-saver.ts';

/** Where pictures are kept, and who is told what is wrong with them. */
export type PictureStoreOptions = {
  readonly directory: string;
  readonly clock: Clock;
  /** Whether the directory is ours now: until it is, nothing is saved. Absent: it is. */
  readonly isOurs?: () => boolean;
  /** Told all findings that stand, whenever one comes or goes. */
  readonly onFindings: (findings: readonly Finding[]) => void;
};

/**
 * The last picture of each cluster in a file of its own, `pictures/<cluster>.jsonl`, whole at all times. One that is damaged
 * is set aside with a finding: never a reason not to start.
 */
export function createPictureStore({ directory: state, clock, isOurs, onFindings }: PictureStoreOptions): PictureStore {
  const directory = join(state, 'pictures');
  const troubles = new Map<string, Finding>();
  // The configuration checks the names of clusters; whatever comes here stays inside of the directory.
  const fileOf = (cluster: string): string => join(directory, `${encodeURIComponent(cluster)}.jsonl`);

  function tell(cluster: string, trouble: Finding): void {
    troubles.set(cluster, trouble);
    onFindings([...troubles.values()]);
  }

  const saver = createPictureSaver({
    directory,
    clock,
    fileOf,
    isOurs,
    onSaved(cluster) {
      if (troubles.delete(cluster)) onFindings([...troubles.values()]);
    },
    onFailure: (cluster, error) => tell(cluster, notSaved(cluster, fileOf(cluster), error)),
  });
  return {
    ...saver,
    async load(cluster) {
      const file = fileOf(cluster);
      try {
        return await readPictureFile(file, cluster);
      } catch (error) {
        tell(cluster, await notLoaded(cluster, file, error));
        return undefined;
      }
    },
  };
}

function notSaved(cluster: string, file: string, error: unknown): Finding {
  const message = `The view of cluster ${cluster} cannot be saved: ${messageOf(error)}.`;
  return finding('picture-not-saved', { file }, message, 'Answers do not suffer. It is tried again and again.');
}

async function notLoaded(cluster: string, file: string, error: unknown): Promise<Finding> {
  const message = `The saved view of cluster ${cluster} cannot be used: ${messageOf(error)}.`;
  if (error instanceof OtherPicture) {
    return finding('picture-store-outdated', { file }, message, 'It is replaced when the source gives a view.');
  }
  // The system's trouble may pass, and the file may be good.
  if (!(error instanceof DamagedPicture)) return finding('picture-store-damaged', { file }, message);
  const aside = `${file}.damaged`;
  try {
    await rename(file, aside);
    return finding('picture-store-damaged', { file }, message, `The file is kept as ${aside}.`);
  } catch (problem) {
    const suggestion = `It could not be renamed either (${messageOf(problem)}).`;
    return finding('picture-store-damaged', { file }, message, suggestion);
  }
}
