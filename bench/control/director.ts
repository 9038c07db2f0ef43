/**
 * One whole director in a process of its own, with a prober that says what it is told: how long it takes to start, what
 * it weighs, and how soon a flip of health is in the answers. `node bench/control/director.ts NAMES FOLDER DATABASE`
 * prints one line of JSON.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { compose } from '../../src/compose/compose.ts';
import { realEdges } from '../../src/compose/edges.ts';
import type { Observer } from '../../src/compose/rooms.ts';
import { formatProblem, loadConfig } from '../../src/config/load.ts';
import type { Monitor } from '../../src/core/desired/model.ts';
import type { ProbeResult } from '../../src/core/health/monitor-health.ts';
import type { Prober } from '../../src/core/ports.ts';
import { ask, openSocket } from '../check.ts';
import { freePort } from '../contestants.ts';
import { directorFiles } from '../peers/azimuth.ts';
import type { Site } from '../peers/peer.ts';
import { CLUSTERS, type Cluster, hostnames, SOURCES, vipOf } from '../world.ts';

/** The world's three clusters and five more, all farther from Frankfurt than the first. */
const EIGHT_CLUSTERS: readonly Cluster[] = [
  ...CLUSTERS,
  { name: 'sa-east', key: 'sa', lat: -23.5, lon: -46.6, country: 'BR', continent: 'SA' },
  { name: 'ap-south', key: 'in', lat: 19.1, lon: 72.9, country: 'IN', continent: 'AS' },
  { name: 'ap-southeast', key: 'au', lat: -33.9, lon: 151.2, country: 'AU', continent: 'OC' },
  { name: 'us-west', key: 'uw', lat: 45.8, lon: -119.7, country: 'US', continent: 'NA' },
  { name: 'af-south', key: 'za', lat: -33.9, lon: 18.4, country: 'ZA', continent: 'AF' },
];

/** What is measured: times in ms, memory in octets. */
export type DirectorFigures = {
  readonly names: number;
  readonly engine: string;
  readonly startMs: number;
  readonly memory: number;
  /** From the verdict to the first changed answer in the hands of a client in the same process. */
  readonly flipsMs: readonly number[];
  /** The same where all names of a cluster go down at once. */
  readonly clusterFlipsMs: readonly number[];
  /** Of all these flips: only the new snapshot. */
  readonly compilesMs: readonly number[];
};

const FLIPS = 40;
const CLUSTER_FLIPS = 6;
/** Pause between two flips in ms: nothing of the last one is under way. */
const PAUSE_MS = 60;
/** Longest wait for a changed answer, in ms. */
const CHANGE_MS = 30_000;

if (import.meta.main) {
  const [names = '1000', folder = '', database = ''] = process.argv.slice(2);
  console.log(JSON.stringify(await measureDirector(Number(names), folder, database)));
  process.exit(0);
}

async function measureDirector(count: number, folder: string, database: string): Promise<DirectorFigures> {
  const names = hostnames(count);
  const site: Site = { folder, host: '127.0.0.1', port: await freePort(), database };
  const order = { engine: 'auto', clusters: EIGHT_CLUSTERS, names, probe: 'tcp://:80' } as const;
  for (const [path, content] of directorFiles(site, order)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  }
  const started = performance.now();
  const loaded = await loadConfig(join(folder, 'azimuth.yaml'), {});
  if (loaded.kind === 'invalid') throw new Error(loaded.problems.map(formatProblem).join('; '));
  const prober = createToldProber();
  const heard = { engine: 'none', compilesMs: [] as number[] };
  const azimuth = compose(loaded.config, listen(heard), {
    ...realEdges(loaded.config),
    prober: () => prober,
  });
  await azimuth.lifecycle.start();
  // It serves before it has read all of a large world: that is not yet a start.
  const endpoints = count * EIGHT_CLUSTERS.length;
  while (azimuth.director.health().size < endpoints) await sleep(PAUSE_MS);
  const startMs = performance.now() - started;
  globalThis.gc?.();
  const memory = process.memoryUsage.rss();
  heard.compilesMs.length = 0;
  const flip = await createFlipper(site, prober);
  const flipsMs: number[] = [];
  for (let i = 0; i < FLIPS; i++) flipsMs.push(await flip((i * 769) % count, [(i * 769) % count]));
  const clusterFlipsMs: number[] = [];
  for (let i = 0; i < CLUSTER_FLIPS; i++) clusterFlipsMs.push(await flip(i, [...names.keys()]));
  await azimuth.lifecycle.stop();
  return { names: count, startMs, memory, flipsMs, clusterFlipsMs, ...heard };
}

/** A prober that measures nothing: `tell` speaks for it. All is up at the start. */
function createToldProber(): Prober & { tell(address: string, kind: 'success' | 'failure'): void } {
  let monitors = new Map<string, Monitor>();
  let sink: ((result: ProbeResult) => void) | undefined;
  const tell = (address: string, kind: 'success' | 'failure'): void => {
    const monitor = monitors.get(address);
    if (monitor === undefined) throw new Error(`nobody watches ${address}`);
    const outcome = kind === 'success' ? { kind } : ({ kind, failure: 'refused', detail: '' } as const);
    sink?.({ monitor: monitor.id, at: Date.now(), durationMs: 1, outcome });
  };
  const tellAll = (addresses: Iterable<string>): void => {
    for (const address of addresses) tell(address, 'success');
  };
  return {
    tell,
    watch(wanted) {
      const fresh = wanted.filter(({ address }) => !monitors.has(address));
      monitors = new Map(wanted.map((monitor) => [monitor.address, monitor]));
      // As probes do, the first results come after the model is in place.
      if (sink !== undefined) setImmediate(() => tellAll(fresh.map(({ address }) => address)));
    },
    start(to) {
      sink = to;
      tellAll(monitors.keys());
    },
    firstRound: async () => undefined,
    close: async () => undefined,
  };
}

/** Flips the first cluster's VIPs of some names down, waits until a name is answered otherwise, and flips them up again. */
async function createFlipper(site: Site, prober: ReturnType<typeof createToldProber>) {
  const socket = await openSocket(SOURCES[0]!);
  socket.unref();
  const until = async (name: string, isIt: (address: string) => boolean): Promise<void> => {
    const deadline = performance.now() + CHANGE_MS;
    while (!isIt(await ask(socket, site, name, undefined))) {
      if (performance.now() > deadline) throw new Error(`${name} is answered as before`);
    }
  };
  return async (name: number, flipped: readonly number[]): Promise<number> => {
    const [host, vip] = [hostnames(name + 1)[name]!, vipOf(name, 0)];
    await until(host, (address) => address === vip);
    await sleep(PAUSE_MS);
    const started = performance.now();
    for (const each of flipped) prober.tell(vipOf(each, 0), 'failure');
    await until(host, (address) => address !== vip);
    const took = performance.now() - started;
    for (const each of flipped) prober.tell(vipOf(each, 0), 'success');
    return took;
  };
}

/** Notes what is measured of the director's own words. */
function listen(heard: { engine: string; compilesMs: number[] }): Observer {
  const nothing = (): void => undefined;
  return {
    version: 'bench',
    log: {
      info(fields) {
        if ('engine' in fields) heard.engine = String(fields.engine);
      },
      warn: nothing,
      error: nothing,
    },
    onPublish: ({ compileMs }) => heard.compilesMs.push(compileMs),
    onStateChange: nothing,
    onFindings: nothing,
  };
}
