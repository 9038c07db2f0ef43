import { parseArea } from '../countries.ts';
import { isMapName, NO_MAP } from '../maps/client-map.ts';
import * as monitored from './monitor-values.ts';
import { probeExpectation } from './probe-expectation.ts';
import { probeTarget } from './probe-values.ts';
import { LEVELS, type Level, type SettingKey, type SettingValues } from './setting.ts';
import { type Mistake, steeringChain, steeringMistake } from './steering-values.ts';
import * as read from './values.ts';

/** Shortest `probe-interval` in milliseconds. */
const MIN_INTERVAL_MS = 100;
/** Longest `probe-interval` in milliseconds: an hour. */
const MAX_INTERVAL_MS = 3_600_000;
/** Shortest `probe-timeout` in milliseconds; the longest is the interval. */
const MIN_TIMEOUT_MS = 50;
/** Longest `failback` delay in milliseconds: a week. */
const MAX_FAILBACK_MS = 604_800_000;
/** Longest `failover-delay` in milliseconds: an hour. */
const MAX_FAILOVER_DELAY_MS = 3_600_000;
/** Longest `slow-start` in milliseconds: a day. */
const MAX_SLOW_START_MS = 86_400_000;
/** Longest `flap-damping` in milliseconds: a day. */
const MAX_FLAP_DAMPING_MS = 86_400_000;
/** Most days of `degraded-certificate-days`: ten years. */
const MAX_CERTIFICATE_DAYS = 3_650;
/** Most results in a row that `probe-rise`, `probe-fall` and `probe-forgive` can ask for. */
const MAX_STREAK = 100;
/** Highest `capacity` in requests per second. */
const MAX_CAPACITY = 1_000_000_000;

/** One annotation. */
export type Annotation<T> = {
  /** The value of a text, or undefined where it does not parse. */
  readonly parse: (text: string) => T | undefined;
  /** What is wrong with a text that does not parse, where there is more to say than `form`. */
  readonly mistakeIn?: (text: string) => Mistake | undefined;
  /** What is accepted, in words that fit behind "expected". */
  readonly form: string;
  /** The default as one would write it; '' where there is none to write. */
  readonly default: string;
  /** Where it has an effect. */
  readonly on: readonly Level[];
  readonly meaning: string;
};

const ON_GATEWAYS: readonly Level[] = ['ListenerSet', 'Gateway', 'cluster'];
const AREA = 'continents and ISO 3166 countries such as `continent:EU, CH`';

/** Every annotation: the one table that the parser, the messages and the documentation are made of. */
export const ANNOTATIONS: { readonly [K in SettingKey]: Annotation<SettingValues[K]> } = {
  steering: {
    ...row(
      steeringChain,
      'nearest, weighted, failover or multivalue, or a list of steps such as `degraded, tier, nearest`',
      'nearest',
      "the hostname's steering chain: a preset, or its preferring steps in their order ([steering](steering.md))",
    ),
    mistakeIn: steeringMistake,
  },
  weight: row(
    read.integer(0, 65_535),
    'an integer 0–65535',
    '100',
    "this cluster's share where weights count; 0 means only when nobody else is up",
  ),
  tier: row(read.integer(0, 15), 'an integer 0–15', '0', "this cluster's place in the failover order, 0 first"),
  failover: row(
    read.clusterOrder,
    'at most 64 cluster names in order, `*` for the rest, such as `eu-west, us-east, *`',
    '',
    'the failover order by cluster name; the unlisted come last',
  ),
  failback: row(
    (text) => read.oneOf('auto', 'manual')(text) ?? read.duration(0, MAX_FAILBACK_MS)(text),
    'auto, manual or a duration up to 168h',
    'auto',
    'how traffic returns to what recovered: at once, when an operator says so, or when it was good for so long',
  ),
  'failover-delay': row(
    read.duration(0, MAX_FAILOVER_DELAY_MS),
    'a duration up to 1h such as `30s`',
    '0s',
    'what went down is still answered for so long, unless it recovers meanwhile',
  ),
  'slow-start': row(
    read.duration(0, MAX_SLOW_START_MS),
    'a duration up to 24h such as `10m`',
    '0s',
    'what recovered gets its clients back in sixteen steps over so long',
  ),
  'flap-damping': row(
    (text) => read.oneOf('none')(text) ?? read.duration(MIN_INTERVAL_MS, MAX_FLAP_DAMPING_MS)(text),
    'none or a duration up to 24h such as `10m`',
    'none',
    'each fall soon after the last doubles how long it must be good to be back, up to so long; calm for so long forgets',
  ),
  residency: row(parseArea, AREA, '', 'clients from there are only ever sent to clusters there'),
  serves: row(parseArea, AREA, '', 'this cluster takes only clients from there'),
  bias: row(
    read.kilometres,
    'kilometres from -20000 to 20000',
    '0',
    'moves this cluster farther from all clients, or nearer where it is below 0',
  ),
  map: row(
    (text) => (text === NO_MAP || isMapName(text) ? text : undefined),
    'the name of a map of the configuration, or none',
    '',
    "the custom map that decides before the chain; by default the zone's",
  ),
  'nearest-band': row(
    read.distance,
    'kilometres from 0 to 20000',
    '0',
    'clusters at most so much farther than the nearest share its clients by weight; 0: the nearest alone answers',
  ),
  capacity: {
    ...row(
      (text) => (text === 'none' ? text : read.integer(1, MAX_CAPACITY)(text)),
      'none or requests per second, 1–1000000000',
      'none',
      'with more load than this, which a monitor tells, the cluster sheds clients to the next ([capacity](capacity.md))',
    ),
    on: ['cluster'],
  },
  sticky: row(
    read.oneOf('none', 'subnet'),
    'none or subnet',
    'none',
    'where weights decide, the same client subnet (IPv4 /24, IPv6 /56) keeps its cluster',
  ),
  answers: row(
    read.integer(1, 8),
    'an integer 1–8',
    '1',
    'most addresses in one answer; 8 under `steering: multivalue` and lists that end in `equal`',
  ),
  ttl: row(read.integer(0, 86_400), 'seconds 0–86400', '30', 'upper bound of the TTL'),
  'stable-ttl': row(
    (text) => read.oneOf('none')(text) ?? read.integer(0, 86_400)(text),
    'none or seconds 0–86400',
    'none',
    'the TTL doubles up to this, from an hour on each time that the time without any change has doubled ([health](health.md#the-ttl-while-nothing-changes))',
  ),
  'min-healthy': row(
    read.minHealthy,
    'a count such as `2` or a fraction such as `0.5` or `50%`',
    '0',
    'fewer healthy endpoints than this and the last resort answers',
  ),
  'last-resort': row(
    read.lastResort,
    'all, last, none or at most 16 IP addresses',
    'all',
    'what is said when nobody is eligible; none is NODATA',
  ),
  drain: row(
    read.drain,
    'true, false, a time such as `2027-01-31T18:00:00Z`, or `from TIME until TIME`, the end of which may be left out',
    'false',
    'no new answers for this cluster, or none until that time, or from that time on',
  ),
  address: {
    ...row(
      read.addresses,
      'at most 16 IP addresses',
      '',
      'the public VIP where it is not the one in `status.addresses`',
    ),
    on: ON_GATEWAYS,
  },
  conditions: row(
    read.oneOf('ignore', 'warn', 'require'),
    'ignore, warn or require',
    'warn',
    "what is made of controllers' conditions that are not met: nothing, a finding, or no answers while others are ready",
  ),
  probe: row(
    probeTarget,
    '`https://:443/path`, `h2://:443/path`, `http://:80/path`, `tcp://:443`, `tls://:443`, `grpc://:80/service`, `grpcs://:443/service`, `dns://:53/NAME?type=A` (without a host: only the VIP is probed) or none',
    '',
    'what is checked; by default what the listeners of the hostname speak',
  ),
  'probe-interval': row(
    read.duration(MIN_INTERVAL_MS, MAX_INTERVAL_MS),
    'a duration 100ms–1h such as `10s`',
    '10s',
    'time between two probes',
  ),
  'probe-timeout': row(
    read.duration(MIN_TIMEOUT_MS, MAX_INTERVAL_MS),
    'a duration from 50ms to the interval such as `3s`',
    '3s',
    'longest time of one probe',
  ),
  'probe-rise': row(read.integer(1, MAX_STREAK), 'an integer 1–100', '2', 'successes in a row that bring it up'),
  'probe-fall': row(read.integer(1, MAX_STREAK), 'an integer 1–100', '3', 'failures in a row that bring it down'),
  'probe-forgive': row(
    read.integer(1, MAX_STREAK),
    'an integer 1–100',
    '1',
    'successes in a row that wipe out counted failures; above 1, failures count that are not in a row',
  ),
  'probe-retry': row(
    (text) => read.oneOf('none')(text) ?? read.duration(MIN_INTERVAL_MS, MAX_INTERVAL_MS)(text),
    'none or a duration from 100ms such as `1s`',
    'none',
    'after a failed probe of what is up the next one comes so soon, until a success or the verdict',
  ),
  'degraded-latency': row(
    (text) => read.oneOf('none')(text) ?? read.duration(1, MAX_INTERVAL_MS)(text),
    'none or a duration up to 1h such as `800ms`',
    'none',
    'slower probes than this (the median of five) make it degraded: up, but not while another in its tier is better',
  ),
  'degraded-certificate-days': row(
    read.integer(0, MAX_CERTIFICATE_DAYS),
    'days 0–3650',
    '0',
    'fewer days left of its certificate make it degraded; 0: never',
  ),
  'probe-expect': row(
    probeExpectation,
    'status codes and ranges such as `200-299,401`, `body:` and a text, `header:NAME`, `header:NAME=VALUE`; of the DNS `rcode:` and codes such as `NXDOMAIN`, or `answer:` and the data of a record',
    '200-399',
    'what a good response over HTTP or from a DNS server looks like',
  ),
  'probe-paths': row(
    monitored.probePaths,
    `at most ${monitored.MAX_PROBE_PATHS} paths such as \`/cart, /pay\``,
    '',
    'critical routes: paths of the hostname that are probed over HTTP in the place of the one in `probe`, each by itself',
  ),
  'probe-paths-need': row(
    (text) => read.oneOf('all', 'any')(text) ?? read.integer(1, monitored.MAX_PROBE_PATHS)(text),
    `all, any or a count 1–${monitored.MAX_PROBE_PATHS}`,
    'all',
    'how many of `probe-paths` must be up',
  ),
  monitors: row(
    monitored.monitorNames,
    `none or at most ${monitored.MAX_MONITORS} names of monitors of the configuration, such as \`checkout, batch\``,
    'none',
    'named monitors that must be up, too ([monitors](monitors.md))',
  ),
};

/** Whether a key, without its prefix, is one of ours. */
export function isSettingKey(key: string): key is SettingKey {
  return Object.hasOwn(ANNOTATIONS, key);
}

function row<T>(
  parse: (text: string) => T | undefined,
  form: string,
  fallback: string,
  meaning: string,
): Annotation<T> {
  return { parse, form, default: fallback, on: LEVELS, meaning };
}
