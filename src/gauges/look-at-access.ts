import type { Finding } from '../core/desired/finding.ts';
import type { GaugeQuery } from '../core/desired/model.ts';
import { createConnections } from './connections.ts';
import { type CredentialFilesOptions, createCredentialFiles } from './credential-files.ts';
import { loginOf } from './login.ts';

/** What a director would find in the files of logins and certificates of these servers. Nobody is asked. */
export async function lookAtAccess(
  queries: readonly GaugeQuery[],
  { follow, now }: Pick<CredentialFilesOptions, 'follow' | 'now'>,
): Promise<readonly Finding[]> {
  let found: readonly Finding[] = [];
  const onFindings = (findings: readonly Finding[]): void => {
    found = findings;
  };
  const files = createCredentialFiles({ follow, now, onFindings });
  const connections = createConnections(files);
  await Promise.all(
    queries.flatMap((query) =>
      query.access === undefined ? [] : [loginOf(query.access, files), connections.to(query)],
    ),
  );
  await connections.close();
  return found;
}
