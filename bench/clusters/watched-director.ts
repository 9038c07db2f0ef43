/** A director on live clusters as a process of its own, and what is read of it from outside. Linux only. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { ask, openSocket } from '../check.ts';
import type { Site } from '../peers/peer.ts';
import { type Running, startPinned } from '../process.ts';
import { type Fleet, hostnameOf } from './fleet.ts';

/** What it holds at one moment; memory in octets. */
export type Holding = {
  readonly rss: number;
  /** Used JavaScript heap of its main thread. */
  readonly heap: number;
  /** Open connections to the API servers. */
  readonly connections: number;
  /** Open files, sockets among them. */
  readonly descriptors: number;
};

/** What the start took. */
export type SyncFigures = {
  /** From the start of the process to a right answer for the last Route of every cluster. */
  readonly syncMs: number;
  /** CPU of the process until then, in seconds. */
  readonly cpuS: number;
};

/** A director under measurement. */
export type WatchedDirector = Pick<Running, 'cpu' | 'stop'> & {
  /** The address that answers a name, or what came instead of one. One question at a time. */
  ask(name: string): Promise<string>;
  /** `GET` at the admin API. */
  see(path: string): Promise<string>;
  holding(): Promise<Holding>;
};

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
/** Pause between two looks at whether it answers, in ms. */
const LOOK_MS = 10;
/** Longest first sync, in ms: eight times what it may take. */
const MAX_SYNC_MS = 120_000;
/** TCP_ESTABLISHED in /proc/net/tcp. */
const ESTABLISHED = '01';

/** Starts a director and waits until it answers for every cluster. */
export async function startWatched(
  site: Site,
  config: string,
  admin: number,
  fleet: Fleet,
  cores: readonly number[],
  onStart: (running: Running) => void,
): Promise<{ readonly director: WatchedDirector; readonly sync: SyncFigures }> {
  const socket = await openSocket('127.0.0.1');
  const startedAt = performance.now();
  const running = startPinned(cores, [process.execPath, MAIN, 'run', '--config', config], site.folder);
  onStart({
    ...running,
    async stop() {
      socket.close();
      await running.stop();
    },
  });
  const asking = (name: string) => ask(socket, site, name, undefined);
  const patience = async (what: string): Promise<void> => {
    const ended = running.ended();
    if (ended !== undefined) throw new Error(`the director ended: ${ended}`);
    if (performance.now() - startedAt > MAX_SYNC_MS) throw new Error(`${what} is not answered for`);
    await sleep(LOOK_MS);
  };
  // A question before it listens is lost, and the answer would be waited for far too long.
  while (!isBound(site.port)) await patience('no name');
  for (let cluster = 0; cluster < fleet.clusters; cluster++) {
    while ((await asking(hostnameOf(cluster, fleet.routes - 1))) !== fleet.vip(cluster)) {
      await patience(`cluster-${cluster}`);
    }
  }
  const { user, system } = running.cpu();
  const sync = { syncMs: performance.now() - startedAt, cpuS: user + system };
  const token = (await readFile(join(site.folder, 'state', 'admin-token'), 'utf8')).trim();
  const see = async (path: string): Promise<string> => {
    const answer = await fetch(`http://${site.host}:${admin}${path}`, {
      headers: { authorization: `Bearer ${token}` },
    });
    if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
    return await answer.text();
  };
  const { pid } = running.child;
  if (pid === undefined) throw new Error('the director has no process');
  const holding = async (): Promise<Holding> => {
    const heap = /^nodejs_heap_size_used_bytes (\S+)$/m.exec(await see('/metrics'))?.[1];
    return { rss: running.memory(), heap: Number(heap), ...socketsOf(pid, fleet.ports) };
  };
  return { director: { cpu: () => running.cpu(), stop: () => running.stop(), see, holding, ask: asking }, sync };
}

/** How many connections a process has open to some ports, and how many files in all. */
function socketsOf(pid: number, ports: readonly number[]): Pick<Holding, 'connections' | 'descriptors'> {
  const open = readdirSync(`/proc/${pid}/fd`).map((fd) => targetOf(`/proc/${pid}/fd/${fd}`));
  const own = new Set(open.map((target) => /^socket:\[(\d+)\]$/.exec(target)?.[1]));
  const wanted = new Set(ports.map(hexadecimal));
  const lines = readFileSync('/proc/net/tcp', 'utf8').trim().split('\n').slice(1);
  const connections = lines.filter((line) => {
    const [, , remote = '', state, , , , , , inode = ''] = line.trim().split(/\s+/);
    return state === ESTABLISHED && wanted.has(remote.split(':')[1] ?? '') && own.has(inode);
  });
  return { connections: connections.length, descriptors: open.length };
}

/** Whether somebody has a UDP port. */
function isBound(port: number): boolean {
  const lines = readFileSync('/proc/net/udp', 'utf8').trim().split('\n').slice(1);
  return lines.some((line) =>
    line
      .trim()
      .split(/\s+/)[1]
      ?.endsWith(`:${hexadecimal(port)}`),
  );
}

/** A port as /proc/net writes it. */
function hexadecimal(port: number): string {
  return port.toString(16).toUpperCase().padStart(4, '0');
}

/** What a link points to; '' where it has gone meanwhile. */
function targetOf(link: string): string {
  try {
    return readlinkSync(link);
  } catch {
    return '';
  }
}
