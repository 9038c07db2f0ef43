/** Right answers first: a server is measured only for what it is seen to do. */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { decode, type Packet } from 'dns-packet';
import { nameToWire } from '../src/core/desired/domain-name.ts';
import type { Site } from './peers/peer.ts';
import { CLUSTERS, clusterFor, hostnames, SOURCES, vipOf } from './world.ts';

/** How a server chose its answers: by subnet and source, by source alone, not at all, or wrongly (`why`). */
export type Verdict =
  | { readonly kind: 'by-subnet' | 'by-source' | 'static' }
  | { readonly kind: 'wrong'; readonly why: string };

/** One question and the number of the cluster whose VIP came; -1 for anything else, with `said` for the reader. */
export type Sighting = {
  readonly name: number;
  readonly subnet: string | undefined;
  readonly source: string;
  readonly cluster: number;
  readonly said: string;
};

/** Names and subnets of the sample: these many, spread over all. */
const SAMPLED_NAMES = 12;
const SAMPLED_SUBNETS = 24;
/** How long one answer may take, in ms. */
const ANSWER_MS = 1000;

/** Asks a sample of names × subnets, and of names × sources without a subnet. */
export async function checkAnswers(site: Site): Promise<Verdict> {
  const names = hostnames();
  const sightings: Sighting[] = [];
  for (const source of SOURCES) {
    const socket = await openSocket(source);
    try {
      for (let i = 0; i < SAMPLED_NAMES; i++) {
        const name = (i * 83 + 7) % names.length;
        for (const subnet of [undefined, ...sampledSubnets(i)]) {
          const said = await ask(socket, site, names[name]!, subnet);
          const cluster = CLUSTERS.findIndex((_, number) => vipOf(name, number) === said);
          sightings.push({ name, subnet, source, cluster, said });
        }
      }
    } finally {
      socket.close();
    }
  }
  return judge(sightings);
}

/** What the sightings say of a server. */
export function judge(sightings: readonly Sighting[]): Verdict {
  const astray = sightings.find(({ cluster }) => cluster < 0);
  if (astray !== undefined)
    return { kind: 'wrong', why: `${hostnames()[astray.name]} was answered with ${astray.said}` };
  const right = ({ subnet, source, cluster }: Sighting): boolean => cluster === clusterFor(subnet ?? source);
  const bySource = ({ source, cluster }: Sighting): boolean => cluster === clusterFor(source);
  if (sightings.every(right)) return { kind: 'by-subnet' };
  if (sightings.every(bySource)) return { kind: 'by-source' };
  if (sightings.every(({ cluster }) => cluster === sightings[0]!.cluster)) return { kind: 'static' };
  const first = sightings.find((sighting) => !right(sighting))!;
  const client = first.subnet ?? first.source;
  return {
    kind: 'wrong',
    why: `${client} was sent to ${CLUSTERS[first.cluster]!.name} for ${hostnames()[first.name]}`,
  };
}

/** Whether the server answers a first query now. */
export async function isReady(site: Site): Promise<boolean> {
  const socket = await openSocket(SOURCES[0]!);
  try {
    return (await ask(socket, site, hostnames()[0]!, undefined)) === vipOf(0, 0);
  } finally {
    socket.close();
  }
}

function sampledSubnets(offset: number): readonly string[] {
  return Array.from({ length: SAMPLED_SUBNETS / SOURCES.length }, (_, i) => {
    const number = Math.imul(i * SAMPLED_NAMES + offset + 1, 0x9e3779b9) >>> 16;
    return `10.${number >> 8}.${number & 255}.0`;
  });
}

/** A socket that sends from a local address. */
export async function openSocket(source: string): Promise<Socket> {
  const socket = createSocket('udp4');
  const listening = once(socket, 'listening');
  socket.bind(0, source);
  await listening;
  // A server that is not there yet answers by ICMP: that is no answer, not a fault.
  socket.on('error', () => undefined);
  return socket;
}

/** Asks for a name as its only question under way; gives the address in the answer, or what came instead of one. */
export async function ask(
  socket: Socket,
  { host, port }: Site,
  name: string,
  subnet: string | undefined,
): Promise<string> {
  const id = Math.floor(Math.random() * 65536);
  socket.send(query(id, name, subnet), port, host);
  const signal = AbortSignal.timeout(ANSWER_MS);
  try {
    for (;;) {
      const [message]: Buffer[] = await once(socket, 'message', { signal });
      const packet = decode(message!);
      if (packet.id === id) return addressIn(packet);
    }
  } catch (error) {
    return signal.aborted ? 'silence' : `something unreadable (${String(error)})`;
  }
}

function addressIn(packet: Packet): string {
  const first = packet.answers?.[0];
  if (packet.answers?.length === 1 && first?.type === 'A') return first.data;
  return `${'rcode' in packet ? String(packet.rcode) : 'an answer'} and ${packet.answers?.length ?? 0} records`;
}

/** A for the name with EDNS; a subnet as a /24 in Client Subnet (RFC 7871 §6). */
function query(id: number, name: string, subnet: string | undefined): Buffer {
  const option = subnet === undefined ? [] : [0, 8, 0, 7, 0, 1, 24, 0, ...subnet.split('.', 3).map(Number)];
  const header = [id >> 8, id & 255, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1];
  const opt = [0, 0, 41, 0x04, 0xd0, 0, 0, 0, 0, 0, option.length];
  return Buffer.from([...header, ...(nameToWire(name) ?? []), 0, 1, 0, 1, ...opt, ...option]);
}
