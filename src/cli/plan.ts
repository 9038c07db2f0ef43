import { existsSync } from 'node:fs';
import { LISTED_HOSTNAMES, MAX_LISTED_HOSTNAMES, MAX_LOAD } from '../core/plan/limits.ts';
import { ADMIN_OPTIONS, adminClient, EXAMPLE_CONFIG, NoDirectorError } from './admin-client.ts';
import { type Command, EXIT, type Invocation, textOption, textOptions, UsageError } from './command.ts';
import { recordOf, textOf } from './json.ts';
import { readSetting, type Setting } from './plan-set.ts';
import { planText } from './plan-text.ts';
import { RefusedError } from './refusal.ts';

/** `azimuth plan`: what would happen if clusters were lost, or another configuration or annotation were in use. */
export const planCommand: Command = {
  name: 'plan',
  usage:
    'azimuth plan [--lose CLUSTER]… [--config FILE [--present FILE]] [--set CLUSTER/KEY=VALUE]… [--load N] [--by addresses|queries] [--list N] [--json]',
  summary: 'tell what would happen; exit 1 if somebody would be left without a cluster',
  most: 0,
  choices: { by: ['addresses', 'queries'] },
  options: {
    ...ADMIN_OPTIONS,
    lose: { type: 'string', multiple: true },
    set: { type: 'string', multiple: true },
    present: { type: 'string' },
    load: { type: 'string' },
    by: { type: 'string' },
    list: { type: 'string' },
  },
  run: plan,
};

/** What is asked for, whoever answers. */
type Request = {
  readonly lose: readonly string[];
  readonly set: readonly Setting[];
  readonly load: number | undefined;
  readonly listed: number;
  /** What clients are counted by. */
  readonly by: 'addresses' | 'queries';
};

async function plan(invocation: Invocation): Promise<number> {
  const request: Request = {
    lose: [...new Set(textOptions(invocation, 'lose'))],
    set: textOptions(invocation, 'set').map(readSetting),
    load: numberOption(invocation, 'load', MAX_LOAD, /^\d+(\.\d+)?$/),
    listed: numberOption(invocation, 'list', MAX_LISTED_HOSTNAMES, /^\d+$/) ?? LISTED_HOSTNAMES,
    by: byOption(invocation),
  };
  const told = isOffline(invocation, request) ? await offline(invocation, request) : await live(invocation, request);
  const asJson = invocation.options['json'] === true;
  process.stdout.write(asJson ? `${JSON.stringify(told, null, 2)}\n` : planText(told));
  return textOf(recordOf(told).get('verdict')) === 'fine' ? EXIT.ok : EXIT.failed;
}

/** A director plans with its own configuration. */
function isOffline(invocation: Invocation, { set }: Request): boolean {
  return set.length > 0 || ['config', 'present'].some((name) => textOption(invocation, name) !== undefined);
}

/** Asks the running director; where none runs, and none was named, the configuration is asked instead. */
async function live(invocation: Invocation, { lose, load, listed, by }: Request): Promise<unknown> {
  const client = await adminClient(invocation);
  try {
    return await client.post('/v1/plan', {
      lose,
      listed,
      ...(load === undefined ? {} : { load }),
      ...(by === 'queries' ? { by } : {}),
    });
  } catch (error) {
    if (error instanceof RefusedError && error.code === 'cluster-unknown') {
      throw new UsageError(`--lose: ${error.message}`, { cause: error });
    }
    // Nobody else knows what is asked.
    if (!(error instanceof NoDirectorError) || client.named === 'by-caller' || by === 'queries') throw error;
    return offline(invocation, { lose, load, listed, by, set: [] }, client.base);
  }
}

/** `missing`: where a director was looked for in vain. */
async function offline(invocation: Invocation, request: Request, missing?: string): Promise<object> {
  if (request.by === 'queries') {
    throw new UsageError(
      '--by queries needs a running director, which counts what it is asked: with --config, --present and --set the plan is made offline. --admin URL names a director.',
    );
  }
  const here = existsSync('azimuth.yaml') ? 'azimuth.yaml' : undefined;
  const next = textOption(invocation, 'config') ?? here ?? EXAMPLE_CONFIG;
  const present = textOption(invocation, 'present') ?? here ?? next;
  const { planOffline } = await import('./plan-offline.ts');
  const told = await planOffline({ present, next, ...request });
  return missing === undefined ? told : { ...told, noDirectorAt: missing };
}

function byOption(invocation: Invocation): Request['by'] {
  const by = textOption(invocation, 'by') ?? 'addresses';
  if (by === 'addresses' || by === 'queries') return by;
  throw new UsageError(`--by is "addresses" or "queries", not "${by}".`);
}

function numberOption(invocation: Invocation, name: string, most: number, form: RegExp): number | undefined {
  const text = textOption(invocation, name);
  if (text === undefined) return undefined;
  const value = Number(text);
  const least = name === 'load' ? Number.MIN_VALUE : 0;
  if (form.test(text) && value >= least && value <= most) return value;
  throw new UsageError(`--${name} needs a number up to ${most}, not "${text}".`);
}
