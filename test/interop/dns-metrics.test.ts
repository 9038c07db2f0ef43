/** What a real director on each engine says of its answers, its sockets and itself on the page that Prometheus scrapes. */
import { spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ListenAddress } from '../../src/core/ports.ts';
import { ask, askTcp } from '../support/dns-client.ts';
import { QTYPE, query } from '../support/dns-message.ts';
import { NATIVE } from '../support/dns-server.ts';
import { eventually } from '../support/eventually.ts';
import { logField, type OwnProcess, startOwn } from './director-process.ts';

/** Prometheus' own checker of metrics; not every machine has it. */
const PROMTOOL = 'promtool';
const hasPromtool = spawnSync(PROMTOOL, ['--version']).error === undefined;
/** More than a receive queue of 4 MiB holds, by what the system reckons for each. */
const FLOOD = 8_000;
const FLOOD_OCTETS = 1_000;
const SECRET = 'QZ17QZ17';

describe.each(['portable', 'native'] as const)('engine %s', (engine) => {
  const isHere = engine === 'portable' || NATIVE.engine === 'native';
  describe.skipIf(!isHere)('the page', () => {
    let folder: string;
    let director: OwnProcess;
    let dns: ListenAddress;
    let read: (page: string) => Promise<string>;

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'azimuth-dns-metrics-'));
      await writeWorld(folder, engine);
      director = startOwn('src/main.ts', ['run', '--config', join(folder, 'azimuth.yaml')]);
      const told = await director.waitFor((line) => logField(line, 'ready', 'listening'));
      const listening: Record<'dns' | 'admin', readonly ListenAddress[]> = JSON.parse(JSON.stringify(told));
      dns = listening.dns[0]!;
      const token = (await readFile(join(folder, 'state/admin-token'), 'utf8')).trim();
      read = async (page) => {
        const url = `http://127.0.0.1:${listening.admin[0]!.port}${page}`;
        return (await fetch(url, { headers: { authorization: `Bearer ${token}` } })).text();
      };
    });

    afterAll(async () => {
      await director?.stop();
      await rm(folder, { recursive: true, force: true });
    });

    /** The values of `/metrics`, by series as it is written. */
    const scrape = async (): Promise<ReadonlyMap<string, number>> => {
      const lines = (await read('/metrics')).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
      return new Map(lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.split(' ').at(-1))]));
    };
    const queueDrops = () => `azimuth_dns_receive_queue_drops_total{listener="127.0.0.1:${dns.port}"}`;

    it('tells of what has not come yet', async () => {
      const page = await scrape();
      for (const transport of ['udp', 'tcp']) {
        for (const rcode of ['FORMERR', 'SERVFAIL', 'NXDOMAIN', 'NOTIMP', 'REFUSED']) {
          expect(page.get(`azimuth_dns_responses_total{transport="${transport}",rcode="${rcode}"}`)).toBe(0);
        }
      }
      expect(page.get('azimuth_dns_zone_answers_total{zone="gslb.example",rcode="SERVFAIL"}')).toBe(0);
      expect(page.get('azimuth_probe_targets_left_out')).toBe(0);
      expect(page.get('azimuth_event_loop_lag_seconds_count')).toBeGreaterThan(0);
    });

    it('tells which zone and which type had which response, over UDP and TCP', async () => {
      for (let i = 0; i < 3; i++) await ask(dns, query('missing.gslb.example', QTYPE.CAA));
      await askTcp(dns, query('missing.gslb.example', QTYPE.CAA));
      await ask(dns, query('shop.gslb.example', QTYPE.A));
      await ask(dns, query('elsewhere.example', QTYPE.MX));
      const page = await scrape();
      expect(page.get('azimuth_dns_zone_answers_total{zone="gslb.example",rcode="NXDOMAIN"}')).toBe(4);
      expect(page.get('azimuth_dns_type_responses_total{type="CAA",rcode="NXDOMAIN"}')).toBe(4);
      expect(page.get('azimuth_dns_type_responses_total{type="A",rcode="NOERROR"}')).toBe(1);
      expect(page.get('azimuth_dns_type_responses_total{type="MX",rcode="REFUSED"}')).toBe(1);
      expect([...page.keys()].filter((series) => /zone_answers.*REFUSED/.test(series))).toEqual([]);
    });

    it.skipIf(process.platform !== 'linux')('tells what the system dropped while nobody read (Linux)', async () => {
      const before = await scrape();
      expect(before.get(queueDrops())).toBeGreaterThanOrEqual(0);
      director.child.kill('SIGSTOP');
      try {
        await flood(dns);
      } finally {
        director.child.kill('SIGCONT');
      }
      await eventually(async () => {
        const page = await scrape();
        expect(page.get(queueDrops())).toBeGreaterThan(before.get(queueDrops()) ?? Number.NaN);
      });
      expect(await ask(dns, query('shop.gslb.example', QTYPE.A))).toMatchObject({ rcode: 0 });
    });

    it('shows no secret of a probe, nor does the log', async () => {
      await eventually(async () => {
        const probes = await read('/metrics/probes');
        expect(probes).toMatch(
          /^probe_success\{instance="http:.*\/health\?access_token=…&key=…~[\da-f]{6}#127\.0\.0\.1"\} 0$/m,
        );
        expect(probes).not.toContain(SECRET);
        const changed = director.lines.filter(
          (line) => logField(line, 'monitor changed state', 'monitor') !== undefined,
        );
        expect(changed.join('\n')).toContain('access_token=[redacted]&key=[redacted] host=');
      });
      expect(director.lines.join('\n')).not.toContain(SECRET);
    });

    it.skipIf(!hasPromtool)('has nothing that promtool does not like (skipped where it is not installed)', async () => {
      const input = await read('/metrics');
      const { status, stdout, stderr } = spawnSync(PROMTOOL, ['check', 'metrics'], { input, encoding: 'utf8' });
      expect(status, stdout + stderr).toBe(0);
    });
  });
});

async function flood({ host, port }: ListenAddress): Promise<void> {
  const socket = createSocket('udp4');
  const octets = Buffer.alloc(FLOOD_OCTETS);
  for (let sent = 0; sent < FLOOD; sent += 100) {
    await Promise.all(Array.from({ length: 100 }, () => new Promise((done) => socket.send(octets, port, host, done))));
  }
  socket.close();
}

/** One hostname, whose gateway nobody is: its probe, which has secrets in its URL, fails. */
async function writeWorld(folder: string, engine: string): Promise<void> {
  const probe = `azimuth.dev/probe: "http://:1/health?access_token=${SECRET}&key=${SECRET}", azimuth.dev/probe-interval: 1s`;
  await mkdir(join(folder, 'eu'));
  await writeFile(
    join(folder, 'eu/web.yaml'),
    `apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: public, namespace: web, annotations: { ${probe}, azimuth.dev/probe-timeout: 900ms } }
spec:
  gatewayClassName: example
  listeners: [{ name: http, protocol: HTTP, port: 80 }]
status: { addresses: [{ type: IPAddress, value: 127.0.0.1 }] }
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: shop, namespace: web }
spec: { parentRefs: [{ name: public }], hostnames: [shop.gslb.example] }
`,
  );
  await writeFile(
    join(folder, 'azimuth.yaml'),
    `zones: [{ name: gslb.example, nameservers: { ns1.gslb.example: [192.0.2.53] } }]
clusters: [{ name: eu, location: { country: DE }, source: { manifests: eu } }]
dns: { listen: ["127.0.0.1:0"], engine: ${engine}, workers: 1 }
admin: { listen: "127.0.0.1:0" }
prober: { allow: [127.0.0.0/8] }
state: { directory: state }
`,
  );
}
