import { describe, expect, test } from 'vitest';
import { readObject } from '../../../../src/core/desired/gateway-api/objects.ts';
import { createObjectPacker } from '../../../../src/sources/file/object-batch.ts';
import { createObjectPool } from '../../../../src/sources/file/object-pool.ts';
import { createRestorer, writeObject } from '../../../../src/state/picture-object.ts';

const GROUP = 'gateway.networking.k8s.io';
const meta = (name: string, labels: object = {}) => ({ name, namespace: 'web', generation: 2, labels });
const bad = [{ type: 'Accepted', status: 'False', reason: 'Tested' }];
const stale = [{ type: 'Programmed', status: 'True', observedGeneration: 1 }];
const parentRef = { group: GROUP, kind: 'Gateway', name: 'edge' };
const abroad = { name: 'cert', namespace: 'back' };

const OBJECTS: readonly unknown[] = [
  {
    apiVersion: `${GROUP}/v1`,
    kind: 'Gateway',
    metadata: meta('edge'),
    spec: { listeners: [{ name: 'tls', port: 443, protocol: 'HTTPS', tls: { certificateRefs: [abroad] } }] },
    status: {
      addresses: [{ type: 'Hostname', value: 'lb.cloud.example' }, { value: '192.0.2.1' }],
      conditions: stale,
      listeners: [{ name: 'tls', conditions: bad }],
    },
  },
  {
    apiVersion: `${GROUP}/v1`,
    kind: 'ListenerSet',
    metadata: meta('set'),
    spec: { parentRef, listeners: [] },
    status: { conditions: bad },
  },
  {
    apiVersion: `${GROUP}/v1`,
    kind: 'HTTPRoute',
    metadata: meta('refused'),
    spec: { parentRefs: [parentRef] },
    status: { parents: [{ parentRef, conditions: bad }] },
  },
  {
    apiVersion: `${GROUP}/v1`,
    kind: 'HTTPRoute',
    metadata: meta('admitted'),
    spec: { parentRefs: [parentRef], hostnames: ['shop.gslb.example'] },
  },
  {
    apiVersion: `${GROUP}/v1alpha2`,
    kind: 'TCPRoute',
    metadata: meta('far'),
    spec: { parentRefs: [parentRef], rules: [{ backendRefs: [{ ...abroad, port: 1 }] }] },
  },
  {
    apiVersion: `${GROUP}/v1beta1`,
    kind: 'ReferenceGrant',
    metadata: meta('grant'),
    spec: { from: [{ group: '', kind: 'A', namespace: 'b' }], to: [{ group: '', kind: 'Service' }] },
  },
  { apiVersion: 'multicluster.x-k8s.io/v1alpha1', kind: 'ServiceImport', metadata: meta('far') },
  {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: meta('far', { 'multicluster.kubernetes.io/service-name': 'far' }),
    endpoints: [],
  },
];

const read = OBJECTS.map((value, index) => {
  const one = readObject(value, { file: 'eu.yaml', line: index + 1 });
  if (one.kind !== 'object') throw new Error('no object');
  expect(one.findings).toEqual([]);
  return one.object;
});

describe('what controllers say and what lies behind a Route', () => {
  test('is in the objects that carry it', () => {
    expect(JSON.stringify(read).match(/"(?:unmet|borrowed|backends|addressNames)":\[[^\]]/g)).toEqual([
      '"borrowed":[{',
      '"unmet":[{',
      '"addressNames":["',
      '"unmet":[{',
      '"unmet":[{',
      '"unmet":[{',
      '"backends":[{',
    ]);
  });

  test('crosses from a thread', () => {
    const packer = createObjectPacker();
    for (const object of read) packer.add(object);
    const unpacked = createObjectPool().unpacker()(structuredClone(packer.take()), 'eu.yaml');
    expect(unpacked.toSorted((a, b) => (a.origin.line ?? 0) - (b.origin.line ?? 0))).toEqual(read);
  });

  test('survives a restart', () => {
    const restore = createRestorer();
    expect(read.map((object) => restore(writeObject(object) ?? ''))).toEqual(read);
  });
});
