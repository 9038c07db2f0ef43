import { copyFile, mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeCertificates } from '../../examples/gateways/certificates.ts';
import { ROOT } from '../house/source-tree.ts';
import { type OwnProcess, startOwn } from './director-process.ts';

/** A real gateway that runs as a process of its own. */
type RunningGateway = { readonly address: string; readonly https: number; readonly process: OwnProcess };

/** A folder with a configuration, three clusters with real gateways, and a client subnet near each. */
export type World = {
  readonly folder: string;
  readonly config: string;
  readonly gateways: ReadonlyMap<string, RunningGateway>;
  /** Starts a gateway again on the address and ports it had. */
  revive(cluster: string): Promise<RunningGateway>;
  stop(): Promise<void>;
};

/** The three clusters; the subnets are those of the synthetic location database. */
export const CLUSTERS = [
  { name: 'eu-west', address: '127.0.1.2', lat: 50.11, lon: 8.68, country: 'DE', subnet: '192.0.2.0/25' },
  { name: 'us-east', address: '127.0.1.3', lat: 39.04, lon: -77.49, country: 'US', subnet: '198.51.100.0/24' },
  { name: 'ap-northeast', address: '127.0.1.4', lat: 35.68, lon: 139.69, country: 'JP', subnet: '203.0.113.0/24' },
] as const;

/** The probe settings, in seconds and counts: the bounds of a failover follow from them. */
export const PROBE = { interval: 1, timeout: 1, rise: 2, fall: 2 } as const;

/** Starts three gateways and writes the configuration; the director itself is the test's to start. */
export async function createWorld(dns: string, admin: string): Promise<World> {
  const folder = await mkdtemp(join(tmpdir(), 'azimuth-interop-'));
  const files = await makeCertificates(folder, ['*.gslb.example']);
  const gateways = new Map<string, RunningGateway>();
  const startGateway = async (cluster: string, ports: readonly [number, number]): Promise<RunningGateway> => {
    const { address } = CLUSTERS.find(({ name }) => name === cluster)!;
    const where = ['--name', cluster, '--address', address, '--http', `${ports[0]}`, '--https', `${ports[1]}`];
    const own = startOwn('examples/gateways/gateway.ts', [...where, '--cert', files.certFile, '--key', files.keyFile]);
    const https = await own.waitFor((line) => /"https":(\d+)/.exec(line)?.[1]);
    const gateway = { address, https: Number(https), process: own };
    gateways.set(cluster, gateway);
    return gateway;
  };
  for (const { name } of CLUSTERS) {
    const { https } = await startGateway(name, [0, 0]);
    await mkdir(join(folder, name));
    await writeFile(join(folder, name, 'shop.yaml'), manifest(gateways.get(name)!.address, https));
  }
  await copyFile(join(ROOT, 'geoip/test-city.mmdb'), join(folder, 'city.mmdb'));
  const config = join(folder, 'azimuth.yaml');
  await writeFile(config, configuration(files.caFile, dns, admin));
  return {
    folder,
    config,
    gateways,
    revive: (cluster) => startGateway(cluster, [0, gateways.get(cluster)!.https]),
    stop: async () => {
      await Promise.all([...gateways.values()].map((gateway) => gateway.process.stop()));
    },
  };
}

function configuration(trust: string, dns: string, admin: string): string {
  const clusters = CLUSTERS.map(
    ({ name, lat, lon, country }) =>
      `  - { name: ${name}, location: { lat: ${lat}, lon: ${lon}, country: ${country} }, source: { manifests: ${name} } }`,
  );
  const { interval, timeout, rise, fall } = PROBE;
  return `zones:
  - name: gslb.example
    nameservers: { ns1.gslb.example: [192.0.2.53] }
clusters:
${clusters.join('\n')}
dns: { listen: ["${dns}"] }
admin: { listen: "${admin}" }
geoip: { database: city.mmdb }
prober: { interval: ${interval}s, timeout: ${timeout}s, rise: ${rise}, fall: ${fall}, trust: ${trust}, allow: [127.0.0.0/8] }
state: { directory: state }
`;
}

function manifest(address: string, https: number): string {
  return `apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: public, namespace: web }
spec:
  gatewayClassName: example
  listeners: [{ name: https, protocol: HTTPS, port: ${https}, hostname: shop.gslb.example, tls: { certificateRefs: [{ name: c }] } }]
status: { addresses: [{ type: IPAddress, value: ${address} }] }
`;
}
