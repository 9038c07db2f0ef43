import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Azimuth, compose } from '../../src/compose/compose.ts';
import type { Edges } from '../../src/compose/edges.ts';
import { placeInputs } from '../../src/compose/places.ts';
import { probeRefusal } from '../../src/compose/probe-refusal.ts';
import { loadConfig } from '../../src/config/load.ts';
import type { Pin } from '../../src/core/desired/maps/pin.ts';
import type { Picture } from '../../src/core/desired/picture.ts';
import type { Drills } from '../../src/core/drill/drill.ts';
import type { RememberedHealth } from '../../src/core/health/remembered.ts';
import type { Overrides } from '../../src/core/orders/override.ts';
import type { Rollouts } from '../../src/core/rollout/rollout.ts';
import type { PlaceTable } from '../../src/core/snapshot/place-table.ts';
import { failed as gaveNone } from '../../src/gauges/answer.ts';
import type { Asking } from '../../src/gauges/ask.ts';
import { createGauges } from '../../src/gauges/gauges.ts';
import { openPlacesOnce } from '../../src/geo/place-source.ts';
import { followFile } from '../../src/prober/followed-file.ts';
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
  /** Probes of an address see a certificate that ends in so many days from now. */
  certify(address: string, days: number): void;
  /** What Prometheus servers answer to an expression from now on; undefined: they do not answer. */
  number(expr: string, value: number | undefined): void;
  /** How many probes of a hostname there were since this was asked last. */
  probes(hostname: string): number;
  /** Makes the places anew, with the pins that were ordered meanwhile. */
  renewPlaces(): Promise<void>;
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
  const certificates = new Map<string, number>();
  const numbers = new Map<string, number>();
  const names = new Map<string, readonly string[]>();
  let saved: Overrides = new Map();
  let savedRollouts: Rollouts = new Map();
  let savedDrills: Drills = new Map();
  const remembered = new Map<string, RememberedHealth>();
  let aliveAt = 0;
  let running: { azimuth: Azimuth; reread(): Promise<void>; renewPlaces(): Promise<void> } | undefined;

  const probed = new Map<string, number>();
  const probe: ProbeFunction = async ({ address, path, host }, { trace }) => {
    probed.set(host, (probed.get(host) ?? 0) + 1);
    if (unseen.has(address)) return failed('internal', 'blinded by the scenario');
    const endsAt = certificates.get(address);
    if (endsAt !== undefined) trace.certificate = { fingerprint: address, endsAt };
    const ms = slow.get(address) ?? 0;
    if (ms > 0) await new Promise<void>((resolve) => void clock.after(ms, resolve));
    return dead.has(address) || dead.has(address + path) ? failed('refused', 'killed by the scenario') : SUCCESS;
  };
  const asking: Asking = {
    async ask({ expr }) {
      const value = numbers.get(expr);
      return value === undefined ? gaveNone('unreachable', 'no number in the scenario') : { kind: 'value', value };
    },
    close: async () => undefined,
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
    const places = createSteppedPlaces(async (pins) => {
      if (maps.length + pins.length === 0) return bare;
      return (await openPlacesOnce({ ...placeInputs(loaded.config), database }, pins)).table;
    });
    const source = createSteppedSource(loaded.config.sources);
    const azimuth = compose(loaded.config, SILENT, {
      clock,
      store,
      health: {
        load: async () => ({ monitors: new Map(remembered), aliveAt, findings: [] }),
        save: async (changes, at) => {
          aliveAt = at;
          for (const [id, health] of changes) {
            if (health === undefined) remembered.delete(id);
            else remembered.set(id, health);
          }
        },
      },
      drills: {
        load: async () => ({ drills: savedDrills, findings: [] }),
        save: async (drills) => {
          savedDrills = drills;
        },
        close: async () => undefined,
      },
      rollouts: {
        load: async () => ({ rollouts: savedRollouts, findings: [] }),
        save: async (rollouts) => {
          savedRollouts = rollouts;
        },
        close: async () => undefined,
      },
      pictures: ({ onFindings }) => createPictureStore({ directory: join(folder, 'state'), clock, onFindings }),
      source,
      places,
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
      gauges: ({ onFindings }) => {
        const named = loaded.config.declaration.monitors ?? [];
        return createGauges({ clock, named, follow: followFile, onFindings, asking, jitter: () => 0 });
      },
      servers: 'none',
    });
    running = { azimuth, reread: source.reread, renewPlaces: places.renew };
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
    certify: (address, days) => void certificates.set(address, clock.now() + days * 86_400_000),
    number(expr, value) {
      if (value === undefined) numbers.delete(expr);
      else numbers.set(expr, value);
    },
    probes(hostname) {
      const made = probed.get(hostname) ?? 0;
      probed.delete(hostname);
      return made;
    },
    async renewPlaces() {
      await running?.renewPlaces();
      await clock.advance(RENEWED_MS);
    },
    resolve(name, addresses) {
      if (addresses === undefined) names.delete(name);
      else names.set(name, addresses);
    },
  };
}

/** Until a new table is in the answers, in ms: as long as the director collects changes. */
const RENEWED_MS = 20;

/** TTL of the names outside our zones, in seconds. */
const NAME_TTL_S = 60;

function answerOf(addresses: readonly string[], fits: (address: string) => boolean): FamilyAnswer {
  return { kind: 'answer', records: addresses.filter(fits).map((address) => ({ address, ttl: NAME_TTL_S })) };
}

const SILENT = {
  version: 'scenario',
  log() {},
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

/** The places without the time that a thread takes for them: they are made anew when a step asks for that. */
function createSteppedPlaces(open: (pins: readonly Pin[]) => Promise<PlaceTable>) {
  let pins: readonly Pin[] = [];
  let sink: Parameters<Edges['places']['start']>[0] = () => {};
  const renew = async (): Promise<void> => sink(await open(pins), []);
  return {
    start(to: typeof sink) {
      sink = to;
      return renew();
    },
    pin(wanted: readonly Pin[]) {
      pins = wanted;
    },
    renew,
    close: async () => {},
  };
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
