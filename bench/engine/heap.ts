/** What the worker of the native engine allocates while it answers millions of queries: a whole director, as it is. */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort, waitReady, writeFiles } from '../contestants.ts';
import type { Generator } from '../generator/load.ts';
import { azimuth } from '../peers/azimuth.ts';
import type { Site } from '../peers/peer.ts';
import { type Running, startPinned } from '../process.ts';
import type { ThreadUse } from './heap-probe.ts';

const PROBE = fileURLToPath(new URL('./heap-probe.ts', import.meta.url));
/** Load before it, in seconds. */
const WARM_UP_SECONDS = 6;
/** Load between two looks, in seconds; more of them than this means that the machine is too slow. */
const LOOK_SECONDS = 4;
const MAX_LOOKS = 100;

/** Octets; `deoptimisations` are V8's words for each, after the warm-up, in code of ours. */
export type HeapFigures = {
  readonly queries: number;
  readonly usedBefore: number;
  readonly usedMost: number;
  readonly usedAfter: number;
  readonly allocated: number;
  readonly deoptimisations: readonly string[];
};

/** Measures a director of its own on one core, with the generator where it is. `onStart` hears of the process. */
export async function measureHeap(
  { folder, database, core }: { readonly folder: string; readonly database: string; readonly core: number },
  generator: Generator,
  queries: number,
  onStart: (running: Pick<Running, 'stop'>) => void,
): Promise<HeapFigures> {
  const peer = azimuth('native');
  const site: Site = { folder: join(folder, 'heap'), host: '127.0.0.1', port: await freePort(), database };
  await writeFiles(peer, site);
  const flags = ['--log-deopt', `--logfile=${join(site.folder, 'v8.log')}`, '--import', PROBE];
  const [node = '', ...rest] = peer.command(site);
  const running = startPinned([core], [node, ...flags, ...rest], site.folder, 'ipc');
  onStart(running);
  const complaint = await waitReady(peer, site, running);
  if (complaint !== undefined) throw new Error(complaint);
  return measureThread(running.child, site, generator, queries);
}

async function measureThread(
  child: ChildProcess,
  site: Site,
  generator: Generator,
  wanted: number,
): Promise<HeapFigures> {
  const load = { host: site.host, port: site.port, rate: 0, check: 'answers' } as const;
  await generator.run({ ...load, subnets: 'random', seconds: WARM_UP_SECONDS / 2, seed: 1 });
  await generator.run({ ...load, subnets: 'none', seconds: WARM_UP_SECONDS / 2, seed: 2 });
  const [before, deoptsBefore] = [await busiest(child), deoptimisations(site.folder)];
  const looks: ThreadUse[] = [before];
  let queries = 0;
  while (queries < wanted && looks.length < MAX_LOOKS) {
    const subnets = looks.length % 4 === 0 ? 'none' : 'random';
    const { answered } = await generator.run({ ...load, subnets, seconds: LOOK_SECONDS, seed: looks.length });
    if (answered === 0) throw new Error('nothing is answered any more');
    queries += answered;
    looks.push(await busiest(child));
  }
  const after = looks.at(-1)!;
  return {
    queries,
    usedBefore: before.used,
    usedMost: Math.max(...looks.map(({ used }) => used)),
    usedAfter: after.used,
    allocated: after.allocated - before.allocated,
    deoptimisations: deoptimisations(site.folder).slice(deoptsBefore.length),
  };
}

/** The thread that answers: after a load that is the one that worked most. */
async function busiest(child: ChildProcess): Promise<ThreadUse> {
  const told = once(child, 'message');
  child.send('tell');
  const [threads]: ThreadUse[][] = await told;
  const [first] = threads!.toSorted((a, b) => b.cpuUs - a.cpuUs);
  if (first === undefined) throw new Error('there is no thread');
  return first;
}

/** The lines of V8's logs that speak of code of ours on the way of a query, of all threads. */
function deoptimisations(folder: string): readonly string[] {
  const logs = readdirSync(folder).filter((file) => file.endsWith('v8.log'));
  const lines = logs.flatMap((file) => readFileSync(join(folder, file), 'utf8').split('\n'));
  return lines.filter((line) => line.startsWith('code-deopt,') && /\/src\/(dns|core\/snapshot)\//.test(line));
}
