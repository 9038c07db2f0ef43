/**
 * One whole director in a process of its own, with a prober that says what it is told: how long it takes to start, what
 * it weighs, and how soon a flip of health is in the answers. `node bench/control/director.ts FLEET DATABASE NAMES
 * CLUSTERS GATEWAYS PORT` on a folder of `fleet.ts` prints one line of JSON.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parse, stringify } from 'yaml';
import { compose } from '../../src/compose/compose.ts';
import { realEdges } from '../../src/compose/edges.ts';
import type { Observer } from '../../src/compose/observer.ts';
import { formatProblem, loadConfig } from '../../src/config/load.ts';
import type { Monitor } from '../../src/core/desired/model.ts';
import type { ProbeResult } from '../../src/core/health/monitor-health.ts';
import type { Prober } from '../../src/core/ports.ts';
import { ask, openSocket } from '../check.ts';
import type { Site } from '../peers/peer.ts';
import { SOURCES, vipOf, ZONE } from '../world.ts';

/** The size of a fleet: hostnames, each with a Route in every cluster, and the Gateways of a cluster. */
export type Size = { readonly names: number; readonly clusters: number; readonly gateways: number };

/** What is measured: times in ms, memory in octets. */
export type DirectorFigures = Size & {
  readonly engine: string;
  /** From the start of the process to a right answer for the last name. */
  readonly startMs: number;
  readonly memory: number;
  /** From the verdict on one Gateway to the first changed answer in the hands of a client in the same process. */
  readonly flipsMs: readonly number[];
  /** The same where all Gateways of a cluster go down at once. */
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
/** Longest wait for the first right answer, in ms. */
const START_MS = 300_000;

if (import.meta.main) {
  const [folder = '', database = '', ...numbers] = process.argv.slice(2);
  const [names = 0, clusters = 0, gateways = 0, port = 0] = numbers.map(Number);
  const site: Site = { folder, host: '127.0.0.1', port, database };
  console.log(JSON.stringify(await measureDirector(site, { names, clusters, gateways })));
  process.exit(0);
}

async function measureDirector(site: Site, size: Size): Promise<DirectorFigures> {
  const { names, clusters, gateways } = size;
  const prober = createToldProber();
  const heard = { engine: 'none', compilesMs: [] as number[] };
  const azimuth = await composeOn(site, heard, prober);
  await azimuth.lifecycle.start();
  // It serves before it has read all of a large world: that is not yet a start.
  while (azimuth.director.health().size < gateways * clusters) await sleep(PAUSE_MS);
  const asking = await createAsking(site, gateways);
  await asking.until(names - 1, 'first', START_MS);
  // Counted from the start of the process.
  const startMs = performance.now();
  globalThis.gc?.();
  const memory = process.memoryUsage.rss();
  heard.compilesMs.length = 0;
  const flip = async (name: number, flipped: readonly number[]): Promise<number> => {
    await asking.until(name, 'first', CHANGE_MS);
    await sleep(PAUSE_MS);
    const started = performance.now();
    for (const gateway of flipped) prober.tell(vipOf(gateway, 0), 'failure');
    await asking.until(name, 'another', CHANGE_MS);
    const took = performance.now() - started;
    for (const gateway of flipped) prober.tell(vipOf(gateway, 0), 'success');
    return took;
  };
  const flipsMs: number[] = [];
  for (let i = 0; i < FLIPS; i++) flipsMs.push(await flip((i * 769) % names, [((i * 769) % names) % gateways]));
  const every = Array.from({ length: gateways }, (_, gateway) => gateway);
  const clusterFlipsMs: number[] = [];
  for (let i = 0; i < CLUSTER_FLIPS; i++) clusterFlipsMs.push(await flip(i, every));
  await azimuth.lifecycle.stop();
  return { ...size, startMs, memory, flipsMs, clusterFlipsMs, ...heard };
}

/** The director over a fleet's configuration, one worker, with our database and what it says written down. */
async function composeOn({ folder, database }: Site, heard: Parameters<typeof listen>[0], prober: Prober) {
  const file = join(folder, 'azimuth.yaml');
  const fleet = parse(readFileSync(file, 'utf8'));
  const patience = { rise: 1, fall: 1 };
  writeFileSync(
    file,
    stringify({ ...fleet, dns: { ...fleet.dns, workers: 1 }, geoip: { database }, prober: patience }),
  );
  const loaded = await loadConfig(file, {});
  if (loaded.kind === 'invalid') throw new Error(loaded.problems.map(formatProblem).join('; '));
  return compose(loaded.config, listen(heard), { ...realEdges(loaded.config), prober: () => prober });
}

/** A client where the first cluster is the nearest. It waits until a name is answered with that one, or with another. */
async function createAsking(site: Site, gateways: number) {
  const socket = await openSocket(SOURCES[0]!);
  socket.unref();
  const until = async (name: number, wanted: 'first' | 'another', patienceMs: number): Promise<void> => {
    const vip = vipOf(name % gateways, 0);
    const deadline = performance.now() + patienceMs;
    while (((await ask(socket, site, `host-${name}.${ZONE}`, undefined)) === vip) !== (wanted === 'first')) {
      if (performance.now() > deadline) throw new Error(`host-${name} is not answered with ${wanted} cluster`);
    }
  };
  return { until };
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
    pace: () => undefined,
    firstRound: async () => undefined,
    close: async () => undefined,
  };
}

/** Notes what is measured of the director's own words. */
function listen(heard: { engine: string; compilesMs: number[] }): Observer {
  const nothing = (): void => undefined;
  return {
    version: 'bench',
    log(event, fields) {
      if (event === 'udp-engine' && 'engine' in fields) heard.engine = String(fields.engine);
    },
    onPublish: ({ compileMs }) => heard.compilesMs.push(compileMs),
    onStateChange: nothing,
    onFindings: nothing,
  };
}
