import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { EVENT_KINDS } from '../../../src/feedback/event-desk.ts';
import { STATUS_KINDS } from '../../../src/feedback/status-desk.ts';
import { EVENTS } from '../../../src/sources/gateway-api/event-body.ts';
import { WATCHED_KINDS, type WatchedKind } from '../../../src/sources/gateway-api/kinds.ts';
import { ROOT } from '../../house/source-tree.ts';

type Rule = { apiGroups: string[]; resources: string[]; verbs: string[] };
type Manifest = { kind: string; metadata: { name: string }; rules?: Rule[] };

/** Every right of a role as `verb plural.group`. */
async function rightsOf(
  file: string,
  role: string,
  scope: 'ClusterRole' | 'Role' = 'ClusterRole',
): Promise<readonly string[]> {
  const text = await readFile(join(ROOT, 'deploy', 'kubernetes', file), 'utf8');
  const manifests: Manifest[] = parseAllDocuments(text).map((one) => one.toJS());
  const found = manifests.find(({ kind, metadata }) => kind === scope && metadata.name === role);
  return (found?.rules ?? [])
    .flatMap(({ apiGroups, resources, verbs }) =>
      apiGroups.flatMap((group) => resources.flatMap((plural) => verbs.map((verb) => right(verb, { plural, group })))),
    )
    .toSorted();
}

const right = (verb: string, { plural, group }: Pick<WatchedKind, 'plural' | 'group'>): string =>
  `${verb} ${plural}.${group}`;
const rights = (kinds: readonly Pick<WatchedKind, 'plural' | 'group'>[], ...verbs: readonly string[]) =>
  kinds.flatMap((kind) => verbs.map((verb) => right(verb, kind))).toSorted();

describe('the manifests of deploy/kubernetes', () => {
  test('let Azimuth list and watch the kinds that it reads and get one CRD, and nothing else', async () => {
    const expected = [...rights(WATCHED_KINDS, 'list', 'watch'), 'get customresourcedefinitions.apiextensions.k8s.io'];
    expect(await rightsOf('rbac-read.yaml', 'azimuth-read')).toEqual(expected.toSorted());
  });

  test('let it list nodes, and nothing else, to see where the cluster is', async () => {
    expect(await rightsOf('rbac-nodes.yaml', 'azimuth-nodes')).toEqual(['list nodes.']);
  });

  test('let it list and watch Secrets of one namespace, and nothing else, to find clusters', async () => {
    const rights = await rightsOf('rbac-cluster-secrets.yaml', 'azimuth-cluster-secrets', 'Role');
    expect(rights).toEqual(['list secrets.', 'watch secrets.']);
  });

  test('let it patch the kinds on which a status is written, and nothing else, for the status', async () => {
    const noted = WATCHED_KINDS.filter(({ kind }) => STATUS_KINDS.has(kind));
    expect(noted.length).toBeGreaterThan(2);
    expect(await rightsOf('rbac-feedback.yaml', 'azimuth-status')).toEqual(rights(noted, 'patch'));
  });

  test('let it get the kinds on which Events are recorded, and create, get and patch Events, and nothing else, for Events', async () => {
    const told = WATCHED_KINDS.filter(({ kind }) => EVENT_KINDS.has(kind));
    const expected = [...rights(told, 'get'), ...rights([EVENTS], 'create', 'get', 'patch')];
    expect(await rightsOf('rbac-feedback.yaml', 'azimuth-events')).toEqual(expected.toSorted());
  });
});
