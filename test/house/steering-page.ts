import { ORDER_OF, PRESET_PREFERENCES } from '../../src/core/desired/steering-chain.ts';
import { stepsOf } from '../../src/core/steering/chain.ts';
import type { FilterName } from '../../src/core/steering/decision.ts';

const OPENING = `# Steering

Who is told which cluster is decided by one chain of steps. Each step takes who is left, keeps some and says why:
\`azimuth explain NAME --from IP\` lists the steps of every candidate. The annotation \`steering\` names a preset, or lists the
preferring steps in the order in which they are to act.

## The chain`;

const LISTS = `## An explicit list

\`\`\`yaml
azimuth.dev/steering: degraded, tier, nearest
\`\`\`

A list is at least one of the preferring steps (${wordsOf(PRESET_PREFERENCES)}), each at most once, and at the end one order
(\`nearest\`, \`weight\` or \`equal\`). What is not listed does not count:

| list | what it says |
|---|---|
| \`map, tier, standby, degraded, nearest\` | the preset \`nearest\`, and nothing else |
| \`degraded, map, tier, standby, nearest\` | rather a healthy cluster of the second tier than a degraded one of the first |
| \`standby, tier, weight\` | rather the second tier than a standby of the first; degraded is as good as up |
| \`map, standby, degraded, nearest\` | tiers do not count; naming them in \`tier\` or \`failover\` is a finding |
| \`tier, map, nearest\` | a custom map orders the clusters of a tier only |
| \`tier, degraded, equal\` | weights do not count at all, 0 included; 8 addresses, as for \`multivalue\` |

- All other steps run in every chain at their places in the table above. A list that names one is refused, and so are an unknown
  step, one that stands there twice, and a list without an order at its end: \`annotation-invalid\` says which step is wrong and what
  was probably meant. The next less specific valid value counts, as for every annotation.
- Without \`map\` a map's order does not count; a rule without \`*\` still keeps other clusters out, for that is a fence.
- Without \`standby\` a weight of 0 is no rule of its own any more: \`nearest\` goes by distance alone (within a \`nearest-band\` 0 counts
  as 1), \`equal\` gives everybody the same; where \`weight\` decides, 0 is no share while anybody has one.
- Where weights decide, clients that a cluster does not take (\`slow-start\`, \`capacity\`) go to whom the list prefers next, and \`sticky\` keeps the places of
  clusters that the list would prefer alike: where tiers do not count, those of all tiers.
- \`failover\` has the steps of \`weighted\`; a hostname none of whose clusters has a tier is a finding then. A list that equals a
  preset is that preset (\`weighted\`, where it ends in \`weight\`), so clusters that say it in one way and in the other do not
  disagree. Clusters with other lists do: [decision 4](decisions/0004-disagreeing-clusters.md).
- A single word is always a preset: for an order without any preference list a step that finds nothing to do, such as \`map, weight\`
  without a map.`;

/** What each step does. `map` is two steps: a fence, and a preference. */
const DOES: Readonly<Record<FilterName | 'map fence', string>> = {
  residency: 'clients from the area of `residency` go to clusters there only',
  serves: 'a cluster with `serves` takes clients from there only',
  'map fence': 'the clients of a rule without `*` go to its clusters only ([maps](maps.md))',
  health: 'keeps who is up, degraded or unchecked, else who is unseen; nobody where `min-healthy` is not met',
  drain: 'drops who is drained',
  'last-resort':
    'where nobody is left: whom `last-resort` brings back of those that the fences admit and nobody drained',
  rollout: 'divides the clients between two groups; each of them goes on by itself ([rollouts](rollouts.md))',
  pin: 'keeps the cluster of the newest pin that holds the client and whose cluster is usable ([overrides](overrides.md))',
  map: "keeps the first in the order of the client's rule",
  tier: 'keeps the lowest tier',
  standby: 'drops weight 0 while anybody has more',
  degraded: 'drops who is degraded while anybody is not ([health](health.md))',
  nearest: 'by distance plus `bias`; `nearest-band` shares by weight; by weight where the place is unknown',
  weight: 'in proportion to `weight`',
  equal: 'all clusters equally',
  overflow:
    'where weights decide, clients whom nobody of those takes go to who is preferred next ([capacity](capacity.md))',
  sticky: 'with `sticky: subnet` a subnet keeps its cluster',
  answers: 'cuts the list after `answers` addresses',
};

/** `docs/steering.md`. */
export function steeringMarkdown(): string {
  const written =
    'The table is written from `src/core/steering/chain.ts`: change it, then run `npm run docs`. A test compares the two.';
  return [OPENING, written, chainTable(), LISTS, ''].join('\n\n').replace(/\n+$/, '\n');
}

/** One row a step in the order in which they run; the three orders stand at one place. */
function chainTable(): string {
  const presets = ['nearest', 'weighted', 'failover', 'multivalue'] as const;
  const orders = ['nearest', 'weight', 'equal'] as const;
  const steps = stepsOf({ steering: 'nearest' });
  const rows = steps.flatMap((step, index) => {
    const place = index + 1;
    if (step === 'nearest') {
      return orders.map((order) => {
        const having = presets.filter((preset) => ORDER_OF[preset] === order);
        return `| ${place} | \`${order}\` | ${DOES[order]} | ${wordsOf(having)} | one, at the end |`;
      });
    }
    const isFence = step === 'map' && steps.indexOf(step) === index;
    const isFree = !isFence && PRESET_PREFERENCES.some((one) => one === step);
    const does = DOES[isFence ? 'map fence' : step];
    return [`| ${place} | \`${step}\` | ${does} | all | ${isFree ? 'where you want it' : 'always there'} |`];
  });
  return ['| place | step | what it does | presets | in a list |', '|---|---|---|---|---|', ...rows].join('\n');
}

function wordsOf(words: readonly string[]): string {
  return words.map((word) => `\`${word}\``).join(', ');
}
