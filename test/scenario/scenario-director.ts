import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Azimuth, compose } from '../../src/compose/compose.ts';
import type { Edges } from '../../src/compose/edges.ts';
import { placeInputs } from '../../src/compose/places.ts';
import { probeRefusal } from '../../src/compose/probe-refusal.ts';
import { loadConfig } from '../../src/config/load.ts';
import type { Picture } from '../../src/core/desired/picture.ts';
import type { Overrides } from '../../src/core/health/override.ts';
import type { Rollouts } from '../../src/core/rollout/rollout.ts';
import type { PlaceTable } from '../../src/core/snapshot/place-table.ts';
import { openPlacesOnce } from '../../src/geo/place-source.ts';
import type { ProbeFunction } from '../../src/prober/probe.ts';
import { failed, SUCCESS } from '../../src/prober/probe.ts';
import { createProber } from '../../src/prober/prober.ts';
import type { AskName, FamilyAnswer } from '../../src/resolver/ask.ts';
import { createAddressResolver } from '../../src/resolver/resolver.ts';
import { createPictureReader } from '../../src/sources/file/picture-reader.ts';
import { createReadingPool } from '../../src/sources/file/reading-pool.ts';
import { createPictureStore } from '../../src/state/picture-store.ts';
import { createManualClock, type ManualClock } from '../support/manual-clock.ts';

/** Where every scenario begins, in ms since the epoch. */
const START = Date.UTC(2026, 0, 1);
const CONFIG = 'azimuth.yaml';

/** The real composition on in-memory edges. What outlives a restart is kept here: files, overrides, clock, dead targets. */
export type ScenarioDirector = {
  readonly clock: ManualClock;
  azimuth(): Azimuth;
  start(): Promise<void>;
  restart(): Promise<void>;
  stop(): Promise<void>;
  write(path: string, text: string): Promise<void>;
  remove(path: string): Promise<void>;
  /** Probes of an address, or of a path of it (`127.0.0.2/cart`), fail from now on. */
  kill(address: string): void;
  revive(address: string): void;
  /** Probes of an address take so many ms of the clock from now on. */
  slow(address: string, ms: number): void;
  /** Our own means to probe an address fail, or do not any more: no evidence either way. */
  blind(address: string, means: 'fail' | 'work'): void;
  /** What a name outside our zones leads to from now on; undefined: no DNS server answers. */
  resolve(name: string, addresses: readonly string[] | undefined): void;
};

/** Makes a scenario's director on a folder that already holds the configuration and the manifests. */
export async function createScenarioDirector(folder: string, database: string): Promise<ScenarioDirector> {
  const clock = createManualClock(START);
  const { table: bare } = await openPlacesOnce({ database });
  const dead = new Set<string>();
  const slow = new Map<string, number>();
  const unseen = new Set<string>();
  const names = new Map<string, readonly string[]>();
  let saved: Overrides = new Map();
  let savedRollouts: Rollouts = new Map();
  let running: { azimuth: Azimuth; reread(): Promise<void> } | undefined;

  const probe: ProbeFunction = async ({ address, path }) => {
    if (unseen.has(address)) return failed('internal', 'blinded by the scenario');
    const ms = slow.get(address) ?? 0;
    if (ms > 0) await new Promise<void>((resolve) => void clock.after(ms, resolve));
    return dead.has(address) || dead.has(address + path) ? failed('refused', 'killed by the scenario') : SUCCESS;
  };
  const ask: AskName = async (name) => {
    const addresses = names.get(name);
    const failure = { kind: 'failure', problem: 'no DNS server answered in time' } as const;
    if (addresses === undefined) return { v4: failure, v6: failure };
    return {
      v4: answerOf(addresses, (one) => !one.includes(':')),
      v6: answerOf(addresses, (one) => one.includes(':')),
    };
  };
  const store: Edges['store'] = {
    load: async () => ({ overrides: saved, findings: [] }),
    save: async (overrides) => {
      saved = overrides;
    },
  };

  const start = async (): Promise<void> => {
    const loaded = await loadConfig(join(folder, CONFIG), {});
    if (loaded.kind === 'invalid') throw new Error(JSON.stringify(loaded.problems));
    const { maps } = loaded.config;
    const source = createSteppedSource(loaded.config.sources);
    const azimuth = compose(loaded.config, SILENT, {
      clock,
      store,
      rollouts: {
        load: async () => ({ rollouts: savedRollouts, findings: [] }),
        save: async (rollouts) => {
          savedRollouts = rollouts;
        },
        close: async () => undefined,
      },
      pictures: ({ onFindings }) => createPictureStore({ directory: join(folder, 'state'), clock, onFindings }),
      source,
      places: fixedPlaces(
        maps.length === 0 ? bare : (await openPlacesOnce({ ...placeInputs(loaded.config), database })).table,
      ),
      resolver: () => createAddressResolver({ clock, jitter: () => 0, ask }),
      prober: ({ onFindings }) =>
        createProber({
          clock,
          jitter: () => 0.5,
          probes: {
            http: probe,
            https: probe,
            h2: probe,
            tcp: probe,
            tls: probe,
            grpc: probe,
            grpcs: probe,
            dns: probe,
          },
          refusal: probeRefusal(loaded.config),
          ...(onFindings === undefined ? {} : { onFindings }),
        }),
      gauges: () => ({ start() {}, async firstRound() {}, async close() {} }),
      servers: 'none',
    });
    running = { azimuth, reread: source.reread };
    await azimuth.lifecycle.start();
    await clock.advance(0);
  };
  const stop = async (): Promise<void> => {
    await running?.azimuth.lifecycle.stop();
    running = undefined;
  };
  const write = async (path: string, text: string): Promise<void> => {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
    await running?.reread();
  };

  return {
    clock,
    azimuth() {
      if (running === undefined) throw new Error('the scenario asks before "start"');
      return running.azimuth;
    },
    start,
    stop,
    async restart() {
      await stop();
      await start();
    },
    write,
    async remove(path) {
      await rm(join(folder, path));
      await running?.reread();
    },
    kill: (address) => void dead.add(address),
    revive: (address) => void dead.delete(address),
    slow: (address, ms) => void slow.set(address, ms),
    blind: (address, means) => void (means === 'fail' ? unseen.add(address) : unseen.delete(address)),
    resolve(name, addresses) {
      if (addresses === undefined) names.delete(name);
      else names.set(name, addresses);
    },
  };
}

/** TTL of the names outside our zones, in seconds. */
const NAME_TTL_S = 60;

function answerOf(addresses: readonly string[], fits: (address: string) => boolean): FamilyAnswer {
  return { kind: 'answer', records: addresses.filter(fits).map((address) => ({ address, ttl: NAME_TTL_S })) };
}

const SILENT = {
  version: 'scenario',
  log: { info() {}, warn() {}, error() {} },
  onPublish() {},
  onStateChange() {},
  onFindings() {},
};

/** The file source's own reader, moved by hand instead of by file events. */
function createSteppedSource(clusters: readonly { cluster: string; manifests: string }[]) {
  const pool = createReadingPool();
  const readers = clusters.map(({ cluster, manifests }) => createPictureReader(cluster, manifests, pool));
  let sink = (_picture: Picture): void => {};
  const reread = async (): Promise<void> => {
    for (const reader of readers) sink(await reader.read());
  };
  return {
    async start(to: (picture: Picture) => void) {
      sink = to;
      await reread();
    },
    close: () => pool.close(),
    reread,
  };
}

function fixedPlaces(table: PlaceTable): Edges['places'] {
  return { start: async (sink) => sink(table, []), close: async () => {} };
}

/** Copies the demo's configuration and manifests, slowed down to production's probe rhythm. */
export async function copyExamples(from: string, to: string): Promise<void> {
  const config = await readFile(join(from, CONFIG), 'utf8');
  const slow = config.replace(
    /^prober:.*$/m,
    'prober: { interval: 10s, timeout: 3s, rise: 2, fall: 3, allow: [127.0.0.0/8] }',
  );
  await mkdir(to, { recursive: true });
  await writeFile(join(to, CONFIG), slow);
  for (const cluster of ['eu-west', 'us-east', 'ap-northeast']) {
    await mkdir(join(to, 'clusters', cluster), { recursive: true });
    for (const file of ['gateway.yaml', 'routes.yaml']) {
      const path = join('clusters', cluster, file);
      await writeFile(join(to, path), await readFile(join(from, path), 'utf8'));
    }
  }
}
