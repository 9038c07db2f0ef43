import { quote } from '../quote.ts';
import { addresses, ttl, words } from './values.ts';
import {
  ANYWHERE,
  type Beside,
  type ForeignKey,
  NEVER_SILENT,
  type Reading,
  setting,
  unneeded,
  untranslated,
  type Vocabulary,
} from './vocabulary.ts';

/** What k8gb read on an Ingress, and reads on a Gslb; here on the object that takes its place. */
const KEYS: readonly ForeignKey[] = [
  {
    key: 'strategy',
    on: ANYWHERE,
    ours: '`steering`',
    notes: '`roundRobin`: multivalue (all healthy addresses, as in k8gb); `failover`; `geoip`: nearest',
    read: strategy,
  },
  {
    key: 'primary-geotag',
    on: ANYWHERE,
    ours: '`failover`',
    notes: 'that cluster first, then the rest; the geotag is a cluster of ours or an entry of `migration.geotags`',
    read: primary,
  },
  {
    key: 'dns-ttl-seconds',
    on: ANYWHERE,
    ours: '`ttl`',
    notes: 'ours is an upper bound and at most 86400',
    read: (text, beside) => ttl(text, 0, beside),
  },
  {
    key: 'hostname',
    on: ['Route'],
    ours: 'more hostnames',
    notes: 'as `hostname` of external-dns',
    read: (text) => ({ kind: 'hostnames', words: words(text) }),
  },
  {
    key: 'exposed-ip-addresses',
    on: ['ListenerSet', 'Gateway'],
    ours: '`address`',
    notes: 'on a Gateway or ListenerSet, where our `address` has its effect',
    read: addresses,
  },
  {
    key: 'exposed-hostnames',
    on: ANYWHERE,
    ours: 'nothing',
    notes: 'host names are not resolved',
    read: (_text, { prefix }) => untranslated('host names are not resolved', `set ${prefix}address on the Gateway`),
  },
  {
    key: 'weights',
    on: ANYWHERE,
    ours: 'nothing',
    notes: "each cluster's own objects say its `weight`",
    read: (_text, { prefix }) =>
      untranslated(
        'it speaks for all clusters at once',
        `set ${prefix}steering: weighted, and ${prefix}weight in each cluster`,
      ),
  },
  unneeded('splitbrain-threshold-seconds', 'clusters do not vote on each other'),
];

/** The vocabulary of k8gb. */
export const K8GB: Vocabulary = {
  system: 'k8gb',
  prefix: 'k8gb.io/',
  keys: KEYS,
  unlisted: 'reported',
  silence: NEVER_SILENT,
};

const STEERING_OF: ReadonlyMap<string, string> = new Map([
  ['roundRobin', 'multivalue'],
  ['failover', 'failover'],
  ['geoip', 'nearest'],
]);

function strategy(text: string, { prefix }: Beside): Reading {
  const steering = STEERING_OF.get(text);
  if (steering !== undefined) return setting([['steering', steering]]);
  return untranslated('no strategy of k8gb', `set ${prefix}steering`);
}

function primary(text: string, { prefix, value, clusterOf }: Beside): Reading {
  if (value('strategy') !== 'failover') {
    return { kind: 'unneeded', why: 'k8gb uses it beside strategy failover only' };
  }
  const cluster = clusterOf(text);
  if (cluster !== undefined) return setting([['failover', `${cluster}, *`]]);
  const suggestion = `name its cluster in migration.geotags, or set ${prefix}failover`;
  return untranslated(`${quote(text)} is no cluster of the configuration`, suggestion);
}
