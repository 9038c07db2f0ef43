import type { Area, Location } from './area.ts';
import type { Finding, Origin } from './finding.ts';
import type { Asker } from './gateway-api/metadata.ts';
import type { Migration } from './migration/systems.ts';
import type { StaticRecord } from './records.ts';
import type { TeamSpec } from './teams/team.ts';

/** The presets of the steering chain. */
export type Steering = 'nearest' | 'weighted' | 'failover' | 'multivalue';

/** The steps of the chain that prefer some of those who are left: an explicit chain may move them or leave them out. */
export type Preference = 'map' | 'tier' | 'standby' | 'degraded';

/** What is said when no endpoint is eligible. Fences and drains hold for all of them; `none` is NODATA. */
export type LastResort =
  | { readonly kind: 'all' | 'last' | 'none' }
  | { readonly kind: 'addresses'; readonly addresses: readonly string[] };

/** How many endpoints must be up before the survivors are believed: a count, or a fraction (0–1) of all. */
export type MinHealthy = { readonly kind: 'count' | 'fraction'; readonly value: number };

/** How one hostname is steered. Settings that differ by cluster are on the endpoint. */
export type Policy = {
  readonly steering: Steering;
  /** The preferring steps in their order; absent: those of the presets. `steering` then says which order stands at the end. */
  readonly preferred?: readonly Preference[];
  /** `subnet`: where weights decide, clients of one subnet keep their cluster. */
  readonly sticky: 'none' | 'subnet';
  /** Kilometres, 0–20000: clusters that are hardly farther than the nearest share its clients by weight; 0: nobody does. */
  readonly nearestBand: number;
  /** The custom map that goes before everything but fences and health; absent: none. */
  readonly map?: string;
  /** Clients from here are only ever sent to clusters here. An empty area fences nobody. */
  readonly residency: Area;
  /** Most addresses in one answer, 1–8. */
  readonly answers: number;
  /** Upper bound of the TTL in seconds, 0–86400. */
  readonly ttl: number;
  /** Up to this, in seconds, the TTL rises while nothing changes: above `ttl`, at most 86400; absent: it does not. */
  readonly stableTtl?: number;
  readonly minHealthy: MinHealthy;
  readonly lastResort: LastResort;
  /** Laid over it while a rollout holds for the hostname; no object asks for it. */
  readonly rollout?: RolloutShare;
  /** The keys of the pins in force that are about it, the newest first, laid over it; absent: none. */
  readonly pins?: readonly string[];
};

/** Who gets which part of the clients in a rollout: `percent` (0–100) of them go to the clusters in `to`. */
export type RolloutShare = {
  readonly name: string;
  readonly percent: number;
  readonly from: readonly string[];
  readonly to: readonly string[];
};

/** Drained: gets no new answers. `until` ends by itself, `planned` begins by itself; in ms since the epoch. */
export type Drain =
  | { readonly kind: 'none' }
  | { readonly kind: 'on' }
  | { readonly kind: 'until'; readonly at: number }
  | { readonly kind: 'planned'; readonly from: number; readonly until?: number };

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
  /** What tells the load of its cluster; absent where nobody does. */
  readonly load?: MonitorId;
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
  /** Absent where nobody ordered anything about it. */
  readonly order?: EndpointOrder;
};

/** What people ordered about an endpoint, laid over what is written and measured: both stay what they are. */
export type EndpointOrder = {
  /** The names of the orders, the newest first; not all of them need be in force. */
  readonly by: readonly string[];
  /** When no new answer names it: from the one moment until before the other, in ms since the epoch. */
  readonly drains: readonly { readonly from: number; readonly until: number }[];
  /** What steering goes by in place of what is measured. */
  readonly state?: 'up' | 'down';
  /** How many of 256 of its clients it keeps; absent: all. */
  readonly admits?: number;
  /** What the objects say, where the endpoint's weight is that of an order. */
  readonly writtenWeight?: number;
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

/**
 * What a probe speaks. `h2`: HTTP/2 over TLS, chosen by ALPN. `tls`: a handshake with all checks of the certificate.
 * `grpc`, `grpcs`: the gRPC health service without and with TLS. `dns`: one question.
 */
export type ProbeProtocol = 'http' | 'https' | 'h2' | 'tcp' | 'tls' | 'grpc' | 'grpcs' | 'dns';

/**
 * What a good response looks like: status ranges (both ends included); a text in the body, or a header (its name in lower
 * case, with that very value where there is a text), of a 200–399 response; one of some response codes of the DNS, or an
 * answer whose data are that text.
 */
export type ProbeExpectation =
  | { readonly kind: 'status'; readonly ranges: readonly (readonly [number, number])[] }
  | { readonly kind: 'body'; readonly text: string }
  | { readonly kind: 'header'; readonly name: string; readonly text?: string }
  | { readonly kind: 'rcode'; readonly codes: readonly string[] }
  | { readonly kind: 'answer'; readonly text: string };

/** One probed address and how: shared by all endpoints that need the same. */
export type Monitor = {
  readonly id: MonitorId;
  readonly protocol: ProbeProtocol;
  readonly address: string;
  readonly port: number;
  /** SNI and Host; empty where the hostname does not matter. A wildcard is probed as `azimuth-probe.` + its parent. */
  readonly host: string;
  /** HTTP path, gRPC service name, or what is asked of a DNS server (`probe-question.ts`). */
  readonly path: string;
  readonly expect: ProbeExpectation;
  readonly intervalMs: number;
  readonly timeoutMs: number;
  /** Successes in a row that bring a down monitor up. */
  readonly rise: number;
  /** Failures in a row that bring an up monitor down; where `judgement` forgives later, not only in a row. */
  readonly fall: number;
  /** Absent: `AT_ONCE` of `judgement.ts`. */
  readonly judgement?: Judgement;
};

/** How results become what is believed, beyond `rise` and `fall`. Durations in ms; 0: not at all. */
export type Judgement = {
  /** Successes in a row that wipe out counted failures, 1–100. */
  readonly forgive: number;
  /** After a failed probe of an up monitor, until the next one; 0: on its interval. */
  readonly retryMs: number;
  /** How long it is still answered after it fell. */
  readonly failoverDelayMs: number;
  /** How traffic returns to one that recovered: at once, after so long, or when an operator says so. */
  readonly failback: 'auto' | 'manual' | number;
  /** How long its share of the clients grows after it recovered. */
  readonly slowStartMs: number;
  /** The longest hold of one that falls again and again. */
  readonly flapDampingMs: number;
  /** Slower than this it is degraded. */
  readonly degradedLatencyMs: number;
  /** With fewer days left of its certificate it is degraded; 0: never. */
  readonly degradedCertificateDays: number;
};

/**
 * A monitor that is made of others and probes nothing itself. `all`, `any`: so many of its members as the word says must be
 * up; `at-least`: `need` of them; `not`: its one member must be down. Its id names its members, or is `monitor:` and a name.
 */
export type CalculatedMonitor = {
  readonly id: MonitorId;
  readonly kind: 'all' | 'any' | 'at-least' | 'not';
  /** How many members must be up for it to be up, from 1; 1 for `not`. */
  readonly need: number;
  readonly members: readonly MonitorId[];
};

/** A number that a Prometheus server is asked for. */
export type GaugeQuery = {
  /** Of the server, with http or https; the path of the query API follows. */
  readonly url: string;
  /** PromQL; its value is a scalar or a vector of one. */
  readonly expr: string;
  readonly intervalMs: number;
  readonly timeoutMs: number;
  /** Absent: everybody may ask. */
  readonly access?: GaugeAccess;
};

/** How one is let in by a Prometheus server. All files are absolute paths; they are read again when they change. */
export type GaugeAccess = {
  /** RFC 6750 and RFC 7617. */
  readonly login?:
    | { readonly kind: 'bearer'; readonly tokenFile: string }
    | { readonly kind: 'basic'; readonly user: string; readonly passwordFile: string };
  /** PEM certificates that are trusted beside those of the system. */
  readonly trustFile?: string;
  /** What we show ourselves, in PEM. */
  readonly certificate?: { readonly file: string; readonly keyFile: string };
};

/** Such a number that is bad above, or below, a threshold; one of the two is there. */
export type GaugeSpec = GaugeQuery & {
  readonly above?: number;
  readonly below?: number;
  /** Values in a row, from 1, that make it bad, or good again. */
  readonly runs: number;
  /** What a bad one is. */
  readonly means: 'down' | 'degraded';
};

/** A monitor of the configuration: annotations refer to it by its name. */
export type NamedMonitor = {
  readonly name: string;
  readonly id: MonitorId;
  readonly source:
    | { readonly kind: 'probe'; readonly monitor: Monitor }
    | { readonly kind: 'calculated'; readonly monitor: CalculatedMonitor }
    /** Pushed by others: a result counts for `expiresMs` at most, and what holds then is `whenExpired`. */
    | { readonly kind: 'external'; readonly expiresMs: number; readonly whenExpired: 'unseen' | 'down' }
    | { readonly kind: 'prometheus'; readonly gauge: GaugeSpec }
    /** The load that a cluster has now, in the unit of its capacity: no endpoint is up or down by it. */
    | { readonly kind: 'load'; readonly cluster: string; readonly from: LoadOrigin };
};

/** Who tells a load: others who push it, and each report counts for `expiresMs` at most, or a Prometheus server. */
export type LoadOrigin =
  | { readonly kind: 'external'; readonly expiresMs: number }
  | { readonly kind: 'prometheus'; readonly gauge: GaugeQuery };

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
  /** The custom map of its hostnames, where no annotation says another; absent: none. */
  readonly map?: string;
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
  /** Networks that may be probed whatever they are (`probe-targets.ts`), in CIDR notation; absent: none. */
  readonly allow?: readonly string[];
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
  /** The names of the custom maps; absent: none. */
  readonly maps?: readonly string[];
  /** Whose hostnames are whose; absent: anybody's. */
  readonly teams?: readonly TeamSpec[];
  /** Other systems' annotations that are read, too; absent: none. */
  readonly migration?: Migration;
  /** Monitors that annotations can name, members before those that they are members of; absent: none. */
  readonly monitors?: readonly NamedMonitor[];
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
  /** Monitors made of others, members before those that they are members of; absent: none. */
  readonly calculated?: readonly CalculatedMonitor[];
  /** The monitors of the configuration, as declared; absent: none. */
  readonly named?: readonly NamedMonitor[];
  /** The names to be resolved: Gateways have them for their addresses. Ordered, each once. */
  readonly lookups: readonly string[];
  readonly findings: readonly Finding[];
};
