/** Answers that are not the ordinary case, of a real director on each engine: asked by DNS, counted by a scrape, explained. */
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ListenAddress } from '../../src/core/ports.ts';
import { ROOT } from '../house/source-tree.ts';
import { ask, askTcp } from '../support/dns-client.ts';
import { QTYPE, query, subnet } from '../support/dns-message.ts';
import { NATIVE } from '../support/dns-server.ts';
import { eventually } from '../support/eventually.ts';
import { logField, type OwnProcess, startOwn } from './director-process.ts';

/** By the synthetic location database. */
const EUROPEAN = [192, 0, 2];
const AMERICAN = [198, 51, 100];

type Counts = { readonly 'last-resort': number; readonly residency: number; readonly nobody: number };
const NONE: Counts = { 'last-resort': 0, residency: 0, nobody: 0 };

describe.each(['portable', 'native'] as const)('engine %s', (engine) => {
  const isHere = engine === 'portable' || NATIVE.engine === 'native';
  describe.skipIf(!isHere)('answers that are not the ordinary case (skipped where the engine does not work)', () => {
    let folder: string;
    let director: OwnProcess;
    let dns: ListenAddress;
    let admin: string;
    let token: string;
    /** What was counted before the question of a test. */
    let before: Counts;

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'azimuth-exceptional-'));
      await writeWorld(folder, engine);
      director = startOwn('src/main.ts', ['run', '--config', join(folder, 'azimuth.yaml')]);
      const told = await director.waitFor((line) => logField(line, 'ready', 'listening'));
      const listening: Record<'dns' | 'admin', readonly ListenAddress[]> = JSON.parse(JSON.stringify(told));
      dns = listening.dns[0]!;
      admin = `http://127.0.0.1:${listening.admin[0]!.port}`;
      token = (await readFile(join(folder, 'state/admin-token'), 'utf8')).trim();
      before = await scrape();
    });

    afterAll(async () => {
      await director?.stop();
      await rm(folder, { recursive: true, force: true });
    });

    it('are none where all is well, and none by questions for another family or type', async () => {
      expect(before).toEqual(NONE);
      expect(await addresses('shop', QTYPE.A, EUROPEAN)).toEqual(['127.0.1.2']);
      expect(await addresses('home', QTYPE.A, AMERICAN)).toEqual(['127.0.1.3']);
      expect(await addresses('shop', QTYPE.AAAA, EUROPEAN)).toEqual([]);
      expect(await addresses('missing', QTYPE.A, EUROPEAN)).toEqual([]);
      await expectMore({});
    });

    it('are those of the last resort, by UDP, TCP and an alias, and not where it has no address of the family', async () => {
      await order('PUT', '/v1/overrides/lost', { scope: { clusters: ['*'] }, action: 'down', force: true });
      expect(await addresses('shop', QTYPE.A, EUROPEAN)).toEqual(['127.0.1.2']);
      expect(await addresses('www', QTYPE.A, AMERICAN)).toEqual(['shop.gslb.example', '127.0.1.3']);
      const byTcp = await askTcp(dns, query('shop.gslb.example', QTYPE.A));
      expect(byTcp.packet.answers).toHaveLength(1);
      expect(await addresses('shop', QTYPE.AAAA, EUROPEAN)).toEqual([]);
      await addresses('shop', QTYPE.ANY, EUROPEAN);
      expect(await reason('shop', EUROPEAN)).toBe('last-resort');
      await expectMore({ 'last-resort': 3 });
      await order('DELETE', '/v1/overrides/lost');
    });

    it('are refusals of those whom residency keeps from clusters that are up', async () => {
      await order('POST', '/v1/clusters/eu/drain', { force: true });
      expect(await addresses('home', QTYPE.A, EUROPEAN)).toEqual([]);
      expect(await addresses('home', QTYPE.AAAA, EUROPEAN)).toEqual([]);
      expect(await addresses('home', QTYPE.A, AMERICAN)).toEqual(['127.0.1.3']);
      expect(await addresses('shop', QTYPE.A, EUROPEAN)).toEqual(['127.0.1.3']);
      expect(await reason('home', EUROPEAN)).toBe('residency');
      expect(await reason('home', AMERICAN)).toBe('steered');
      await expectMore({ residency: 2 });
      const args = ['explain', 'home.gslb.example', '--from', EUROPEAN.concat(1).join('.'), '--admin', admin];
      const told = startOwn('src/main.ts', args, { AZIMUTH_ADMIN_TOKEN: token, NO_COLOR: '1' });
      const line = await told.waitFor((each) => (each.startsWith('answer: ') ? each : undefined));
      expect(line).toMatch(/^answer: nodata \(residency: /);
    });

    it('are nobody where nobody is left for anybody', async () => {
      await order('POST', '/v1/clusters/us/drain', { force: true });
      expect(await addresses('shop', QTYPE.A, AMERICAN)).toEqual([]);
      expect(await addresses('home', QTYPE.A, EUROPEAN)).toEqual([]);
      expect(await reason('home', EUROPEAN)).toBe('nobody');
      await expectMore({ nobody: 2 });
    });

    /** What the answer says, aliases included. */
    async function addresses(name: string, type: number, client: readonly number[]): Promise<readonly unknown[]> {
      const { packet } = await ask(dns, query(`${name}.gslb.example`, type, { options: [subnet(1, 24, client)] }));
      return (packet.answers ?? []).map((record) => ('data' in record ? record.data : undefined));
    }

    async function reason(name: string, client: readonly number[]): Promise<unknown> {
      const from = client.concat(1).join('.');
      const answer = await fetch(`${admin}/v1/explain?name=${name}.gslb.example&from=${from}`, { headers: headers() });
      const { reason, agreement }: { reason?: unknown; agreement?: unknown } = Object(await answer.json());
      expect(agreement).toBe('same');
      return reason;
    }

    async function expectMore(more: Partial<Counts>): Promise<void> {
      const wanted = Object.fromEntries(
        Object.entries(before).map(([each, count]) => [each, count + (new Map(Object.entries(more)).get(each) ?? 0)]),
      );
      await eventually(async () => expect(await scrape()).toEqual(wanted));
      before = await scrape();
    }

    async function scrape(): Promise<Counts> {
      const page = await (await fetch(`${admin}/metrics`, { headers: headers() })).text();
      const found = page.matchAll(/^azimuth_dns_exceptional_answers_total\{reason="([a-z-]+)"\} (\d+)$/gm);
      return Object.assign({ ...NONE }, Object.fromEntries([...found].map(([, each, count]) => [each, Number(count)])));
    }

    async function order(method: string, path: string, body?: object): Promise<void> {
      const told = body === undefined ? {} : { body: JSON.stringify({ ...body, reason: 'proof' }) };
      const answer = await fetch(`${admin}${path}`, { method, headers: headers(body), ...told });
      expect(answer.ok, `${path}: ${answer.ok ? '' : await answer.text()}`).toBe(true);
    }

    function headers(body?: object): Record<string, string> {
      return { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }) };
    }
  });
});

/** Two clusters that nobody probes; `home` keeps its Europeans in Europe. */
async function writeWorld(folder: string, engine: string): Promise<void> {
  await copyFile(join(ROOT, 'geoip/test-city.mmdb'), join(folder, 'city.mmdb'));
  for (const [cluster, address] of [
    ['eu', '127.0.1.2'],
    ['us', '127.0.1.3'],
  ] as const) {
    await mkdir(join(folder, cluster));
    await writeFile(join(folder, cluster, 'web.yaml'), manifests(address));
  }
  await writeFile(
    join(folder, 'azimuth.yaml'),
    `zones:
  - name: gslb.example
    nameservers: { ns1.gslb.example: [192.0.2.53] }
    records: ["www 300 CNAME shop"]
clusters:
  - { name: eu, location: { country: DE }, source: { manifests: eu } }
  - { name: us, location: { country: US }, source: { manifests: us } }
dns: { listen: ["127.0.0.1:0"], engine: ${engine} }
admin: { listen: "127.0.0.1:0" }
geoip: { database: city.mmdb }
state: { directory: state }
`,
  );
}

function manifests(address: string): string {
  const route = (name: string, annotations: string): string => `---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: ${name}, namespace: web, annotations: { ${annotations} } }
spec: { parentRefs: [{ name: public }], hostnames: [${name}.gslb.example] }
`;
  return `apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: public, namespace: web, annotations: { azimuth.dev/probe: none } }
spec:
  gatewayClassName: example
  listeners: [{ name: http, protocol: HTTP, port: 80 }]
status: { addresses: [{ type: IPAddress, value: ${address} }] }
${route('shop', 'azimuth.dev/steering: nearest')}${route('home', 'azimuth.dev/residency: "continent:EU"')}`;
}
