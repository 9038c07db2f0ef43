import { relative, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { createClusterOf } from '../../../src/compose/origins.ts';

const folder = (name: string) => resolve('clusters', name);
const access = { kind: 'in-cluster' } as const;
const live = { cluster: 'here', access, namespaces: [], selector: undefined, gatewayClasses: undefined };
const clusterOf = createClusterOf({
  sources: [
    { cluster: 'eu', manifests: folder('eu') },
    { cluster: 'eu-2', manifests: folder('eu-2') },
    { cluster: 'lab', manifests: folder('eu/lab') },
  ],
  liveSources: [live],
});

test.each([
  ['clusters/eu/shop.yaml', 'eu'],
  ['clusters/eu/deep/shop.yaml', 'eu'],
  ['clusters/eu/lab/shop.yaml', 'lab'],
  ['clusters/eu-2/shop.yaml', 'eu-2'],
  ['clusters/eu', 'eu'],
  ['cluster here', 'here'],
  ['cluster there', undefined],
  ['clusters/us/shop.yaml', undefined],
  ['azimuth.yaml', undefined],
])('the file %s belongs to %s', (file, cluster) => {
  expect(clusterOf(file)).toBe(cluster);
  expect(clusterOf(file)).toBe(cluster);
});

test('a folder outside the working directory is known by its whole path', () => {
  const outside = resolve('/srv/clusters/us');
  expect(relative(process.cwd(), outside).startsWith('..')).toBe(true);
  const us = createClusterOf({ sources: [{ cluster: 'us', manifests: outside }], liveSources: [] });
  expect(us(`${outside}/shop.yaml`)).toBe('us');
});

test('a cluster that was found since the start is one while it is there', () => {
  const there = new Set(['late']);
  const of = createClusterOf({ sources: [], liveSources: [] }, (cluster) => there.has(cluster));
  expect(of('cluster late')).toBe('late');
  there.delete('late');
  expect(of('cluster late')).toBeUndefined();
  there.add('late');
  expect(of('cluster late')).toBe('late');
});
