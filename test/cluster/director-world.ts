import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ListenAddress } from '../../src/core/ports.ts';
import { ROOT } from '../house/source-tree.ts';
import { logField, type OwnProcess, startOwn } from '../interop/director-process.ts';
import { ask } from '../support/dns-client.ts';
import { query, type Response, subnet } from '../support/dns-message.ts';
import { type CuttableProxy, startCuttableProxy } from './cuttable-proxy.ts';
import type { OwnKube } from './kube.ts';
import { gateway } from './objects.ts';

/** A director process that watches two live clusters, the first one through a proxy. */
export type DirectorWorld = {
  readonly director: OwnProcess;
  readonly dns: ListenAddress;
  /** The way of the director to the API server of `east`. */
  readonly proxy: CuttableProxy;
  /** Asks over UDP for a client in Germany, where `east` is nearest. */
  ask(name: string, type?: number): Promise<Response>;
  /** Asks every millisecond until an answer holds; resolves with when it came. */
  until(name: string, holds: (answer: Response) => boolean): Promise<number>;
  /** `GET` at the admin API: the JSON text. */
  see(path: string): Promise<string>;
  stop(): Promise<void>;
};

/** The two clusters: each is nearest to somebody, `east` to those who ask here. */
const PLACES = { east: 'DE', west: 'US' } as const;
/** Longest wait for an answer, in ms: one that took so long failed its bound long before. */
const PATIENCE_MS = 10_000;

/** Starts a director on both clusters of a kubeconfig and waits until it is ready. */
export async function startDirectorWorld(kube: OwnKube): Promise<DirectorWorld> {
  const folder = await mkdtemp(join(tmpdir(), 'azimuth-director-'));
  const port = await kube.port('east');
  const proxy = await startCuttableProxy(port);
  const kubeconfig = await readFile(kube.kubeconfig, 'utf8');
  await writeFile(join(folder, 'kubeconfig'), kubeconfig.replace(`:${port}`, `:${proxy.port}`), { mode: 0o600 });
  await copyFile(join(ROOT, 'geoip/test-city.mmdb'), join(folder, 'city.mmdb'));
  await writeFile(join(folder, 'azimuth.yaml'), configuration());
  const director = startOwn('src/main.ts', ['run', '--config', join(folder, 'azimuth.yaml')]);
  const stop = async (): Promise<void> => {
    await director.stop();
    await proxy.close();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const listening = await director.waitFor((line) => logField(line, 'ready', 'listening'));
    const { dns, admin } = addressesIn(listening);
    const token = (await readFile(join(folder, 'state', 'admin-token'), 'utf8')).trim();
    return { director, dns, proxy, stop, see: seer(admin, token), ...asker(dns) };
  } catch (error) {
    await stop();
    throw error;
  }
}

function configuration(): string {
  const clusters = Object.entries(PLACES).map(
    ([name, country]) =>
      `  - { name: ${name}, location: { country: ${country} }, source: { kubeconfig: kubeconfig, context: ${name} } }`,
  );
  return `zones:
  - name: gslb.example
    nameservers: { ns1.gslb.example: [192.0.2.53] }
    records: ['noted 300 TXT "there is more than addresses"']
clusters:
${clusters.join('\n')}
dns: { listen: ["127.0.0.1:0"] }
admin: { listen: "127.0.0.1:0" }
geoip: { database: city.mmdb }
prober: { interval: 2s, timeout: 2s, allow: [127.0.0.0/8] }
state: { directory: state }
`;
}

function addressesIn(listening: unknown): { readonly dns: ListenAddress; readonly admin: ListenAddress } {
  const { dns, admin }: Record<'dns' | 'admin', readonly ListenAddress[]> = JSON.parse(JSON.stringify(listening));
  return { dns: dns[0]!, admin: admin[0]! };
}

function seer({ host, port }: ListenAddress, token: string) {
  return async (path: string): Promise<string> => {
    const answer = await fetch(`http://${host}:${port}${path}`, { headers: { authorization: `Bearer ${token}` } });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${text}`);
    return text;
  };
}

/** An A query of a client in Germany. */
export function clientQuery(name: string, type = 1, id?: number): Buffer {
  const parts = id === undefined ? {} : { id };
  return query(name, type, { options: [subnet(1, 24, [192, 0, 2])] }, parts);
}

function asker(dns: ListenAddress): Pick<DirectorWorld, 'ask' | 'until'> {
  const askFor = (name: string, type?: number) => ask(dns, clientQuery(name, type));
  return {
    ask: askFor,
    async until(name, holds) {
      const deadline = performance.now() + PATIENCE_MS;
      for (;;) {
        const answer = await askFor(name);
        const at = performance.now();
        if (holds(answer)) return at;
        if (at > deadline) throw new Error(`${name}: still ${answer.rcode}, ${addressesOf(answer).join(' ')}`);
        await sleep(1);
      }
    },
  };
}

/** The IPv4 addresses in an answer. */
export function addressesOf({ packet }: Response): readonly string[] {
  return (packet.answers ?? []).flatMap((record) => (record.type === 'A' ? [record.data] : []));
}

/** A real gateway that notes when it was first probed. */
export type ProbedGateway = {
  readonly address: string;
  /** The Gateway object that has its address and its probe. */
  manifest(name: string, namespace: string): string;
  /** When it first answered 200, as `performance.now()` has it; undefined before. */
  probedAt(): number | undefined;
  close(): void;
};

/** Starts a gateway on an address of this machine. */
export async function startProbedGateway(address: string): Promise<ProbedGateway> {
  let probedAt: number | undefined;
  const server = createServer((_request, response) => {
    probedAt ??= performance.now();
    response.end('ok\n');
  });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject).listen(0, address, resolve);
  await promise;
  const bound = server.address();
  const port = typeof bound === 'object' && bound !== null ? bound.port : 0;
  return {
    address,
    manifest(name, namespace) {
      const annotations = { 'azimuth.dev/address': address, 'azimuth.dev/probe': `http://:${port}/` };
      return gateway(name, namespace, { annotations });
    },
    probedAt: () => probedAt,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
