import type { Static } from 'typebox';
import type { Migration } from '../core/desired/migration/systems.ts';
import { quote } from '../core/desired/quote.ts';
import { nearest } from '../core/desired/suggest.ts';
import type { Complain } from './problem.ts';
import type { Migration as MigrationSection } from './schema.ts';

/** What to read of other systems, as a part of the declaration: empty where that is off. Complains of what contradicts the rest. */
export function buildMigration(
  section: Static<typeof MigrationSection> | undefined,
  prefix: string,
  clusters: readonly string[] | undefined,
  complain: Complain,
): { readonly migration?: Migration } {
  if (section === undefined) return {};
  const { read, geotags, 'external-dns-prefix': externalDnsPrefix } = section;
  if (externalDnsPrefix === prefix) {
    const found = `${quote(prefix)}, which is annotations.prefix`;
    complain(['migration', 'external-dns-prefix'], { expected: 'a prefix that is not ours', found });
  }
  for (const [geotag, cluster] of Object.entries(geotags)) {
    if (clusters === undefined || clusters.includes(cluster)) continue;
    const near = nearest(cluster, clusters);
    const suggestion = near === undefined ? {} : { suggestion: `did you mean ${quote(near)}?` };
    complain(['migration', 'geotags', geotag], {
      expected: 'the name of a cluster',
      found: quote(cluster),
      ...suggestion,
    });
  }
  if (read.length === 0) return {};
  return { migration: { read, geotags, ...(externalDnsPrefix === undefined ? {} : { externalDnsPrefix }) } };
}
