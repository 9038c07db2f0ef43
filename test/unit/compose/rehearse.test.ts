import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { rehearse } from '../../../src/compose/rehearse.ts';
import { loadConfig } from '../../../src/config/load.ts';

const ROUTE = `apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: shop, annotations: { external-dns.kubernetes.io/ttl: 1m } }
spec: { parentRefs: [{ name: edge }], hostnames: [shop.gslb.example] }
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: edge }
spec: { gatewayClassName: any, listeners: [{ name: http, port: 80, protocol: HTTP }] }
status: { addresses: [{ type: IPAddress, value: 192.0.2.1 }] }
`;
const CONFIG = `zones: [{ name: gslb.example, nameservers: { ns1.gslb.example: [192.0.2.53], ns2.gslb.example: [192.0.2.54] } }]
clusters: [{ name: eu, location: { country: DE }, source: { manifests: eu } }]
`;

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'azimuth-rehearse-'));
  await mkdir(join(folder, 'eu'));
  await writeFile(join(folder, 'eu', 'all.yaml'), ROUTE);
});
afterAll(() => rm(folder, { recursive: true }));

test.each([
  ['', 30, []],
  ['migration: { read: [external-dns] }', 60, ['annotation-translated']],
])('a check with %j serves what a director would: TTL %i, findings %j', async (migration, ttl, codes) => {
  const file = join(folder, 'azimuth.yaml');
  await writeFile(file, CONFIG + migration);
  const loaded = await loadConfig(file, {});
  if (loaded.kind === 'invalid') throw new Error(JSON.stringify(loaded.problems));
  const { model, findings } = await rehearse(loaded.config);
  expect(model.hostnames.map((hostname) => [hostname.name, hostname.policy.ttl])).toEqual([['shop.gslb.example', ttl]]);
  expect(findings.map(({ code }) => code)).toEqual(codes);
});
