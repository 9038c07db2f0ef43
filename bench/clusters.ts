/**
 * A director on live clusters of real API servers: first sync, what it weighs, and what a steady change of objects leaves
 * behind. `node bench/clusters.ts [--servers 2] [--clusters 20] [--routes 500] [--syncs 3] [--minutes 2] [--remark TEXT]
 * [--write]`. Prints Markdown, or writes its part of `docs/benchmarks.md`. Needs what the tests of `test/cluster` need,
 * half a gigabyte for each server, Linux, and four minutes beside those of the churn.
 */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { chooseKube, type OwnKube } from '../test/cluster/kube.ts';
import { churn } from './clusters/churn.ts';
import { configure, contextsOf, createFleet, type Fleet, type FleetSize } from './clusters/fleet.ts';
import { clustersPart, type SteadyFigures } from './clusters/report.ts';
import { type SyncFigures, startWatched, type WatchedDirector } from './clusters/watched-director.ts';
import { freePort } from './contestants.ts';
import { thisMachine, twoCores } from './machine.ts';
import { writePart } from './page.ts';

/** Bounds of what may be asked for, so that no run takes all memory or goes on for hours. */
const MAX_SERVERS = 20;
const MAX_CLUSTERS = 100;
const MAX_ROUTES = 2000;
const MAX_SYNCS = 20;
const MAX_MINUTES = 240;
/** The API servers are busy for a while after they were filled. */
const REST_MS = 10_000;
/** How long the director is left alone, in s; before it is measured it has so long to calm down. */
const STEADY_S = 30;

const cleanUps: (() => Promise<unknown>)[] = [];
const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
try {
  await bench();
} finally {
  // One that fails must not leave API servers behind.
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp().catch((error) => say(String(error)));
}

async function bench(): Promise<void> {
  const { size, syncs: rounds, minutes, remark, write } = options();
  const machine = thisMachine();
  const choice = await chooseKube();
  if (choice.kind !== 'own') throw new Error('it needs API servers of its own: see test/cluster/kube-tools.ts');
  say(`${size.servers} API servers`);
  const kube = await choice.start(contextsOf(size));
  cleanUps.push(() => kube.stop());
  say(`${size.clusters} clusters with ${size.routes} Routes each`);
  const fleet = await createFleet(kube, size);
  cleanUps.push(() => fleet.close());
  await pause(REST_MS);
  const syncs: SyncFigures[] = [];
  for (;;) {
    const { director, sync } = await start(kube, fleet);
    syncs.push(sync);
    say(`synced in ${Math.round(sync.syncMs)} ms with ${sync.cpuS} s of CPU`);
    if (syncs.length < rounds) {
      await director.stop();
      continue;
    }
    const steady = await leaveAlone(director);
    say(`steady: ${JSON.stringify(steady)}`);
    const churned = await churn(fleet, director, minutes, stop.signal, (sample) => say(JSON.stringify(sample)));
    const text = clustersPart(machine, { size, syncs, steady, churn: churned }, remark);
    if (write) writePart('clusters', text);
    else console.log(text);
    return;
  }
}

/** Every start is a first one: its folder is empty. */
async function start(kube: OwnKube, fleet: Fleet): ReturnType<typeof startWatched> {
  const folder = await mkdtemp(join(tmpdir(), 'azimuth-clusters-'));
  cleanUps.push(() => rm(folder, { recursive: true, force: true }));
  await mkdir(join(folder, 'state'));
  const site = { folder, host: '127.0.0.1', port: await freePort(), database: '' };
  const admin = await freePort();
  const config = configure(site, admin, kube, fleet);
  return await startWatched(site, config, admin, fleet, twoCores(), (running) => cleanUps.push(() => running.stop()));
}

async function leaveAlone(director: WatchedDirector): Promise<SteadyFigures> {
  await pause(STEADY_S * 1000);
  const before = director.cpu();
  await pause(STEADY_S * 1000);
  const after = director.cpu();
  const cores = (after.user + after.system - before.user - before.system) / STEADY_S;
  return { seconds: STEADY_S, cores, holding: await director.holding() };
}

function options() {
  const { values } = parseArgs({
    options: {
      servers: { type: 'string', default: '2' },
      clusters: { type: 'string', default: '20' },
      routes: { type: 'string', default: '500' },
      syncs: { type: 'string', default: '3' },
      minutes: { type: 'string', default: '2' },
      remark: { type: 'string', default: '' },
      write: { type: 'boolean', default: false },
    },
  });
  const bounded = (key: 'servers' | 'clusters' | 'routes' | 'syncs' | 'minutes', most: number): number => {
    const value = Number(values[key]);
    const least = key === 'routes' ? 2 : 1;
    if (!(Number.isInteger(value) && value >= least && value <= most)) {
      throw new Error(`--${key} goes from ${least} to ${most}`);
    }
    return value;
  };
  const size: FleetSize = {
    servers: bounded('servers', MAX_SERVERS),
    clusters: bounded('clusters', MAX_CLUSTERS),
    routes: bounded('routes', MAX_ROUTES),
  };
  const [syncs, minutes] = [bounded('syncs', MAX_SYNCS), bounded('minutes', MAX_MINUTES)];
  return { size, syncs, minutes, remark: values.remark, write: values.write };
}

async function pause(ms: number): Promise<void> {
  await sleep(ms, undefined, { signal: stop.signal });
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
