import { once } from 'node:events';
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

/** One of the directors of a world. */
type MonitoredDirector = {
  /** As Prometheus calls it. */
  readonly instance: string;
  /** Ends it as the system would, without a word. */
  kill(): Promise<void>;
  /** What the admin API says at a path. */
  get(path: string, token?: string): Promise<Response>;
  /** Takes it from the targets of Prometheus. */
  forget(): Promise<void>;
};

/** Directors with two real gateways and a live cluster, and a Prometheus that scrapes them every second by our rules. */
export type MonitoredWorld = {
  readonly eu: TestGateway;
  readonly us: TestGateway;
  /** Of the first director. */
  readonly dns: ListenAddress;
  readonly directors: readonly MonitoredDirector[];
  readonly prometheus: OwnPrometheus;
  /** `POST` at the admin API of each director; rejects where it is refused. */
  order(path: string, body: object): Promise<void>;
  stop(): Promise<void>;
};

/** What differs between worlds. */
export type WorldShape = {
  readonly directors: number;
  /** Of the cluster `eu`: more manifests, and how its gateway is probed. */
  readonly more?: string;
  readonly euProbe?: (gateway: TestGateway) => string;
  /** The address of a blackbox exporter that has nothing to do with us. */
  readonly foreign?: string;
};

type Started = MonitoredDirector & {
  readonly dns: ListenAddress;
  readonly order: MonitoredWorld['order'];
  readonly targets: string;
  readonly tokenFile: string;
  readonly stop: () => Promise<unknown>;
};

/** Starts all of it. */
export async function startMonitoredWorld(
  program: string,
  { directors: count, more = '', euProbe, foreign }: WorldShape = { directors: 1 },
): Promise<MonitoredWorld> {
  const folder = await mkdtemp(join(tmpdir(), 'azimuth-monitoring-'));
  const { caFile, good } = await makeTestCertificates(folder, SHOP.name);
  const [eu, us] = await Promise.all(
    [SHOP.eu, SHOP.us].map((address) => startTestGateway({ address, certificate: good })),
  );
  if (eu === undefined || us === undefined) throw new Error('no gateways');
  const api = await startLiveCluster();
  await copyFile(join(ROOT, 'geoip/test-city.mmdb'), join(folder, 'city.mmdb'));
  for (const [cluster, text] of [
    ['eu', manifest(eu, WEIGHTS.eu, euProbe?.(eu)) + more],
    ['us', manifest(us, WEIGHTS.us)],
  ] as const) {
    await mkdir(join(folder, cluster));
    await writeFile(join(folder, cluster, 'shop.yaml'), text);
  }
  const started: Started[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(started.map((director) => director.stop()));
    await Promise.all([eu.stop(), us.stop(), api.close()]);
    await rm(folder, { recursive: true, force: true });
  };
  try {
    for (let index = 1; index <= count; index += 1) {
      started.push(await startDirector(folder, `ns${index}`, (state) => configuration(caFile, api, state)));
    }
    await writePrometheusFiles(folder, started, foreign);
    const prometheus = await startPrometheus(program, folder);
    const stopAll = async (): Promise<void> => {
      await prometheus.stop();
      await stop();
    };
    const order: MonitoredWorld['order'] = async (path, body) => {
      for (const director of started) await director.order(path, body);
    };
    return { eu, us, dns: started[0]!.dns, directors: started, prometheus, order, stop: stopAll };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startDirector(folder: string, name: string, config: (state: string) => string): Promise<Started> {
  const file = join(folder, `${name}.yaml`);
  await writeFile(file, config(`state-${name}`));
  const own = startOwn('src/main.ts', ['run', '--config', file]);
  const { dns, admin } = await addressesOf(own);
  const instance = `${admin.host}:${admin.port}`;
  const tokenFile = join(folder, `state-${name}/admin-token`);
  const token = (await readFile(tokenFile, 'utf8')).trim();
  const targets = join(folder, `${name}.targets.json`);
  await writeFile(targets, JSON.stringify([{ targets: [instance] }]));
  return {
    instance,
    dns,
    targets,
    tokenFile,
    order: orderer(admin, token),
    get: (path, shown = token) => fetch(`http://${instance}${path}`, { headers: { authorization: `Bearer ${shown}` } }),
    async kill() {
      const gone = once(own.child, 'exit');
      own.child.kill('SIGKILL');
      await gone;
    },
    forget: () => writeFile(targets, '[]'),
    stop: () => own.stop(),
  };
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

function manifest({ address, port }: TestGateway, weight: number, probe = ''): string {
  const more = probe === '' ? '' : `, azimuth.dev/probe: "${probe}"`;
  return `apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata:
  name: public
  namespace: web
  annotations: { azimuth.dev/steering: weighted, azimuth.dev/weight: "${weight}"${more} }
spec:
  gatewayClassName: example
  listeners: [{ name: https, protocol: HTTPS, port: ${port}, hostname: ${SHOP.name}, tls: { certificateRefs: [{ name: c }] } }]
status: { addresses: [{ type: IPAddress, value: ${address} }] }
`;
}

function configuration(trust: string, { kubeconfig }: ScriptedApi, state: string): string {
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
state: { directory: ${state} }
`;
}

async function addressesOf(director: OwnProcess): Promise<Readonly<Record<'dns' | 'admin', ListenAddress>>> {
  const told = await director.waitFor((line) => logField(line, 'ready', 'listening'));
  const { dns, admin }: Record<'dns' | 'admin', readonly ListenAddress[]> = JSON.parse(JSON.stringify(told));
  return { dns: dns[0]!, admin: admin[0]! };
}

/**
 * The documented scrape configuration, but every second, and our rules worked out as often. Each director has a token of its own here,
 * and so a job of its own that is called as the others.
 */
async function writePrometheusFiles(folder: string, directors: readonly Started[], foreign?: string): Promise<void> {
  const rules = await readFile(join(ROOT, 'deploy/monitoring/alerts.yaml'), 'utf8');
  const fast = rules.replace('interval: 30s', 'interval: 1s').replace('[6h:5m]', '[6h:1s]');
  await writeFile(join(folder, 'rules.yml'), fast);
  const jobs = directors.map(({ tokenFile, targets }, index) => {
    const access = `authorization: { credentials_file: ${tokenFile} }, file_sd_configs: [{ files: ["${targets}"] }]`;
    const job = (name: string) => `{ target_label: job, replacement: ${name} }`;
    return `  - { job_name: azimuth-${index}, ${access}, relabel_configs: [${job('azimuth')}] }
  - job_name: azimuth-probes-${index}
    metrics_path: /metrics/probes
    honor_labels: true
    relabel_configs: [${job('azimuth-probes')}, { source_labels: [__address__], target_label: director }]
    authorization: { credentials_file: ${tokenFile} }
    file_sd_configs: [{ files: ["${targets}"] }]
`;
  });
  if (foreign !== undefined) {
    jobs.push(`  - { job_name: blackbox, static_configs: [{ targets: ["${foreign}"] }] }\n`);
  }
  await writeFile(
    join(folder, 'prometheus.yml'),
    `global: { scrape_interval: 1s, evaluation_interval: 1s }
rule_files: [${join(folder, 'rules.yml')}]
scrape_configs:
${jobs.join('')}`,
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
