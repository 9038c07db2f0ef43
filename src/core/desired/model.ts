import type { Area, Location } from './area.ts';
import type { Finding, Origin } from './finding.ts';
import type { Asker } from './gateway-api/metadata.ts';
import type { Migration } from './migration/systems.ts';
import type { StaticRecord } from './records.ts';
import type { TeamSpec } from './teams/team.ts';

/** The presets of the steering chain. */
export type Steering = 'nearest' | 'weighted' | 'failover' | 'multivalue';

/** What is said when no endpoint is eligible. Fences and drains hold for all of them; `none` is NODATA. */
export type LastResort =
  | { readonly kind: 'all' | 'last' | 'none' }
  | { readonly kind: 'addresses'; readonly addresses: readonly string[] };

/** How many endpoints must be up before the survivors are believed: a count, or a fraction (0–1) of all. */
export type MinHealthy = { readonly kind: 'count' | 'fraction'; readonly value: number };

/** How one hostname is steered. Settings that differ by cluster are on the endpoint. */
export type Policy = {
  readonly steering: Steering;
  /** `subnet`: where weights decide, clients of one subnet keep their cluster. */
  readonly sticky: 'none' | 'subnet';
  /** Clients from here are only ever sent to clusters here. An empty area fences nobody. */
  readonly residency: Area;
  /** Most addresses in one answer, 1–8. */
  readonly answers: number;
  /** Upper bound of the TTL in seconds, 0–86400. */
  readonly ttl: number;
  readonly minHealthy: MinHealthy;
  readonly lastResort: LastResort;
};

/** Drained: gets no new answers. `until` ends by itself, in ms since the epoch. */
export type Drain =
  | { readonly kind: 'none' }
  | { readonly kind: 'on' }
  | { readonly kind: 'until'; readonly at: number };

/**
 * What is made of the conditions that controllers write (`Accepted`, `Programmed`, `ResolvedRefs`). `ignore`: nothing.
 * `warn`: a finding. `require`: what is not met is not answered while there is something better. Conditions that are
 * absent never count.
 */
export type ConditionsMode = 'ignore' | 'warn' | 'require';

/** Why an endpoint is not ready: a condition that is required and not met. That is not down: nobody looked. */
export type Unready = {
  readonly condition: 'Accepted' | 'Programmed' | 'ResolvedRefs' | 'Conflicted' | 'Backends';
  /** Whole and readable: the object, the condition and what the controller says. */
  readonly reason: string;
};

/** The identity of a monitor: equal specs have equal ids, so equal monitors are one. */
export type MonitorId = string;

/** One VIP of one cluster for one hostname. */
export type Endpoint = {
  readonly cluster: string;
  /** `namespace/name` of the Gateway that holds the VIP. */
  readonly gateway: string;
  readonly address: string;
  readonly family: 4 | 6;
  /** Who watches it; `unchecked` by the annotation `probe: none`. */
  readonly monitor: MonitorId | 'unchecked';
  /** 0–65535; 0 means only when nobody else is up. */
  readonly weight: number;
  /** Failover order, 0 first. */
  readonly tier: number;
  /** Kilometres added to the distance; below 0 draws clients nearer. */
  readonly bias: number;
  /** The endpoint takes only clients from here. An empty area takes all. */
  readonly serves: Area;
  readonly drain: Drain;
  readonly location: Location;
  /** Absent where it is ready, or where nobody said that it is not. */
  readonly unready?: Unready;
};

/** One served name: lower case, no final dot; a wildcard starts with `*.`. Endpoints are ordered by cluster, address. */
export type Hostname = {
  readonly name: string;
  /** Apex of the zone that holds it. */
  readonly zone: string;
  readonly policy: Policy;
  readonly endpoints: readonly Endpoint[];
  /** The objects that ask for the name, ordered by file and line. `originOf` has each with its name. */
  readonly askers: readonly Asker[];
};

/** What a probe speaks. */
export type ProbeProtocol = 'http' | 'https' | 'tcp' | 'grpc';

/** What a good response looks like: status ranges (both ends included), or a text in the body of a 200–399 response. */
export type ProbeExpectation =
  | { readonly kind: 'status'; readonly ranges: readonly (readonly [number, number])[] }
  | { readonly kind: 'body'; readonly text: string };

/** One probed address and how: shared by all endpoints that need the same. */
export type Monitor = {
  readonly id: MonitorId;
  readonly protocol: ProbeProtocol;
  readonly address: string;
  readonly port: number;
  /** SNI and Host; empty for `tcp`. A wildcard hostname is probed as `azimuth-probe.` + its parent. */
  readonly host: string;
  /** HTTP path, or the gRPC service name. */
  readonly path: string;
  readonly expect: ProbeExpectation;
  readonly intervalMs: number;
  readonly timeoutMs: number;
  /** Successes in a row that bring a down monitor up. */
  readonly rise: number;
  /** Failures in a row that bring an up monitor down. */
  readonly fall: number;
};

/** A name server of a zone with its glue. Names are lower case without a final dot. */
export type NameServer = { readonly name: string; readonly addresses: readonly string[] };

/** SOA fields in seconds; the serial is the snapshot's. */
export type SoaSpec = {
  readonly mname: string;
  readonly rname: string;
  readonly refresh: number;
  readonly retry: number;
  readonly expire: number;
  readonly minimum: number;
  readonly ttl: number;
};

/** One zone from the configuration. */
export type ZoneSpec = {
  readonly apex: string;
  readonly nameservers: readonly NameServer[];
  /** TTL of the NS records and their glue in seconds. */
  readonly nsTtl: number;
  readonly soa: SoaSpec;
  readonly records: readonly StaticRecord[];
};

/** One cluster, of the configuration or found by a source. `annotations` are its defaults: keys without prefix. */
export type ClusterSpec = {
  readonly name: string;
  readonly location: Location;
  /** `nodes`: the location is where its nodes are, once a picture says that; until then it is as declared. */
  readonly placedBy?: 'nodes';
  /** Its number in the answer table and the DNS counters; absent: its place in the list. No two clusters share one. */
  readonly slot?: number;
  readonly annotations: Readonly<Record<string, string>>;
  readonly origin: Origin;
};

/** Probe settings under the annotations. */
export type ProbeDefaults = {
  readonly intervalMs: number;
  readonly timeoutMs: number;
  readonly rise: number;
  readonly fall: number;
};

/** What the core needs of the configuration. */
export type Declaration = {
  /** Annotation prefix with its slash: `azimuth.dev/`. */
  readonly prefix: string;
  readonly zones: readonly ZoneSpec[];
  readonly clusters: readonly ClusterSpec[];
  readonly probe: ProbeDefaults;
  /** What is made of conditions where no annotation says it; absent: `warn`. */
  readonly conditions?: ConditionsMode;
  /** Whose hostnames are whose; absent: anybody's. */
  readonly teams?: readonly TeamSpec[];
  /** Other systems' annotations that are read, too; absent: none. */
  readonly migration?: Migration;
};

/** All pictures and the configuration merged: what the clusters ask for, without any health. */
export type Model = {
  readonly zones: readonly ZoneSpec[];
  readonly clusters: readonly ClusterSpec[];
  /** Absent: none. */
  readonly teams?: readonly TeamSpec[];
  /** Ordered by name. */
  readonly hostnames: readonly Hostname[];
  /** Ordered by id. */
  readonly monitors: readonly Monitor[];
  /** The names to be resolved: Gateways have them for their addresses. Ordered, each once. */
  readonly lookups: readonly string[];
  readonly findings: readonly Finding[];
};
