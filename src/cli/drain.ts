import { ADMIN_OPTIONS, adminClient } from './admin-client.ts';
import { type Command, EXIT, type Invocation, textOption, UsageError } from './command.ts';
import { recordOf, textOf } from './json.ts';

/** `azimuth drain`: no new answers for a cluster, at once or from a time on. */
export const drainCommand: Command = {
  name: 'drain',
  usage: 'azimuth drain CLUSTER --reason TEXT [--at TIME] [--force] [--config FILE] [--json]',
  summary: 'no new answers for a cluster, at once or from a time on',
  options: { ...ADMIN_OPTIONS, reason: { type: 'string' }, at: { type: 'string' }, force: { type: 'boolean' } },
  run: drain,
};

/** `azimuth undrain`: ends a drain, or takes a planned one back. */
export const undrainCommand: Command = {
  name: 'undrain',
  usage: 'azimuth undrain CLUSTER [--config FILE] [--json]',
  summary: 'end the drain of a cluster, or take a planned one back',
  options: ADMIN_OPTIONS,
  run: undrain,
};

async function drain(invocation: Invocation): Promise<number> {
  const cluster = clusterOf(invocation, drainCommand);
  const reason = textOption(invocation, 'reason');
  if (reason === undefined) throw new UsageError(`drain needs a --reason.\nUsage: ${drainCommand.usage}`);
  const from = textOption(invocation, 'at');
  const client = await adminClient(invocation);
  const order = { reason, ...(from === undefined ? {} : { from }), force: invocation.options['force'] === true };
  return tell(invocation, await client.post(pathOf(cluster), order));
}

async function undrain(invocation: Invocation): Promise<number> {
  const cluster = clusterOf(invocation, undrainCommand);
  const client = await adminClient(invocation);
  return tell(invocation, await client.delete(pathOf(cluster)));
}

function clusterOf({ positionals }: Invocation, { name, usage }: Command): string {
  const [cluster, ...others] = positionals;
  if (cluster === undefined || others.length > 0) throw new UsageError(`${name} needs one CLUSTER.\nUsage: ${usage}`);
  return cluster;
}

function pathOf(cluster: string): string {
  return `/v1/clusters/${encodeURIComponent(cluster)}/drain`;
}

function tell(invocation: Invocation, answer: unknown): number {
  const asJson = invocation.options['json'] === true;
  process.stdout.write(asJson ? `${JSON.stringify(answer, null, 2)}\n` : `${drainText(answer)}\n`);
  return EXIT.ok;
}

function drainText(answer: unknown): string {
  const cluster = recordOf(answer);
  const name = textOf(cluster.get('name'));
  const order = recordOf(cluster.get('drain'));
  if (order.size === 0) return `${name} is not drained by an order.`;
  const from = order.get('from');
  return from === undefined ? `${name} is drained.` : `${name} is drained from ${textOf(from)} on.`;
}
