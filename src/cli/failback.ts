import { ADMIN_OPTIONS, adminClient } from './admin-client.ts';
import { type Command, EXIT, type Invocation, textOption, UsageError } from './command.ts';
import { listOf, recordOf, textOf } from './json.ts';

/** `azimuth failback`: traffic returns to what recovered in a cluster and is held. */
export const failbackCommand: Command = {
  name: 'failback',
  usage: 'azimuth failback CLUSTER [--monitor ID] [--config FILE] [--json]',
  summary: 'let traffic return to what recovered in a cluster and is held',
  most: 1,
  options: { ...ADMIN_OPTIONS, monitor: { type: 'string' } },
  run: failback,
};

async function failback(invocation: Invocation): Promise<number> {
  const [cluster] = invocation.positionals;
  if (cluster === undefined) throw new UsageError(`failback needs a CLUSTER.\nUsage: ${failbackCommand.usage}`);
  const monitor = textOption(invocation, 'monitor');
  const client = await adminClient(invocation);
  const path = `/v1/clusters/${encodeURIComponent(cluster)}/failback`;
  const answer = await client.post(path, monitor === undefined ? {} : { monitor });
  const asJson = invocation.options['json'] === true;
  process.stdout.write(asJson ? `${JSON.stringify(answer, null, 2)}\n` : releasedText(cluster, answer));
  return EXIT.ok;
}

function releasedText(cluster: string, answer: unknown): string {
  const released = listOf(recordOf(answer).get('released')).map(textOf);
  if (released.length === 0) return `Nothing of ${cluster} was held.\n`;
  return [`Traffic returns to ${cluster}:`, ...released.map((monitor) => `  ${monitor}`), ''].join('\n');
}
