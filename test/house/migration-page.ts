import { EXTERNAL_DNS_PREFIXES, externalDns } from '../../src/core/desired/migration/external-dns.ts';
import { K8GB } from '../../src/core/desired/migration/k8gb.ts';
import { KUADRANT } from '../../src/core/desired/migration/kuadrant.ts';
import type { Vocabulary } from '../../src/core/desired/migration/vocabulary.ts';

const OPENING = `# Moving over from external-dns, k8gb or Kuadrant

Azimuth can read the annotations of these systems as if they were its own, so that one can run it beside them, compare the
answers, and rewrite the manifests later. It is off by default; then annotations of others mean nothing and cost nothing.

\`\`\`yaml
migration:
  read: [external-dns, k8gb, kuadrant]      # what you come from
  external-dns-prefix: dns.corp.example/    # only where external-dns runs with --annotation-prefix
  geotags: { eu: eu-west, us: us-east }     # k8gb's geotags, where they are not the names of your clusters
\`\`\`

Every annotation that is read is a finding, with what to write instead: \`annotation-translated\`. What cannot be said in our
words is one, too: \`annotation-untranslated\` names what is lost and what to do. \`annotation-unneeded\` can simply go. So
\`azimuth check\` lists the whole move, object by object; when it has none of the three left, drop \`migration\`. Of each of
the three, 1000 per cluster are listed one by one and the others counted. Unknown keys under external-dns's and k8gb's
prefixes are reported, too; Kuadrant's prefix is on much that it writes for itself.

## What holds

- An annotation of ours on the same object always wins, even where its value is not valid.
- A translated annotation then counts like one of ours on that object: Route over ListenerSet over Gateway over the
  configuration ([annotations](annotations.md)), and clusters that disagree are decided by the same rule
  ([decision 4](decisions/0004-disagreeing-clusters.md)).
- On one object the custom prefix of external-dns comes first, then \`${EXTERNAL_DNS_PREFIXES.join('`, then `')}\`, then k8gb,
  then Kuadrant. Within one system the order of the tables below counts, never that of the annotations.
- An annotation where its own system does not read it is not read here either: external-dns reads \`target\` on Gateways and
  ListenerSets only, and all others on Routes only.
- Probes have no equivalent in annotations elsewhere: say with \`azimuth.dev/probe\` what is checked where the default does
  not fit. Nothing is ever sent to Route 53, Cloudflare or another provider.

## Hostnames by annotation

external-dns publishes the names of its \`hostname\` annotation on a Route beside \`spec.hostnames\`. Who moves over expects
them to go on resolving, so they are served, as if they stood in \`spec.hostnames\`: they must fit the hostname of a listener
that admits the Route, lie in a zone of ours, and be valid DNS names; a wildcard is one whole first label, as everywhere. At
most 16 are added to a Route. A Route without \`spec.hostnames\` keeps those of its listeners besides. They are not added to
what the Gateway routes: a request for such a name may well get a 404, and a probe of it then fails. Write them into
\`spec.hostnames\` to have both.

\`gateway-hostname-source\` is followed although it takes names away, because it mostly keeps names private:
\`annotation-only\` serves those of the annotation alone, \`defined-hosts-only\` those of \`spec.hostnames\` alone, and none
where there are none. A listener with a hostname and without any attached Route still serves it.

With a \`controller\` other than \`dns-controller\`, external-dns passes over the object: its annotations are not read, while the
hostnames of Gateway API on it are served as always.`;

const CRDS = `## Not annotations: to be done by hand

k8gb's \`Gslb\` and Kuadrant's \`DNSPolicy\` are objects of their own, which Azimuth does not watch. What they say becomes:

| object | field | ours |
|---|---|---|
| Gslb | \`spec.strategy.type: roundRobin\` | \`steering: multivalue\`, or \`weighted\` where \`weight\` is given |
| Gslb | \`spec.strategy.type: failover\`, \`primaryGeoTag\` | \`steering: failover\`, \`failover: <cluster>, *\` |
| Gslb | \`spec.strategy.type: geoip\` | \`steering: nearest\` |
| Gslb | \`spec.strategy.weight\` | \`weight\` on the Gateway of each cluster |
| Gslb | \`spec.strategy.dnsTtlSeconds\` | \`ttl\` |
| DNSPolicy | \`spec.loadBalancing.weight\` | \`steering: weighted\`, \`weight\` on the Gateway |
| DNSPolicy | \`spec.loadBalancing.geo\`, \`defaultGeo\` | \`steering: nearest\`; \`serves\` on the Gateway where a fence is wanted |
| DNSPolicy | \`spec.healthCheck\` | \`probe: https://:443/path\`, \`probe-interval\`, \`probe-fall\` |
| DNSPolicy | \`spec.excludeAddresses\` | \`address\` with the others |

Their TXT records of ownership, \`localtargets-*\` names and \`kuadrant.io/MultiClusterIPAddress\` addresses have no meaning
here.`;

/** `docs/migration.md`. */
export function migrationMarkdown(): string {
  const sections = [
    section(
      'external-dns',
      externalDns(EXTERNAL_DNS_PREFIXES[0] ?? ''),
      `\`${EXTERNAL_DNS_PREFIXES.join('`, `')}\` or a custom prefix, before each key.`,
    ),
    section(
      'k8gb',
      K8GB,
      `\`${K8GB.prefix}\` before each key: what k8gb read on an Ingress, on the object that takes its place.`,
    ),
    section(
      'Kuadrant',
      KUADRANT,
      `\`${KUADRANT.prefix}\` before each key: an annotation or, as Kuadrant has it, a label of the Gateway.`,
    ),
  ];
  const written =
    'The tables are written from the code in `src/core/desired/migration/`: change it, then run `npm run docs`. A test compares the two.';
  return [OPENING, written, ...sections, CRDS, ''].join('\n\n').replace(/\n+$/, '\n');
}

function section(title: string, { keys }: Vocabulary, opening: string): string {
  const rows = keys.map(({ key, on, ours, notes }) => `| \`${key}\` | ${on.join(', ')} | ${ours} | ${notes} |`);
  return [`## ${title}`, '', opening, '', '| key | read on | becomes | notes |', '|---|---|---|---|', ...rows].join(
    '\n',
  );
}
