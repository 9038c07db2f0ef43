import { stat } from 'node:fs/promises';
import { isAbsolute, relative } from 'node:path';
import { type Finding, finding } from '../../core/desired/finding.ts';
import type { GatewayApiObject } from '../../core/desired/gateway-api/objects.ts';
import { messageOf } from '../../core/error-message.ts';
import type { FileReading } from './file-reading.ts';
import { MAX_MANIFEST_OCTETS, MAX_OBJECTS } from './limits.ts';
import type { ManifestJob } from './translate-manifest.ts';

/** How a file is read; `before` is what it held the last time. Never rejects. */
export type ReadManifest = (job: ManifestJob, before: readonly GatewayApiObject[]) => Promise<FileReading>;

/** One manifest file as it was last read: the last good objects, and what is wrong with the file now. */
export type ManifestState = {
  /** Equal stamps, equal content; empty where the file could not be read. */
  readonly stamp: string;
  readonly octets: number;
  /** Objects of all kinds in the file. */
  readonly count: number;
  readonly objects: readonly GatewayApiObject[];
  readonly findings: readonly Finding[];
};

/** A file as it stands now. `problem`: why it is not to be read. */
export type ManifestStatus =
  | { readonly kind: 'file'; readonly stamp: string; readonly octets: number }
  | { readonly kind: 'problem'; readonly stamp: string; readonly finding: Finding };

const KEPT = 'Its last good objects stay in use.';

/** What the file system says about a file. Never rejects. */
export async function statusOf(path: string): Promise<ManifestStatus> {
  const file = shownName(path);
  try {
    const status = await stat(path);
    const octets = status.size;
    const stamp = `${status.ino} ${octets} ${status.mtimeMs} ${status.ctimeMs}`;
    // Reading a named pipe would wait for ever.
    if (!status.isFile()) return { kind: 'problem', stamp: '', finding: unreadable(file, 'it is not a file') };
    if (octets <= MAX_MANIFEST_OCTETS) return { kind: 'file', stamp, octets };
    const message = `The file has ${octets} octets, over ${MAX_MANIFEST_OCTETS}; its last good objects stay in use.`;
    return { kind: 'problem', stamp, finding: finding('manifest-too-large', { file }, message, 'Split it.') };
  } catch (error) {
    return { kind: 'problem', stamp: '', finding: unreadable(file, messageOf(error)) };
  }
}

/** Reads a file again; the very same state where it did not change. Never rejects. */
export async function readManifestState(
  path: string,
  status: ManifestStatus,
  before: ManifestState | undefined,
  read: ReadManifest,
): Promise<ManifestState> {
  const file = shownName(path);
  const { stamp } = status;
  if (before !== undefined && stamp !== '' && before.stamp === stamp) return before;
  const kept = { objects: before?.objects ?? [], count: before?.count ?? 0 };
  if (status.kind === 'problem') return { ...kept, stamp, octets: 0, findings: [status.finding] };
  const { octets } = status;
  const { ending, objects, findings } = await read({ path, octets, file }, kept.objects);
  if (ending.kind === 'unreadable') {
    return { ...kept, stamp: '', octets: 0, findings: [unreadable(file, ending.reason)] };
  }
  if (ending.kind === 'broken') return { ...kept, stamp, octets, findings: [syntaxFinding(ending, file)] };
  if (ending.kind === 'crowded') return { ...kept, stamp, octets, count: MAX_OBJECTS + 1, findings: [] };
  const { count } = ending;
  const unfinished = unfinishedFinding(ending, kept.count, file);
  if (unfinished === undefined) return { stamp, octets, count, objects, findings };
  if (kept.count > 0) return { ...kept, stamp, octets, findings: [unfinished] };
  return { stamp, octets, count, objects, findings: [unfinished, ...findings] };
}

function unreadable(file: string, reason: string): Finding {
  return finding('manifest-unreadable', { file }, `The file cannot be read: ${reason}.`, KEPT);
}

function syntaxFinding({ line, reason }: { readonly line: number; readonly reason: string }, file: string): Finding {
  const advice = 'The last good objects of the file stay in use. Check with "azimuth check".';
  return finding('manifest-syntax', { file, line }, `Not valid YAML: ${reason}.`, advice);
}

/**
 * A shell that writes `kubectl … > file` empties the file first and fills it when the API server answers; a list that is
 * cut short lacks its kind, which kubectl prints last. Neither may take good answers away.
 */
function unfinishedFinding(
  { content, oddLine }: Extract<FileReading['ending'], { kind: 'read' }>,
  countBefore: number,
  file: string,
): Finding | undefined {
  if (countBefore > 0 && content === 'blank') {
    const message = 'The file is empty; the objects that it had stay in use.';
    const advice = 'To remove them delete the file, or leave an empty List in it.';
    return finding('manifest-empty', { file }, message, advice);
  }
  // Other YAML, such as a kustomization or a chart's values, has neither an apiVersion nor a kind.
  if (oddLine === undefined) return undefined;
  const message =
    'An object has an apiVersion and no kind: the file may be cut short. What it had before stays in use.';
  return finding('manifest-incomplete', { file, line: oddLine }, message, 'Write to another file and rename it.');
}

/** As a user would name it: from the working directory where it lies below that. */
export function shownName(path: string): string {
  const short = relative(process.cwd(), path);
  return short.startsWith('..') || isAbsolute(short) ? path : short;
}
