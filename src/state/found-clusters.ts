import { mkdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Static, Type } from 'typebox';
import { Check } from 'typebox/value';
import { type Finding, finding } from '../core/desired/finding.ts';
import type { ClusterSpec } from '../core/desired/model.ts';
import { messageOf } from '../core/error-message.ts';
import type { Clock, FoundClusters, Source } from '../core/ports.ts';
import { replaceFile } from './durable-file.ts';

/** Largest file of the clusters that were found, in octets. */
const MAX_FOUND_CLUSTERS_OCTETS = 16 * 2 ** 20;

/** From one try to write what could not be written to the next, in ms. */
const TRY_AGAIN_MS = 10_000;

const closed = { additionalProperties: false };
const SavedCluster = Type.Object(
  {
    name: Type.String({ pattern: '^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$' }),
    location: Type.Object(
      {
        lat: Type.Number({ minimum: -90, maximum: 90 }),
        lon: Type.Number({ minimum: -180, maximum: 180 }),
        country: Type.String({ maxLength: 2 }),
        continent: Type.String({ maxLength: 2 }),
      },
      closed,
    ),
    placedBy: Type.Optional(Type.Literal('nodes')),
    annotations: Type.Record(Type.String(), Type.String()),
    origin: Type.Object({ file: Type.String(), object: Type.Optional(Type.String()) }, closed),
  },
  closed,
);
/** The form of the file; every other one is not read. */
const SavedClusters = Type.Object({ version: Type.Literal(1), clusters: Type.Array(SavedCluster) }, closed);

/** Where the clusters are remembered, and who is told that they could not be. */
export type FoundClustersOptions = {
  readonly directory: string;
  /** Whether the directory is ours now: until it is, what is found is kept in mind. Absent: it is. */
  readonly isOurs?: () => boolean;
  /** Times the next try to write what is in mind. Absent: the next change, or the end, is the next try. */
  readonly clock?: Pick<Clock, 'after'>;
  readonly onFindings: (findings: readonly Finding[]) => void;
};

/**
 * A source whose found clusters survive a restart: while it cannot say which there are, they are those that it found last.
 * What leads to a cluster, credentials above all, is not saved. A source that finds none is the very same.
 */
export function rememberClusters(source: Source, options: FoundClustersOptions): Source {
  const { directory, isOurs, clock, onFindings } = options;
  if (source.found === undefined) return source;
  const file = join(directory, 'found-clusters.json');
  let saved: readonly ClusterSpec[] = [];
  let written: string | undefined;
  let phase: 'open' | 'closed' = 'open';
  /** What was found last: it is in mind until it is written. */
  let latest: string | undefined;
  let writing: Promise<void> = Promise.resolve();
  let cancel = (): void => {};
  /** Of the failure that was told: the same one is told once. */
  let told = '';

  function save(): void {
    cancel();
    writing = write(writing);
  }

  /** While the directory is another process's, or cannot be written, it is tried again. */
  async function write(before: Promise<void>): Promise<void> {
    await before;
    const text = latest;
    if (text === undefined || text === written) return;
    if (isOurs?.() !== false) await put(text);
    if (text === written || phase === 'closed') return;
    cancel();
    cancel = clock?.after(TRY_AGAIN_MS, save) ?? cancel;
  }

  async function put(text: string): Promise<void> {
    try {
      await mkdir(directory, { recursive: true });
      await replaceFile(file, text);
      [written, told] = [text, ''];
      onFindings([]);
    } catch (error) {
      const message = `Which clusters were found cannot be saved: ${messageOf(error)}.`;
      if (message === told) return;
      told = message;
      onFindings([finding('picture-not-saved', { file }, message, 'A restart finds them again by itself.')]);
    }
  }

  return {
    ...source,
    async start(sink) {
      saved = await load(file);
      await source.start(sink);
    },
    found(tell) {
      source.found?.((found: FoundClusters) => {
        tell(found.membership === 'known' ? found : { ...found, clusters: saved });
        if (found.membership !== 'known') return;
        latest = textOf(found.clusters);
        save();
      });
    },
    async close() {
      await source.close();
      phase = 'closed';
      save();
      await writing;
    },
  };
}

function textOf(clusters: readonly ClusterSpec[]): string {
  const content: Static<typeof SavedClusters> = {
    version: 1,
    clusters: clusters.map(({ name, location, placedBy, annotations, origin: { file, object } }) => ({
      name,
      location,
      ...(placedBy === undefined ? {} : { placedBy }),
      annotations,
      origin: { file, ...(object === undefined ? {} : { object }) },
    })),
  };
  return `${JSON.stringify(content)}\n`;
}

/** None where there is no such file, or none of use: then the source has to find them. */
async function load(file: string): Promise<readonly ClusterSpec[]> {
  try {
    if ((await stat(file)).size > MAX_FOUND_CLUSTERS_OCTETS) return [];
    const content: unknown = JSON.parse(await readFile(file, 'utf8'));
    return Check(SavedClusters, content) ? content.clusters : [];
  } catch {
    return [];
  }
}
