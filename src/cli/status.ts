import { addressText } from './address-text.ts';
import { ADMIN_OPTIONS, adminClient } from './admin-client.ts';
import { ageText } from './age-text.ts';
import { breakerText } from './breaker-text.ts';
import { bold, dim, paintState } from './colour.ts';
import { type Command, EXIT, type Invocation } from './command.ts';
import { countText } from './count-text.ts';
import { clusterDrillText, drillLines } from './drill-text.ts';
import { listOf, numberOf, recordOf, textOf } from './json.ts';
import { overrideLines } from './override-text.ts';
import { rolloutLine } from './rollout-text.ts';
import { type Row, textTable } from './text-table.ts';

/** `azimuth status`: what a running director serves, cluster by cluster, and whether it is ready. */
export const statusCommand: Command = {
  name: 'status',
  usage: 'azimuth status [--config FILE] [--json]',
  summary: 'show the state of a running director',
  most: 0,
  options: ADMIN_OPTIONS,
  run: status,
};

async function status(invocation: Invocation): Promise<number> {
  const client = await adminClient(invocation);
  const [director, clusters] = await Promise.all([client.get('/v1/status'), client.get('/v1/clusters')]);
  const ready = recordOf(director).get('ready') === true;
  if (invocation.options['json'] === true) {
    process.stdout.write(`${JSON.stringify({ status: director, ...Object(clusters) }, null, 2)}\n`);
  } else {
    process.stdout.write(`${statusText(director)}\n\n${clusterTable(clusters)}\n`);
  }
  return ready ? EXIT.ok : EXIT.failed;
}

function statusText(director: unknown): string {
  const of = recordOf(director);
  const findings = recordOf(of.get('findings'));
  const places = recordOf(of.get('places'));
  const state = of.get('ready') === true ? 'ready' : 'waiting';
  return [
    `${bold(`Azimuth ${textOf(of.get('version'))}`)}  ${paintState(state)}  since ${textOf(of.get('startedAt'))}  pid ${numberOf(of.get('pid'))}`,
    `zones ${listOf(of.get('zones')).map(textOf).join(', ')}  serial ${numberOf(of.get('serial'))}  engine ${textOf(of.get('engine'))}`,
    `${counted(of, 'hostnames')}  ${counted(of, 'monitors')}  ${counted(of, 'drains')}  findings: ${counted(findings, 'error')}, ${counted(findings, 'warning')}`,
    ...breakerText(of.get('breaker')),
    ...overrideLines(of.get('overrides')),
    ...listOf(of.get('rollouts')).map(rolloutLine),
    ...drillLines(of.get('drills')),
    ...listOf(of.get('listeners')).flatMap(troubleText),
    dim(textOf(places.get('source'))),
  ].join('\n');
}

/** `1 hostname`, `2 hostnames`. */
function counted(of: ReadonlyMap<string, unknown>, key: string): string {
  return countText(numberOf(of.get(key)), key.replace(/s$/, ''));
}

/** An address whose worker threads do not all run; nothing where they do, or where there are none. */
function troubleText(listener: unknown): string[] {
  const of = recordOf(listener);
  const workers = recordOf(of.get('workers'));
  const [running, restarting, failed] = ['running', 'restarting', 'failed'].map((state) =>
    numberOf(workers.get(state)),
  );
  const down = (restarting ?? 0) + (failed ?? 0);
  if (down === 0) return [];
  const address = addressText({ host: textOf(of.get('host')), port: numberOf(of.get('port')) });
  const trouble = recordOf(of.get('lastTrouble'));
  const head = `${paintState('warning')} DNS on ${address}: ${running} of ${(running ?? 0) + down} workers run`;
  const told = `${restarting} restarting, ${failed} failed, ${numberOf(of.get('restarts'))} restarts`;
  return [`${head} (${told}); ${textOf(trouble.get('at'))} ${textOf(trouble.get('message'))}`];
}

function clusterTable(clusters: unknown): string {
  const items = listOf(recordOf(clusters).get('items'));
  // Only while there is one: most of the time there is none.
  const drills = items.map((cluster) => clusterDrillText(recordOf(cluster).get('drills')));
  const isDrilled = drills.some((text) => text !== '');
  const head = ['cluster', 'gateways', 'up', 'held', 'down', 'unseen', 'share', 'view', 'drain', 'drill'];
  const rows = items.map((cluster, index) => [...clusterRow(cluster), drills[index] || dim('-')]);
  const all = [head.map((word) => bold(word)), ...rows];
  return textTable(isDrilled ? all : all.map((row) => row.slice(0, -1)));
}

function clusterRow(cluster: unknown): Row {
  const of = recordOf(cluster);
  const endpoints = recordOf(of.get('endpoints'));
  const gateways = listOf(of.get('gateways')).map((gateway) => textOf(recordOf(gateway).get('name')));
  return [
    textOf(of.get('name')),
    gateways.join(', '),
    upText(endpoints),
    String(numberOf(endpoints.get('held'))),
    String(numberOf(endpoints.get('down'))),
    String(numberOf(endpoints.get('unseen'))),
    `${(numberOf(of.get('share')) * 100).toFixed(1)} %`,
    ageText(of.get('view')),
    drainText(recordOf(of.get('drain'))),
  ];
}

/** The order to drain it, in force or planned. */
function drainText(drain: ReadonlyMap<string, unknown>): string {
  if (drain.size === 0) return dim('-');
  const from = textOf(drain.get('from'));
  const isAhead = Date.parse(from) > Date.now();
  const state = isAhead ? `${paintState('planned')} from ${from}` : paintState('drained');
  return `${state} by ${textOf(drain.get('by'))}: ${textOf(drain.get('reason'))}`;
}

/** How many are answered, and how many of them had better not be. */
function upText(endpoints: ReadonlyMap<string, unknown>): string {
  const degraded = numberOf(endpoints.get('degraded'));
  const up = numberOf(endpoints.get('up')) + numberOf(endpoints.get('unchecked')) + degraded;
  return degraded === 0 ? String(up) : `${up} (${degraded} ${paintState('degraded')})`;
}
