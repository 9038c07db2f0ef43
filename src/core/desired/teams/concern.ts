import type { Origin } from '../finding.ts';
import type { Ownership } from './ownership.ts';
import type { TeamSpec } from './team.ts';

/** The namespace of the object that a finding is about; undefined where it is about none, or one in no namespace. */
function namespaceOf({ object }: Origin): string | undefined {
  return /^[A-Za-z]{1,63} ([-a-z0-9.]{1,253})\/\S+$/.exec(object ?? '')?.[1];
}

/** Makes the question: whose object is a finding about? `clusterOf` tells the cluster of a file, or source, as far as known. */
export function createConcern(
  { teamOf }: Pick<Ownership, 'teamOf'>,
  clusterOf: (file: string) => string | undefined,
): (origin: Origin) => TeamSpec | undefined {
  return (origin) => {
    const namespace = namespaceOf(origin);
    return namespace === undefined ? undefined : teamOf(clusterOf(origin.file), namespace);
  };
}
