import { readFile, stat } from 'node:fs/promises';
import { isAbsolute, relative } from 'node:path';
import { type Finding, finding, type Origin } from '../../core/desired/finding.ts';
import type { SourceObject } from '../../core/desired/picture.ts';
import { quote } from '../../core/desired/quote.ts';
import { MAX_MANIFEST_OCTETS } from './limits.ts';
import { field, type Manifest } from './manifest-file.ts';

/** How a text becomes a manifest. */
export type ParseManifest = (text: string) => Manifest | Promise<Manifest>;

/** One manifest file as it was last read: the last good objects, and what is wrong with the file now. */
export type ManifestState = {
  /** Equal stamps, equal content. */
  readonly stamp: string;
  readonly octets: number;
  readonly objects: readonly SourceObject[];
  readonly findings: readonly Finding[];
};

/** Reads a file again; the very same state where it did not change. Never rejects. */
export async function readManifestState(
  path: string,
  before: ManifestState | undefined,
  parse: ParseManifest,
): Promise<ManifestState> {
  const file = shownName(path);
  const objects = before?.objects ?? [];
  try {
    const status = await stat(path);
    const octets = status.size;
    const stamp = `${status.ino} ${octets} ${status.mtimeMs} ${status.ctimeMs}`;
    if (before?.stamp === stamp) return before;
    // Reading a named pipe would wait for ever.
    if (!status.isFile()) throw new Error('it is not a file');
    if (octets > MAX_MANIFEST_OCTETS) {
      const message = `The file has ${octets} octets, over ${MAX_MANIFEST_OCTETS}; its last good objects stay in use.`;
      return { stamp, octets: 0, objects, findings: [finding('manifest-too-large', { file }, message, 'Split it.')] };
    }
    const text = new TextDecoder('utf-8', { fatal: true }).decode(await readFile(path));
    const manifest = await parse(text);
    if (manifest.kind === 'broken') return { stamp, octets, objects, findings: [syntaxFinding(manifest, file)] };
    const unfinished = unfinishedFinding(manifest, text, objects.length, file);
    const findings = unfinished === undefined ? [] : [unfinished];
    if (unfinished !== undefined && objects.length > 0) return { stamp, octets, objects, findings };
    return { stamp, octets, objects: manifest.objects.map((object) => sourceObject(object, file)), findings };
  } catch (error) {
    const message = `The file cannot be read: ${error instanceof Error ? error.message : String(error)}.`;
    const advice = 'Its last good objects stay in use.';
    return { stamp: '', octets: 0, objects, findings: [finding('manifest-unreadable', { file }, message, advice)] };
  }
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
  { objects }: Extract<Manifest, { kind: 'read' }>,
  text: string,
  objectsBefore: number,
  file: string,
): Finding | undefined {
  if (objectsBefore > 0 && isBlank(text)) {
    const message = 'The file is empty; the objects that it had stay in use.';
    return finding(
      'manifest-empty',
      { file },
      message,
      'To remove them delete the file, or leave an empty List in it.',
    );
  }
  // Other YAML, such as a kustomization or a chart's values, has neither.
  const odd = objects.find(
    ({ value }) => field(value, 'apiVersion') !== undefined && field(value, 'kind') === undefined,
  );
  if (odd === undefined) return undefined;
  const message =
    'An object has an apiVersion and no kind: the file may be cut short. What it had before stays in use.';
  return finding('manifest-incomplete', { file, line: odd.line }, message, 'Write to another file and rename it.');
}

/** Whether there is nothing but white space, comments and document marks. */
function isBlank(text: string): boolean {
  return text.split('\n').every((line) => /^\s*(?:#.*|---|\.\.\.)?\s*$/.test(line));
}

function sourceObject({ value, line }: { readonly value: unknown; readonly line: number }, file: string): SourceObject {
  return Object.freeze({ value, origin: Object.freeze(originOf(value, file, line)) });
}

function originOf(value: unknown, file: string, line: number): Origin {
  const kind = textOf(value, 'kind');
  const metadata = field(value, 'metadata');
  const name = textOf(metadata, 'name');
  if (kind === undefined || name === undefined) return { file, line };
  return { file, line, object: `${kind} ${textOf(metadata, 'namespace') ?? 'default'}/${name}` };
}

/** Names are foreign text that ends up on terminals: one that is not plain is shown quoted. */
function textOf(value: unknown, key: string): string | undefined {
  const found = field(value, key);
  if (typeof found !== 'string') return undefined;
  return /^[\w.-]{1,253}$/.test(found) ? found : quote(found);
}

/** As a user would name it: from the working directory where it lies below that. */
export function shownName(path: string): string {
  const short = relative(process.cwd(), path);
  return short.startsWith('..') || isAbsolute(short) ? path : short;
}
