import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ListenAddress } from '../../src/core/ports.ts';
import { ROOT } from '../house/source-tree.ts';
import { logField, type OwnProcess, startOwn } from '../interop/director-process.ts';
import { makeTestCertificates } from '../support/certificates.ts';
import { startTestGateway, type TestGateway } from '../support/gateway.ts';
import { rawGateway, type ScriptedApi, startScriptedApi } from '../support/scripted-api.ts';
import { type OwnPrometheus, startPrometheus } from './own-prometheus.ts';

/** The hostname that is served by weight, by the addresses of its two gateways. */
export const SHOP = { name: 'shop.gslb.example', eu: '127.0.1.12', us: '127.0.1.13' } as const;
/** Of 100. */
export const WEIGHTS = { eu: 70, us: 30 } as const;

/** A director with two real gateways and a live cluster, and a Prometheus that scrapes it every second by our rules. */
export type MonitoredWorld = {
  readonly eu: TestGateway;
  readonly us: TestGateway;
  readonly dns: ListenAddress;
  readonly prometheus: OwnPrometheus;
  /** `POST` at the admin API; rejects where it is refused. */
  order(path: string, body: object): Promise<void>;
  stop(): Promise<void>;
};

/** Starts all of it. */
export async function startMonitoredWorld(program: string): Promise<MonitoredWorld> {
  const folder = await mkdtemp(join(tmpdir(), 'azimuth-monitoring-'));
  const { caFile, good } = await makeTestCertificates(folder, SHOP.name);
  const [eu, us] = await Promise.all(
    [SHOP.eu, SHOP.us].map((address) => startTestGateway({ address, certificate: good })),
  );
  if (eu === undefined || us === undefined) throw new Error('no gateways');
  const api = await startLiveCluster();
  await copyFile(join(ROOT, 'geoip/test-city.mmdb'), join(folder, 'city.mmdb'));
  for (const [cluster, gateway] of [
    ['eu', eu],
    ['us', us],
  ] as const) {
    await mkdir(join(folder, cluster));
    await writeFile(join(folder, cluster, 'shop.yaml'), manifest(gateway, WEIGHTS[cluster]));
  }
  await writeFile(join(folder, 'azimuth.yaml'), configuration(caFile, api));
  const director = startOwn('src/main.ts', ['run', '--config', join(folder, 'azimuth.yaml')]);
  const stop = async (): Promise<void> => {
    await director.stop();
    await Promise.all([eu.stop(), us.stop(), api.close()]);
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const { dns, admin } = await addressesOf(director);
    const tokenFile = join(folder, 'state/admin-token');
    await writePrometheusFiles(folder, admin, tokenFile);
    const order = orderer(admin, (await readFile(tokenFile, 'utf8')).trim());
    const prometheus = await startPrometheus(program, folder);
    const stopAll = async (): Promise<void> => {
      await prometheus.stop();
      await stop();
    };
    return { eu, us, dns, prometheus, order, stop: stopAll };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** A cluster behind an API server of ours, with one Gateway that nobody probes. */
function startLiveCluster(): Promise<ScriptedApi> {
  const own = rawGateway('public', 10);
  const gateway = {
    ...own,
    metadata: { name: 'public', namespace: 'web', resourceVersion: '10', annotations: { 'azimuth.dev/probe': 'none' } },
    spec: {
      gatewayClassName: 'example',
      listeners: [{ name: 'http', protocol: 'HTTP', port: 80, hostname: 'app.gslb.example' }],
    },
    status: { addresses: [{ type: 'IPAddress', value: '127.0.1.14' }] },
  };
  return startScriptedApi({
    onList: ({ response }) => response.end(JSON.stringify({ metadata: { resourceVersion: '10' }, items: [gateway] })),
    onWatch: ({ response }) => response.flushHeaders(),
  });
}

function manifest({ address, port }: TestGateway, weight: number): string {
  return `apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata:
  name: public
  namespace: web
  annotations: { azimuth.dev/steering: weighted, azimuth.dev/weight: "${weight}" }
spec:
  gatewayClassName: example
  listeners: [{ name: https, protocol: HTTPS, port: ${port}, hostname: ${SHOP.name}, tls: { certificateRefs: [{ name: c }] } }]
status: { addresses: [{ type: IPAddress, value: ${address} }] }
`;
}

function configuration(trust: string, { kubeconfig }: ScriptedApi): string {
  return `zones: [{ name: gslb.example, nameservers: { ns1.gslb.example: [192.0.2.53] } }]
clusters:
  - { name: eu, location: { country: DE }, source: { manifests: eu }, annotations: { capacity: "1000" } }
  - { name: us, location: { country: US }, source: { manifests: us } }
  - { name: ap, location: { country: JP }, source: { kubeconfig: "${kubeconfig}", context: here } }
teams: [{ name: shop, namespaces: [web], hostnames: [${SHOP.name}] }]
monitors: [{ name: eu-load, cluster: eu, load: { external: { expires: 5m } } }]
dns: { listen: ["127.0.0.1:0"] }
admin: { listen: "127.0.0.1:0" }
geoip: { database: city.mmdb }
prober: { interval: 2s, timeout: 2s, rise: 2, fall: 3, trust: ${trust}, allow: [127.0.0.0/8] }
state: { directory: state }
`;
}

async function addressesOf(director: OwnProcess): Promise<Readonly<Record<'dns' | 'admin', ListenAddress>>> {
  const told = await director.waitFor((line) => logField(line, 'ready', 'listening'));
  const { dns, admin }: Record<'dns' | 'admin', readonly ListenAddress[]> = JSON.parse(JSON.stringify(told));
  return { dns: dns[0]!, admin: admin[0]! };
}

/** The documented scrape configuration, but every second, and our rules worked out as often. */
async function writePrometheusFiles(folder: string, { host, port }: ListenAddress, tokenFile: string): Promise<void> {
  const rules = await readFile(join(ROOT, 'deploy/monitoring/alerts.yaml'), 'utf8');
  await writeFile(join(folder, 'rules.yml'), rules.replace('interval: 30s', 'interval: 1s'));
  const access = `authorization: { credentials_file: ${tokenFile} }, static_configs: [{ targets: ["${host}:${port}"] }]`;
  await writeFile(
    join(folder, 'prometheus.yml'),
    `global: { scrape_interval: 1s, evaluation_interval: 1s }
rule_files: [${join(folder, 'rules.yml')}]
scrape_configs:
  - { job_name: azimuth, ${access} }
  - job_name: azimuth-probes
    metrics_path: /metrics/probes
    honor_labels: true
    relabel_configs: [{ source_labels: [__address__], target_label: director }]
    authorization: { credentials_file: ${tokenFile} }
    static_configs: [{ targets: ["${host}:${port}"] }]
`,
  );
}

function orderer({ host, port }: ListenAddress, token: string): MonitoredWorld['order'] {
  return async (path, body) => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const answer = await fetch(`http://${host}:${port}${path}`, {
      method: 'POST',
      headers,
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  };
}
