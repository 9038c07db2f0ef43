import { type TSchema, Type } from 'typebox';
import { SYSTEMS, type System } from '../core/desired/migration/systems.ts';
import type { LogLevel } from './config.ts';
import { Admin } from './schema-admin.ts';
import {
  choice,
  closed,
  duration,
  integer,
  listenAddress,
  number,
  path,
  prefix,
  seconds,
  text,
} from './schema-keys.ts';
import { ClientMaps } from './schema-maps.ts';
import { MAX_NAMED_MONITORS, NamedMonitor } from './schema-monitors.ts';
import { Prober } from './schema-prober.ts';
import { Safety } from './schema-safety.ts';

/** Most namespaces that are read of one live cluster: each takes a connection for each kind of object. */
const MAX_NAMESPACES = 16;
/** Most GatewayClasses of one live cluster. */
const MAX_GATEWAY_CLASSES = 64;

/** Most teams. */
const MAX_TEAMS = 256;
/** Most entries of each list of one team. */
const MAX_TEAM_ENTRIES = 64;

/** Most DNS servers of `resolver.servers`. */
const MAX_RESOLVERS = 8;

/** Most entries of `migration.geotags`. */
const MAX_GEOTAGS = 256;

const Soa = Type.Object(
  {
    mname: Type.Optional(text({ help: 'Primary name server.', shown: 'the first name server' })),
    rname: Type.Optional(text({ help: "The administrator's mailbox as a name.", shown: 'hostmaster.<zone>' })),
    refresh: seconds({ default: 7200, help: 'How often secondaries ask.' }),
    retry: seconds({ default: 900, help: 'How soon secondaries ask again after a failure.' }),
    expire: seconds({ default: 1_209_600, help: 'How long secondaries answer without the primary.' }),
    minimum: seconds({ default: 60, help: 'How long resolvers keep that a name does not exist (RFC 2308).' }),
    ttl: seconds({ default: 300, help: 'TTL of the SOA record itself.' }),
  },
  { ...closed, default: {}, help: 'The SOA record.' },
);

/** One entry of `zones`. */
export const Zone = Type.Object(
  {
    name: text({ expected: 'a zone name', help: 'Apex of the zone.' }),
    nameservers: Type.Record(
      Type.String(),
      Type.Array(text({ expected: 'an IP address', help: 'Addresses (glue) of a name server inside the zone.' })),
      { minProperties: 1, expected: 'name servers with their addresses', help: 'The NS records.' },
    ),
    soa: Soa,
    ttl: seconds({ default: 300, help: 'TTL of records that state none.' }),
    'ns-ttl': seconds({ default: 3600, help: 'TTL of the NS records and their glue.' }),
    map: Type.Optional(
      text({ expected: 'the name of a map', help: 'The custom map of its hostnames (docs/maps.md).', shown: 'none' }),
    ),
    records: Type.Array(text({ expected: 'a zone-file line', help: 'Static records as zone-file lines.' }), {
      default: [],
      expected: 'a list of zone-file lines',
    }),
  },
  { ...closed, help: 'The zones to serve.' },
);

/** One entry of `clusters`. */
export const Cluster = Type.Object(
  {
    name: text({ expected: 'a cluster name', help: 'Name of the cluster, as annotations call it.' }),
    location: Type.Object(
      {
        lat: Type.Optional(number(-90, 90, { unit: 'degrees', help: 'Latitude, north positive.' })),
        lon: Type.Optional(number(-180, 180, { unit: 'degrees', help: 'Longitude, east positive.' })),
        country: Type.Optional(
          text({ expected: 'a country code like "DE"', help: 'ISO 3166-1 alpha-2; alone, its middle counts.' }),
        ),
        region: Type.Optional(
          text({ expected: 'a cloud region', help: 'An AWS, Google Cloud or Azure region instead.' }),
        ),
        'from-nodes': Type.Optional(
          Type.Boolean({
            expected: 'true',
            help: "Live cluster: take the region from its nodes' label; the rest counts until it is known.",
          }),
        ),
      },
      { ...closed, expected: 'a location', help: 'Where the cluster is.' },
    ),
    source: Type.Object(
      {
        manifests: Type.Optional(path({ help: 'Folder of Gateway API manifests.' })),
        kubeconfig: Type.Optional(path({ help: 'Live cluster: file that says where it is and who we are.' })),
        context: Type.Optional(text({ help: 'Context of the kubeconfig.', shown: 'its current context' })),
        'in-cluster': Type.Optional(
          Type.Boolean({ expected: 'true', help: 'Live cluster: the one that this process runs in.' }),
        ),
        namespaces: Type.Optional(
          Type.Array(text({ expected: 'a namespace', help: 'Namespaces to read in a live cluster.' }), {
            minItems: 1,
            maxItems: MAX_NAMESPACES,
            expected: `a list of 1 to ${MAX_NAMESPACES} namespaces`,
          }),
        ),
        selector: Type.Optional(
          text({ expected: 'a label selector', help: 'Label selector of the objects to read in a live cluster.' }),
        ),
        'gateway-classes': Type.Optional(
          Type.Array(text({ expected: 'a GatewayClass', help: 'Classes of the Gateways to read in a live cluster.' }), {
            minItems: 1,
            maxItems: MAX_GATEWAY_CLASSES,
            expected: `a list of 1 to ${MAX_GATEWAY_CLASSES} names`,
          }),
        ),
      },
      { ...closed, expected: 'a source', help: 'Where its objects come from.' },
    ),
    annotations: Type.Record(
      Type.String(),
      Type.Union([Type.String(), Type.Number(), Type.Boolean()], {
        expected: 'a text or a number',
        help: 'Defaults of the cluster: annotations without their prefix.',
      }),
      { default: {}, expected: 'annotations without their prefix' },
    ),
  },
  { ...closed, help: 'The clusters to direct to.' },
);

/** `cluster-secrets`: off, unless it says where the Secrets are. */
export const ClusterSecrets = Type.Object(
  {
    kubeconfig: Type.Optional(path({ help: 'File that says where the Secrets are and who we are there.' })),
    context: Type.Optional(text({ help: 'Context of the kubeconfig.', shown: 'its current context' })),
    'in-cluster': Type.Optional(
      Type.Boolean({ expected: 'true', help: 'The Secrets are in the cluster that this process runs in.' }),
    ),
    namespace: text({ default: 'azimuth', expected: 'a namespace', help: 'Namespace of the Secrets.' }),
    label: Type.Optional(
      text({
        expected: 'a label selector',
        help: 'Label selector of the Secrets.',
        shown: '<annotations.prefix>cluster=true',
      }),
    ),
  },
  { ...closed, default: {}, help: 'Clusters from labelled Secrets (docs/kubernetes.md).' },
);

/** `dns`. */
export const Dns = Type.Object(
  {
    listen: Type.Array(listenAddress({ help: 'Addresses for UDP and TCP; port 0 takes a free one.' }), {
      default: ['127.0.0.1:5353'],
      minItems: 1,
      maxItems: 64,
      expected: 'a list of 1 to 64 addresses',
    }),
    engine: choice(['auto', 'native', 'portable'], {
      default: 'auto',
      help: 'The UDP engine; auto: native where it loads (Linux).',
    }),
    workers: Type.Refine(
      Type.Union([Type.String(), Type.Integer()], {
        default: 'auto',
        expected: '"auto" or a whole number from 1 to 256',
        help: 'Threads per address of the native engine; auto: one per core.',
      }),
      (value) => value === 'auto' || (typeof value === 'number' && value >= 1 && value <= 256),
    ),
    'udp-size': integer(512, 4096, { default: 1232, unit: 'octets', help: 'Largest UDP answer (RFC 6891).' }),
    identity: Type.Optional(text({ help: 'Answer to NSID and id.server.', shown: 'none' })),
    tcp: Type.Object(
      {
        connections: integer(1, 65_535, { default: 1000, help: 'Most open TCP connections.' }),
        idle: duration('100ms', '10m', { default: '10s', help: 'A connection idle for so long is closed.' }),
      },
      { ...closed, default: {}, help: 'DNS over TCP.' },
    ),
  },
  { ...closed, default: {}, help: 'The DNS servers.' },
);

/** `geoip`. */
export const Geoip = Type.Object(
  {
    database: Type.Optional(path({ help: 'Location database (mmdb).', shown: 'the embedded country data' })),
    'asn-database': Type.Optional(
      path({ help: 'Database of AS numbers (mmdb), for rules of `maps` that need one.', shown: 'none' }),
    ),
  },
  { ...closed, default: {}, help: 'Where clients are.' },
);

/** `resolver`. */
export const Resolver = Type.Object(
  {
    servers: Type.Array(listenAddress({ help: 'DNS servers to ask for them; none: those of the system.' }), {
      default: [],
      maxItems: MAX_RESOLVERS,
      expected: `a list of at most ${MAX_RESOLVERS} addresses`,
    }),
  },
  { ...closed, default: {}, help: 'Hostnames that Gateways have for addresses.' },
);

/** `gateways`. */
export const Gateways = Type.Object(
  {
    conditions: choice(['ignore', 'warn', 'require'], {
      default: 'warn',
      help: "What is made of controllers' conditions that are not met; the annotation `conditions` goes before it.",
    }),
  },
  { ...closed, default: {}, help: 'How Gateways are read.' },
);

/** `feedback`: what is written into live clusters; nothing, unless it is asked for. */
export const Feedback = Type.Object(
  {
    status: choice(['off', 'annotation'], {
      default: 'off',
      help: 'The status annotation on Gateways and Routes (docs/kubernetes.md).',
    }),
    events: choice(['off', 'on'], { default: 'off', help: 'Kubernetes Events for errors and warnings.' }),
  },
  { ...closed, default: {}, help: 'What is written into live clusters.' },
);

/** `state`. */
export const State = Type.Object(
  { directory: path({ default: 'state', help: 'Folder of what survives a restart.' }) },
  { ...closed, default: {}, help: 'State.' },
);

/** The levels of `log.level`, most talkative first. */
export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error'] as const satisfies LogLevel[];

/** `log`. */
export const Log = Type.Object(
  {
    level: choice(LOG_LEVELS, { default: 'info', help: 'Least severe level to log.' }),
    format: choice(['auto', 'json', 'text'], {
      default: 'auto',
      help: 'How lines are written (docs/events.md); auto: a live table on a terminal, else JSON.',
    }),
    'client-addresses': choice(['full', 'masked', 'none'], {
      default: 'masked',
      help: 'How addresses of clients are logged; masked: the /24 (IPv4) or /56 (IPv6) that they are in.',
    }),
  },
  { ...closed, default: {}, help: 'Logging.' },
);

/** `annotations`. */
export const Annotations = Type.Object(
  { prefix: prefix({ default: 'azimuth.dev/', help: 'Prefix of the annotations that are ours.' }) },
  { ...closed, default: {}, help: 'Annotations.' },
);

/** `migration`: off, unless `read` names a system. */
export const Migration = Type.Object(
  {
    read: Type.Array(
      Type.Enum<System[]>([...SYSTEMS], {
        expected: `one of ${SYSTEMS.join(', ')}`,
        help: 'Systems whose annotations are read as ours (docs/migration.md).',
      }),
      { default: [], maxItems: SYSTEMS.length, expected: 'a list of systems' },
    ),
    'external-dns-prefix': Type.Optional(prefix({ help: 'A custom `--annotation-prefix` of external-dns.' })),
    geotags: Type.Record(
      Type.String(),
      text({ expected: 'a cluster name', help: 'The cluster that a geotag of k8gb stands for.' }),
      { default: {}, maxProperties: MAX_GEOTAGS, expected: `at most ${MAX_GEOTAGS} geotags with their clusters` },
    ),
  },
  { ...closed, default: {}, help: "Other systems' annotations." },
);

const teamList = (what: string, help: string) =>
  Type.Array(text({ expected: what, help }), {
    default: [],
    maxItems: MAX_TEAM_ENTRIES,
    expected: `a list of at most ${MAX_TEAM_ENTRIES} entries, each ${what}`,
  });

/** One entry of `teams`. */
export const Team = Type.Object(
  {
    name: text({ expected: 'a team name', help: 'Name of the team, as findings and metrics call it.' }),
    namespaces: Type.Array(
      text({ expected: 'a namespace like "shop" or "shop-*"', help: 'Its namespaces; one `*` stands for anything.' }),
      { minItems: 1, maxItems: MAX_TEAM_ENTRIES, expected: `a list of 1 to ${MAX_TEAM_ENTRIES} namespaces` },
    ),
    clusters: teamList('a cluster name', 'Where the namespaces are its own; none listed: in all clusters.'),
    hostnames: teamList(
      'a hostname, or "*." and a hostname for all below it',
      'Hostnames that only its namespaces may ask for; the most specific entry of all teams counts.',
    ),
    zones: teamList('the name of a zone', 'The same for a whole zone and all below it.'),
  },
  { ...closed, help: 'Who may ask for which hostnames.' },
);

/** The sections of the file that are not lists, by key. */
const SECTIONS = {
  'cluster-secrets': ClusterSecrets,
  dns: Dns,
  admin: Admin,
  geoip: Geoip,
  gateways: Gateways,
  resolver: Resolver,
  prober: Prober,
  safety: Safety,
  feedback: Feedback,
  state: State,
  log: Log,
  annotations: Annotations,
  migration: Migration,
};

/** The whole file: every key with its type, bounds, default, unit and help. Paths count from the file's folder. */
export const ConfigFile: TSchema = Type.Object(
  {
    zones: Type.Array(Zone, { minItems: 1, expected: 'a list of at least one zone', help: 'The zones to serve.' }),
    clusters: Type.Array(Cluster, {
      default: [],
      expected: 'a list of clusters',
      help: 'The clusters; at least one, unless `cluster-secrets` says where some are.',
    }),
    teams: Type.Array(Team, {
      default: [],
      maxItems: MAX_TEAMS,
      expected: `a list of at most ${MAX_TEAMS} teams`,
      help: 'Who may ask for which hostnames.',
    }),
    monitors: Type.Array(NamedMonitor, {
      default: [],
      maxItems: MAX_NAMED_MONITORS,
      expected: `a list of at most ${MAX_NAMED_MONITORS} monitors`,
      help: 'Monitors that annotations can name (docs/monitors.md).',
    }),
    maps: ClientMaps,
    ...SECTIONS,
  },
  { ...closed, expected: 'a mapping with zones and clusters' },
);
