import { Type } from 'typebox';
import { controlTarget } from '../core/desired/control-targets.ts';
import { parseHostname } from '../core/desired/gateway-api/hostnames.ts';
import { isTargetNetwork } from '../core/desired/probe-targets.ts';
import { closed, duration, integer, path } from './schema-keys.ts';

/** Most entries of `prober.headers`. */
const MAX_HEADER_FILES = 64;
/** Most hostnames of one entry of `prober.headers`. */
const MAX_HEADER_HOSTS = 256;

/** Most entries of `prober.allow`. */
const MAX_ALLOWED = 64;

/** Most entries of `prober.control`. */
const MAX_CONTROLS = 16;

/** One entry of `prober.headers`. */
const ProbeHeaders = Type.Object(
  {
    hosts: Type.Array(
      Type.Refine(
        Type.String({
          expected: 'a hostname, or "*." and a hostname for all below it',
          help: 'Hostnames whose probes send them; the most specific entry counts.',
        }),
        (value) => parseHostname(value) !== undefined,
      ),
      { minItems: 1, maxItems: MAX_HEADER_HOSTS, expected: `a list of 1 to ${MAX_HEADER_HOSTS} hostnames` },
    ),
    file: path({ help: 'File of `Name: value` lines that requests of these probes send; read again when it changes.' }),
  },
  { ...closed, help: 'Headers that probes send.' },
);

/** `prober`: under the annotations. */
export const Prober = Type.Object(
  {
    interval: duration('100ms', '1h', { default: '10s', help: 'From one probe to the next.' }),
    timeout: duration('10ms', '10m', { default: '3s', help: 'A probe without an answer by then has failed.' }),
    rise: integer(1, 100, { default: 2, help: 'Successes in a row that bring an endpoint up.' }),
    fall: integer(1, 100, { default: 3, help: 'Failures in a row that bring an endpoint down.' }),
    trust: Type.Optional(path({ help: 'PEM file of further trusted certificates.', shown: 'none' })),
    concurrency: integer(1, 10_000, {
      default: 256,
      help: 'Most probes that are busy at the same time; more by those that only wait for a silent server.',
    }),
    headers: Type.Array(ProbeHeaders, {
      default: [],
      maxItems: MAX_HEADER_FILES,
      expected: `a list of at most ${MAX_HEADER_FILES} entries`,
    }),
    allow: Type.Array(
      Type.Refine(
        Type.String({
          expected: 'a network like "127.0.0.0/8" or "fe80::/10"',
          help: 'Networks that are probed although they are loopback, link-local, multicast or of a metadata service.',
        }),
        isTargetNetwork,
      ),
      { default: [], maxItems: MAX_ALLOWED, expected: `a list of at most ${MAX_ALLOWED} networks` },
    ),
    'certificate-warning': duration('0s', '365d', {
      default: '14d',
      help: 'A certificate that ends sooner is a finding; 0s: never.',
    }),
    control: Type.Array(
      Type.Refine(
        Type.String({
          expected: 'a probe of an IP address and a port like "tcp://192.0.2.1:443" or "https://[2001:db8::1]:443/"',
          help: 'Control targets, which are no endpoints: when most of them fail, it is the prober (docs/breaker.md).',
        }),
        (value) => controlTarget(value) !== undefined,
      ),
      {
        default: [],
        maxItems: MAX_CONTROLS,
        uniqueItems: true,
        expected: `a list of at most ${MAX_CONTROLS} different targets`,
      },
    ),
    breaker: Type.Object(
      {
        share: integer(1, 100, {
          default: 50,
          unit: 'percent',
          help: 'Blind when more than this of the monitors fall at once, in more than this of the clusters; 100: never.',
        }),
        window: duration('1s', '10m', {
          default: '10s',
          help: 'Falls within this time, or one interval, are at once.',
        }),
        'at-least': integer(2, 1000, { default: 4, help: 'Fewer monitors than this are no mass.' }),
        longest: duration('10s', '24h', {
          default: '15m',
          help: 'After so long what is measured is believed, whatever it is.',
        }),
      },
      { ...closed, default: {}, help: 'When the prober is not believed (docs/breaker.md).' },
    ),
    idle: Type.Optional(
      Type.Object(
        {
          // Less than a sweep is not noticed; who is asked for once a day is idle on any reading of the word.
          after: duration('1s', '24h', {
            default: '15m',
            help: 'Opt-in by `idle: {}`: hostnames that nobody asked for so long, and the TTL, are probed less often.',
          }),
          // The bounds of every interval: staleness and what hangs on it is counted in them.
          interval: duration('1s', '1h', {
            default: '60s',
            help: 'From one probe of such a hostname to the next (docs/probes.md).',
          }),
        },
        { ...closed, help: 'Hostnames that nobody asks for.' },
      ),
    ),
  },
  { ...closed, default: {}, help: 'Defaults of the probes.' },
);
