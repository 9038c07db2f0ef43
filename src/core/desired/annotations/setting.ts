import type { Address } from '../address.ts';
import type { Area } from '../area.ts';
import type { Origin } from '../finding.ts';
import type {
  ConditionsMode,
  Drain,
  LastResort,
  MinHealthy,
  ProbeExpectation,
  ProbeProtocol,
  Steering,
} from '../model.ts';
import type { SteeringList } from './steering-values.ts';

/** What `probe` asks for: a protocol, port and path on the VIP, or nothing at all. */
export type ProbeTarget =
  | { readonly kind: 'none' }
  | { readonly kind: 'target'; readonly protocol: ProbeProtocol; readonly port: number; readonly path: string };

/** The type of each annotation's value. Durations are in milliseconds, `ttl` in seconds, `bias` and `nearest-band` in kilometres. */
export type SettingValues = {
  readonly steering: Steering | SteeringList;
  readonly weight: number;
  readonly tier: number;
  /** Cluster names, first tier first; `*` stands for all that are not named. */
  readonly failover: readonly string[];
  readonly failback: 'auto' | 'manual' | number;
  readonly 'failover-delay': number;
  readonly 'slow-start': number;
  readonly 'flap-damping': 'none' | number;
  readonly residency: Area;
  readonly serves: Area;
  readonly bias: number;
  readonly 'nearest-band': number;
  /** The name of a custom map; `none` for no map whatever the zone has. */
  readonly map: string;
  /** Requests per second. */
  readonly capacity: number | 'none';
  readonly sticky: 'none' | 'subnet';
  readonly answers: number;
  readonly ttl: number;
  /** Seconds. */
  readonly 'stable-ttl': 'none' | number;
  readonly 'min-healthy': MinHealthy;
  readonly 'last-resort': LastResort;
  readonly drain: Drain;
  readonly address: readonly Address[];
  readonly conditions: ConditionsMode;
  readonly probe: ProbeTarget;
  readonly 'probe-interval': number;
  readonly 'probe-timeout': number;
  readonly 'probe-rise': number;
  readonly 'probe-fall': number;
  readonly 'probe-forgive': number;
  readonly 'probe-retry': 'none' | number;
  readonly 'degraded-latency': 'none' | number;
  readonly 'degraded-certificate-days': number;
  readonly 'probe-expect': ProbeExpectation;
  /** Paths that are probed in the place of the one in `probe`, each once. */
  readonly 'probe-paths': readonly string[];
  /** How many of them must be up. */
  readonly 'probe-paths-need': 'all' | 'any' | number;
  /** Names of monitors of the configuration, each once. */
  readonly monitors: readonly string[];
};

/** An annotation key without its prefix. */
export type SettingKey = keyof SettingValues;

/** A value with the text it was written as. */
export type Setting<T> = { readonly value: T; readonly text: string };

/** The valid settings of one object. */
export type Settings = { readonly [K in SettingKey]?: Setting<SettingValues[K]> };

/** Where annotations take effect, the most specific first. `cluster`: the cluster's entry in the configuration. */
export const LEVELS = ['Route', 'ListenerSet', 'Gateway', 'cluster'] as const;

/** One of the places where annotations take effect. */
export type Level = (typeof LEVELS)[number];

/** An object with its settings. */
export type Annotated = {
  readonly level: Level;
  readonly cluster: string;
  /** `namespace/name Kind`: the order in which equals are asked; the cluster's name for its configuration. */
  readonly id: string;
  readonly origin: Origin;
  readonly settings: Settings;
};
