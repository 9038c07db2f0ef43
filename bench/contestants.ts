/** From the list of peers to servers that run and were seen to answer rightly. */

import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { checkAnswers, isReady, type Verdict } from './check.ts';
import type { Contestant } from './measure.ts';
import type { Peer, Site } from './peers/peer.ts';
import { type Running, startPinned } from './process.ts';

/** A server that is not measured, and why. */
export type Absent = { readonly title: string; readonly why: string };
/** What became of a peer. */
export type Entrance =
  | { readonly kind: 'ready'; readonly contestant: Contestant }
  | ({ readonly kind: 'absent' } & Absent);

/** How long a server may take to answer for the first time, in ms. */
const READY_MS = 60_000;
/** Pause between two looks, in ms. */
const LOOK_MS = 100;
const HOST = '127.0.0.1';

/** Sets a server up, starts it on the cores and checks its answers. `onStart` hears of the process, whatever follows. */
export async function enter(
  peer: Peer,
  where: { readonly folder: string; readonly database: string; readonly cores: readonly number[] },
  onStart: (running: Running) => void,
): Promise<Entrance> {
  const { id, title } = peer;
  const absent = (why: string): Entrance => ({ kind: 'absent', title, why });
  const found = peer.find();
  if (found.kind === 'missing') return absent(found.why);
  const site: Site = {
    folder: join(where.folder, 'servers', id),
    host: HOST,
    port: await freePort(),
    database: where.database,
  };
  await writeFiles(peer, site);
  const running = startPinned(where.cores, peer.command(site), site.folder);
  onStart(running);
  const complaint = await waitReady(peer, site, running);
  const verdict = complaint === undefined && peer.speaks === 'answers' ? await checkAnswers(site) : undefined;
  const why = complaint ?? (verdict?.kind === 'wrong' ? `wrong answers: ${verdict.why}` : undefined);
  if (why !== undefined) {
    await running.stop();
    return absent(why);
  }
  const { version } = found;
  const contestant = {
    id,
    title,
    version,
    steers: verdict === undefined ? 'no answers' : STEERS[verdict.kind],
    check: peer.speaks,
    site,
    running,
  };
  return { kind: 'ready', contestant };
}

/** For the table: how a server was seen to choose its answers. */
const STEERS: Readonly<Record<Verdict['kind'], string>> = {
  'by-subnet': 'by ECS and source',
  'by-source': 'by source alone',
  static: 'no, one answer for all',
  wrong: 'wrongly',
};

/** Writes a server's configuration into its folder. */
export async function writeFiles(peer: Peer, site: Site): Promise<void> {
  await mkdir(site.folder, { recursive: true });
  for (const [path, content] of peer.files(site)) {
    const file = join(site.folder, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, content);
  }
}

/** Undefined once it answers, else why it never will. */
export async function waitReady(peer: Peer, site: Site, running: Pick<Running, 'ended'>): Promise<string | undefined> {
  const deadline = Date.now() + READY_MS;
  while (Date.now() < deadline) {
    const ended = running.ended();
    if (ended !== undefined) return `it did not start: ${ended}`;
    if (peer.speaks === 'echo' || (await isReady(site))) return undefined;
    await sleep(LOOK_MS);
  }
  return `no right answer within ${READY_MS / 1000} s`;
}

/** A port that is free for UDP and TCP at this moment. */
export async function freePort(): Promise<number> {
  for (;;) {
    const server = createServer().listen(0, HOST);
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const socket = createSocket('udp4');
    const bound = once(socket, 'listening').then(() => true);
    socket.bind(port, HOST);
    const isFree = await bound.catch(() => false);
    socket.close();
    server.close();
    await once(server, 'close');
    if (isFree) return port;
  }
}
