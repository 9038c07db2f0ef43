import { mkdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Static, Type } from 'typebox';
import { Check } from 'typebox/value';
import { type Finding, finding } from '../core/desired/finding.ts';
import type { ClusterSpec } from '../core/desired/model.ts';
import type { FoundClusters, Source } from '../core/ports.ts';
import { replaceFile } from './durable-file.ts';

/** Largest file of the clusters that were found, in octets. */
const MAX_FOUND_CLUSTERS_OCTETS = 16 * 2 ** 20;

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
  readonly onFindings: (findings: readonly Finding[]) => void;
};

/**
 * A source whose found clusters survive a restart: while it cannot say which there are, they are those that it found last.
 * What leads to a cluster, credentials above all, is not saved. A source that finds none is the very same.
 */
export function rememberClusters(source: Source, { directory, isOurs, onFindings }: FoundClustersOptions): Source {
  if (source.found === undefined) return source;
  const file = join(directory, 'found-clusters.json');
  let saved: readonly ClusterSpec[] = [];
  let written: string | undefined;
  /** What could not be written while the directory was another process's. */
  let inMind: string | undefined;
  let writing: Promise<void> = Promise.resolve();

  async function save(before: Promise<void>, text: string): Promise<void> {
    await before;
    inMind = isOurs?.() === false ? text : undefined;
    if (text === written || inMind !== undefined) return;
    try {
      await mkdir(directory, { recursive: true });
      await replaceFile(file, text);
      written = text;
      onFindings([]);
    } catch (error) {
      const message = `Which clusters were found cannot be saved: ${messageOf(error)}.`;
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
        if (found.membership === 'known') writing = save(writing, textOf(found.clusters));
      });
    },
    async close() {
      await source.close();
      if (inMind !== undefined) writing = save(writing, inMind);
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

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
