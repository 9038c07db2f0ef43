import type { Origin } from '../core/desired/finding.ts';
import type { MapRule } from '../core/desired/maps/client-map.ts';
import type { Declaration, Monitor, ProbeDefaults } from '../core/desired/model.ts';
import type { BreakerSettings } from '../core/health/breaker-terms.ts';
import type { IdleSettings } from '../core/health/idle-book.ts';
import type { SafetyRules } from '../core/plan/safety.ts';
import type { ListenAddress } from '../core/ports.ts';

/** How much is logged, most talkative first. */
export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error';

/** Where the objects of one cluster come from: an absolute folder of manifests. */
export type ManifestSource = { readonly cluster: string; readonly manifests: string };

/** A live cluster whose objects are watched. All of it is left to the source, which reports what is wrong with it. */
export type LiveClusterSource = {
  readonly cluster: string;
  readonly access:
    | { readonly kind: 'kubeconfig'; readonly file: string; readonly context: string | undefined }
    | { readonly kind: 'in-cluster' };
  /** Empty: all. */
  readonly namespaces: readonly string[];
  /** A label selector in Kubernetes' notation. */
  readonly selector: string | undefined;
  /** Undefined: all. */
  readonly gatewayClasses: readonly string[] | undefined;
  /** `read`: where the cluster is, is asked of its nodes. */
  readonly nodes?: 'read';
};

/** Where clusters are found at run time: Secrets with a label, each of which describes a live cluster. */
export type ClusterSecretsSource = {
  readonly access: LiveClusterSource['access'];
  readonly namespace: string;
  /** A label selector in Kubernetes' notation. */
  readonly selector: string;
};

/** A custom map: its rules, or the absolute path of the file that holds them. */
export type ConfiguredMap = { readonly name: string; readonly origin: Origin } & (
  | { readonly kind: 'rules'; readonly rules: readonly MapRule[] }
  | { readonly kind: 'file'; readonly file: string }
);

/** The admin API. */
export type AdminConfig = {
  readonly listen: ListenAddress;
  readonly tokensFile: string | undefined;
  /** Absent: plain HTTP. */
  readonly tls?: {
    readonly certificate: string;
    readonly key: string;
    readonly clientCa: string | undefined;
    readonly clientCertificates: 'none' | 'request' | 'require';
  };
  /** Names of client certificates, and what they may do. */
  readonly clients: readonly { readonly name: string; readonly scope: 'read' | 'operate' | 'push' }[];
  /** Networks in CIDR notation that may connect; none: all. */
  readonly allow: readonly string[];
};

/** The whole configuration, checked, with defaults and environment applied. All paths are absolute. */
export type Config = {
  /** The configuration file as the user named it. */
  readonly file: string;
  /** The absolute folder of the configuration file. */
  readonly directory: string;
  readonly declaration: Declaration;
  /** The custom maps, by the names that the declaration has. */
  readonly maps: readonly ConfiguredMap[];
  readonly sources: readonly ManifestSource[];
  readonly liveSources: readonly LiveClusterSource[];
  /** Undefined: there are the declared clusters only. */
  readonly clusterSecrets: ClusterSecretsSource | undefined;
  readonly dns: {
    readonly listen: readonly ListenAddress[];
    /** The UDP engine; `auto`: native where this machine can, else portable. */
    readonly engine: 'auto' | 'native' | 'portable';
    /** Threads of the native engine for each listen address, 1–256; `auto`: one for each core that we may use. */
    readonly workers: number | 'auto';
    /** Largest UDP answer in octets, 512–4096. */
    readonly udpSize: number;
    /** Answer to NSID and id.server. */
    readonly identity: string | undefined;
    readonly tcpConnections: number;
    readonly tcpIdleMs: number;
  };
  readonly admin: AdminConfig;
  readonly geoip: {
    readonly database: string | undefined;
    /** A database of AS numbers. */
    readonly asnDatabase: string | undefined;
  };
  /** DNS servers that resolve names of Gateways' addresses, as `address:port`; none: those of the system. */
  readonly resolver: { readonly servers: readonly string[] };
  readonly prober: {
    readonly trustFile: string | undefined;
    /** Most probes in flight, 1–10,000. */
    readonly concurrency: number;
    /** Files of headers that requests to some hosts have beside the probes' own; `*.` and a name: all below it. */
    readonly headers: readonly { readonly hosts: readonly string[]; readonly file: string }[];
    /** How long before its end a certificate is a finding; 0: never. */
    readonly certificateWarningMs: number;
    readonly defaults: ProbeDefaults;
    /** Monitors of the control targets: whether the prober can see at all. */
    readonly controls: readonly Monitor[];
    readonly breaker: BreakerSettings;
    /** When monitors of which nobody asks are probed less often; undefined: never. */
    readonly idle: IdleSettings | undefined;
  };
  /** What changes must not do, whoever orders them. */
  readonly safety: SafetyRules;
  /** What is written into live clusters. */
  readonly feedback: { readonly status: 'off' | 'annotation'; readonly events: 'off' | 'on' };
  readonly state: { readonly directory: string };
  readonly log: {
    readonly level: LogLevel;
    /** `auto`: a live table on a terminal, else JSON. */
    readonly format: 'auto' | 'json' | 'text';
    /** How addresses of clients are written: `masked` as their /24 or /56. */
    readonly clientAddresses: 'full' | 'masked' | 'none';
  };
};
