import { addresses, serves, ttl, weight, words } from './values.ts';
import {
  type Beside,
  type ForeignKey,
  type Place,
  type Reading,
  setting,
  unneeded,
  untranslated,
  type Vocabulary,
} from './vocabulary.ts';

/** The prefixes of external-dns: the default since v0.22.0, and the one before. */
export const EXTERNAL_DNS_PREFIXES = ['external-dns.kubernetes.io/', 'external-dns.alpha.kubernetes.io/'];

/** The one value of `controller` with which external-dns acts on an object. */
const OUR_CONTROLLER = 'dns-controller';

const GATEWAYS: readonly Place[] = ['ListenerSet', 'Gateway'];
const ROUTES: readonly Place[] = ['Route'];
const ON_SERVICES = 'external-dns reads it on Services, Pods, Nodes or Ingresses only';
const PLACE_IS_CONFIGURED = "the cluster's place is `clusters[].location` of the configuration";

/** What external-dns reads, as of v0.22: docs/annotations and the Route 53 tutorial of its repository. */
const KEYS: readonly ForeignKey[] = [
  {
    key: 'controller',
    on: ROUTES,
    ours: 'not needed',
    notes: `with another value than \`${OUR_CONTROLLER}\`, no annotation under the same prefix of the object is read`,
    read: () => ({ kind: 'unneeded', why: 'it lets external-dns act on the object' }),
  },
  {
    key: 'hostname',
    on: ROUTES,
    ours: 'more hostnames',
    notes: "served beside `spec.hostnames`, as far as the listener's hostname and our zones allow",
    read: (text) => ({ kind: 'hostnames', words: words(text) }),
  },
  {
    key: 'gateway-hostname-source',
    on: ROUTES,
    ours: 'fewer hostnames',
    notes: '`annotation-only`: only those of `hostname`; `defined-hosts-only`: only those of `spec.hostnames`',
    read: hostnameSource,
  },
  {
    key: 'target',
    on: GATEWAYS,
    ours: '`address`',
    notes: 'IP addresses only; a host name is not resolved',
    read: addresses,
  },
  {
    key: 'ttl',
    on: ROUTES,
    ours: '`ttl`',
    notes: 'seconds or a Go duration; ours is an upper bound and at most 86400',
    read: (text, beside) => ttl(text, 1, beside),
  },
  {
    key: 'aws-weight',
    on: ROUTES,
    ours: '`steering: weighted`, `weight`',
    notes: '0 answers only when nobody else is up; Route 53 has it answer only when all are 0',
    read: weight,
  },
  {
    key: 'aws-failover',
    on: ROUTES,
    ours: '`steering: failover`, `tier`',
    notes: '`PRIMARY` is tier 0, `SECONDARY` tier 1',
    read: failover,
  },
  {
    key: 'aws-multi-value-answer',
    on: ROUTES,
    ours: '`steering: multivalue`',
    notes: 'whatever its value, as in external-dns',
    read: () => setting([['steering', 'multivalue']]),
  },
  {
    key: 'aws-region',
    on: ROUTES,
    ours: '`steering: nearest`',
    notes: `latency is not measured: the distance decides; ${PLACE_IS_CONFIGURED}`,
    read: () => setting([['steering', 'nearest']], `the distance decides; ${PLACE_IS_CONFIGURED}`),
  },
  {
    key: 'aws-geolocation-continent-code',
    on: ROUTES,
    ours: '`serves`',
    notes:
      'a fence, as in Route 53; where several fences hold a client, the nearest cluster answers, not the narrowest fence',
    read: (text, beside) => serves('continent', text, beside),
  },
  {
    key: 'aws-geolocation-country-code',
    on: ROUTES,
    ours: '`serves`',
    notes: 'the same; `*` needs nothing: a cluster without `serves` takes all clients',
    read: (text, beside) => {
      if (text === '*') return { kind: 'unneeded', why: 'a cluster without serves takes all clients' };
      const narrower = beside.value('aws-geolocation-subdivision-code');
      return serves(
        'country',
        text,
        beside,
        narrower === undefined ? undefined : 'the whole country, not only the subdivision',
      );
    },
  },
  {
    key: 'aws-geolocation-subdivision-code',
    on: ROUTES,
    ours: 'nothing',
    notes: 'fences end at countries; the country beside it is used',
    read: (_text, { prefix }) =>
      untranslated(
        'fences end at countries',
        `among clusters that serve the country the nearest answers; see ${prefix}bias`,
      ),
  },
  ...['aws-geoproximity-region', 'aws-geoproximity-local-zone-group', 'aws-geoproximity-coordinates'].map(near),
  {
    key: 'aws-geoproximity-bias',
    on: ROUTES,
    ours: '`bias`, for 0 only',
    notes: 'Route 53 scales the distance, ours adds kilometres: to be chosen by hand',
    read: bias,
  },
  {
    key: 'aws-health-check-id',
    on: ROUTES,
    ours: 'nothing',
    notes: 'every address is probed by Azimuth: see `probe`',
    read: (_text, { prefix }) =>
      untranslated('checks of Route 53 are not asked', `say with ${prefix}probe what Azimuth checks by itself`),
  },
  {
    key: 'cloudflare-proxied',
    on: ROUTES,
    ours: 'nothing',
    notes: 'answers name the Gateways themselves',
    read: (text, { prefix }) => {
      if (text !== 'true') return { kind: 'unneeded', why: 'answers name the Gateways themselves' };
      return untranslated('no proxy stands before the Gateways', `if one does, set its addresses as ${prefix}address`);
    },
  },
  unneeded('set-identifier', 'clusters are told apart by their names in the configuration'),
  unneeded('aws-evaluate-target-health', 'every address is probed'),
  unneeded('aws-target-hosted-zone', 'there are no alias records'),
  unneeded('aws-hosted-zone-id', 'the zones are those of the configuration'),
  unneeded('alias', 'there are no alias records'),
  unneeded('record-type', 'only addresses are written'),
  ...['access', 'endpoints-type', 'ingress', 'ingress-hostname-source', 'internal-hostname'].map((key) =>
    unneeded(key, ON_SERVICES),
  ),
  ...['cloudflare-*', 'azure-*', 'coredns-*', 'scw-*', 'webhook-*'].map((key) =>
    unneeded(key, 'it is for the DNS provider that external-dns writes to'),
  ),
];

/** The vocabulary of external-dns under one of its prefixes. */
export function externalDns(prefix: string): Vocabulary {
  return { system: 'external-dns', prefix, keys: KEYS, unlisted: 'reported', silence: otherController };
}

function otherController(value: Beside['value']): string | undefined {
  const controller = value('controller');
  if (controller === undefined || controller === OUR_CONTROLLER) return undefined;
  return `external-dns passes over an object whose controller is not ${OUR_CONTROLLER}`;
}

function hostnameSource(text: string): Reading {
  const source = text.toLowerCase();
  if (source === 'annotation-only' || source === 'defined-hosts-only') return { kind: 'hostname-source', source };
  return untranslated('external-dns does not know it either', 'write annotation-only or defined-hosts-only');
}

function failover(text: string, { prefix }: Beside): Reading {
  const tier = ['PRIMARY', 'SECONDARY'].indexOf(text);
  if (tier < 0) return untranslated('neither PRIMARY nor SECONDARY', `set ${prefix}failover or ${prefix}tier`);
  return setting([
    ['steering', 'failover'],
    ['tier', String(tier)],
  ]);
}

function near(key: string): ForeignKey {
  const read = (): Reading => setting([['steering', 'nearest']], PLACE_IS_CONFIGURED);
  return { key, on: ROUTES, ours: '`steering: nearest`', notes: PLACE_IS_CONFIGURED, read };
}

/** Route 53 scales the distance by (1 − bias/100), or by 1/(1 + bias/100) below 0; we add kilometres. */
function bias(text: string, { prefix }: Beside): Reading {
  const value = /^[+-]?\d{1,2}$/.test(text) ? Number(text) : Number.NaN;
  if (value === 0) return setting([['bias', '0']]);
  if (Number.isNaN(value)) return untranslated('no bias from -99 to 99', `set ${prefix}bias in kilometres`);
  const scaled = value > 0 ? 1 - value / 100 : 1 / (1 + value / 100);
  const kilometres = Math.max(-20_000, Math.min(20_000, Math.round(1000 * (scaled - 1))));
  const suggestion = `for clients 1000 km away it is ${prefix}bias: ${kilometres}`;
  return untranslated('Route 53 scales the distance, ours adds kilometres', suggestion);
}
