import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { query, readResponse, subnet } from '../support/dns-message.ts';
import type { RunningWorld } from './running-world.ts';
import { CLUSTERS } from './world.ts';

/** Questions that are under way at once. */
const WINDOW = 64;
/** How long an answer is waited for, in ms; then it is lost and asked for again. */
const LOST_MS = 2_000;

/** Asks for A so many times, each a question of its own, and counts the answers by their first address; `''`: none. */
async function countAnswers(
  port: number,
  name: string,
  client: readonly number[],
  times: number,
): Promise<ReadonlyMap<string, number>> {
  const socket = createSocket('udp4');
  socket.connect(port, '127.0.0.1');
  await once(socket, 'connect');
  const counts = new Map<string, number>();
  const pending = new Map<number, number>();
  const done = Promise.withResolvers<void>();
  let [asked, answered] = [0, 0];
  const send = (id: number): void => {
    pending.set(id, Date.now());
    socket.send(query(name, 1, { options: [subnet(1, 24, client)] }, { id }));
  };
  const askNext = (): void => {
    if (asked < times) send(asked++ % 65_536);
  };
  socket.on('message', (octets) => {
    const { id, packet } = readResponse(octets);
    if (!pending.delete(id)) return;
    const [first] = (packet.answers ?? []).flatMap((record) => (record.type === 'A' ? [record.data] : []));
    counts.set(first ?? '', (counts.get(first ?? '') ?? 0) + 1);
    answered += 1;
    if (answered === times) done.resolve();
    askNext();
  });
  for (let i = 0; i < WINDOW; i++) askNext();
  const again = setInterval(() => {
    for (const [id, at] of pending) if (at < Date.now() - LOST_MS) send(id);
  }, 100);
  await done.promise;
  clearInterval(again);
  socket.close();
  await once(socket, 'close');
  return counts;
}

/** The percentages of the answers that name each address. */
export async function percentages(
  port: number,
  name: string,
  client: readonly number[],
  times: number,
): Promise<ReadonlyMap<string, number>> {
  const counts = await countAnswers(port, name, client, times);
  return new Map([...counts].map(([address, count]) => [address, (count * 100) / times]));
}

/** The first address of one answer; `''`: none. */
export async function firstAddress(port: number, name: string, client: readonly number[]): Promise<string> {
  const [[address = ''] = []] = await countAnswers(port, name, client, 1);
  return address;
}

/** A drill as the API shows it, as far as these tests look at it. */
export type ShownDrill = {
  readonly name: string;
  readonly state: string;
  readonly step: number;
  readonly percent: number;
  readonly end?: { readonly kind: string; readonly why: string };
  readonly timeline: readonly { readonly at: string; readonly kind: string; readonly detail: string }[];
  readonly plan?: { readonly cachedSeconds: number; readonly verdict: string };
  readonly shares?: {
    readonly clusters: readonly string[];
    readonly samples: readonly { readonly planned: readonly number[]; readonly answered: readonly number[] }[];
  };
};

/** What came back. */
type Reply<T> = { readonly status: number; readonly body: T };

/** The admin API of a running world, with the token of its state directory. */
export type DrillApi = {
  start(drill: object): Promise<Reply<ShownDrill & { readonly code?: string }>>;
  stop(name: string): Promise<Reply<ShownDrill>>;
  /** Undefined where there is none. */
  show(name: string): Promise<ShownDrill | undefined>;
  forget(name: string): Promise<number>;
  /** Names of the orders and drills that are in force by the metrics. */
  metrics(): Promise<string>;
};

/** Finds the API of a world. `state`: its state directory. */
export async function drillApi({ world }: RunningWorld, state = 'state'): Promise<DrillApi> {
  const config = await readFile(world.config, 'utf8');
  const [, address = ''] = /^admin: \{ listen: "([^"]+)"/m.exec(config) ?? [];
  const token = (await readFile(join(world.folder, state, 'admin-token'), 'utf8')).trim();
  const send = (path: string, method: string, body?: object): Promise<Response> =>
    fetch(`http://${address}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  const read = async <T>(response: Response): Promise<Reply<T>> => ({
    status: response.status,
    body: JSON.parse(await response.text()),
  });
  return {
    start: async (drill) => read(await send('/v1/drills', 'POST', drill)),
    stop: async (name) => read(await send(`/v1/drills/${name}/stop`, 'POST', {})),
    async show(name) {
      const response = await send(`/v1/drills/${name}`, 'GET');
      const { body } = await read<ShownDrill>(response);
      return response.status === 404 ? undefined : body;
    },
    forget: async (name) => (await send(`/v1/drills/${name}`, 'DELETE')).status,
    metrics: async () => (await send('/metrics', 'GET')).text(),
  };
}

/** Has one more hostname asked for by a cluster, with annotations of its own. */
export async function addHostname(
  { world }: RunningWorld,
  cluster: string,
  hostname: string,
  annotations: Readonly<Record<string, string>> = {},
): Promise<void> {
  const { address } = CLUSTERS.find(({ name }) => name === cluster)!;
  const [word = 'x'] = hostname.split('.');
  const written = Object.entries(annotations).map(([key, value]) => `azimuth.dev/${key}: "${value}"`);
  const manifest = `apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: ${word}, namespace: web, annotations: { ${written.join(', ')} } }
spec:
  gatewayClassName: example
  listeners: [{ name: https, protocol: HTTPS, port: ${world.gateways.get(cluster)!.https}, hostname: ${hostname}, tls: { certificateRefs: [{ name: c }] } }]
status: { addresses: [{ type: IPAddress, value: ${address} }] }
`;
  await writeFile(join(world.folder, cluster, `${word}.yaml`), manifest);
}
