import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { probeRefusal } from '../../../src/compose/probe-refusal.ts';
import { loadConfig } from '../../../src/config/load.ts';
import type { ProbeProtocol } from '../../../src/core/desired/model.ts';
import { startTestGateway, type TestGateway } from '../../support/gateway.ts';
import { monitorOf, probeOnce, verdictOf } from './probe-once.ts';

let gateway: TestGateway;
let folder: string;

beforeEach(async () => {
  gateway = await startTestGateway();
  folder = await mkdtemp(join(tmpdir(), 'azimuth-refusal-'));
});
afterEach(async () => {
  await gateway.stop();
  await rm(folder, { recursive: true });
});

async function refusalOf(prober: string, more = '') {
  const file = join(folder, 'azimuth.yaml');
  await writeFile(
    file,
    `zones: [{ name: gslb.example, nameservers: { ns1.gslb.example: [192.0.2.53] } }]
clusters: [{ name: eu, location: { country: DE }, source: { manifests: eu } }]
prober: ${prober}
${more}`,
  );
  const loaded = await loadConfig(file, {});
  if (loaded.kind === 'invalid') throw new Error(JSON.stringify(loaded.problems));
  return { config: loaded.config, refusal: probeRefusal(loaded.config) };
}

describe('an address that may not be probed', () => {
  it.each(['http', 'https', 'h2', 'tcp', 'tls', 'grpc', 'grpcs', 'dns'] satisfies ProbeProtocol[])(
    'gets no packet over %s: the probe is forbidden',
    async (protocol) => {
      const { refusal } = await refusalOf('{}');
      const result = await probeOnce(monitorOf({ ...gateway, protocol, path: '' }), { refusal });
      expect(result.outcome).toEqual({
        kind: 'failure',
        failure: 'forbidden',
        detail: '127.0.0.1 is a loopback address',
      });
      expect(result.phases).toBeUndefined();
      expect(gateway.connections().accepted).toBe(0);
    },
  );

  it('is probed where the configuration allows it', async () => {
    const { refusal } = await refusalOf('{ allow: [127.0.0.0/8] }');
    expect(verdictOf(await probeOnce(monitorOf(gateway), { refusal }))).toBe('success');
  });

  it('is probed where the operator named it: as a control target or a monitor', async () => {
    const url = `http://127.0.0.1:${gateway.port}/`;
    const monitors = `monitors: [{ name: own, probe: "${url}", host: shop.gslb.example }]`;
    const { config, refusal } = await refusalOf(`{ control: ["${url}"] }`, monitors);
    const [control] = config.prober.controls;
    const [own] = config.declaration.monitors ?? [];
    expect(control).toBeDefined();
    expect(control && verdictOf(await probeOnce(control, { refusal }))).toBe('success');
    const named = own?.source.kind === 'probe' ? own.source.monitor : undefined;
    expect(named && verdictOf(await probeOnce(named, { refusal }))).toBe('success');
    expect(verdictOf(await probeOnce(monitorOf(gateway), { refusal }))).toBe('forbidden');
  });
});
