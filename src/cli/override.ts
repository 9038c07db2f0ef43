import { ADMIN_OPTIONS, adminClient } from './admin-client.ts';
import { bold, dim, paintState } from './colour.ts';
import { type Command, EXIT, type Invocation, textOption, textOptions, UsageError, wrongSubject } from './command.ts';
import { countText } from './count-text.ts';
import { listOf, numberOf, recordOf, textOf } from './json.ts';
import { actionText, scopeText, timeText } from './override-text.ts';
import { SCOPE_OPTIONS, scopeOf } from './scope-options.ts';
import { type Row, textTable } from './text-table.ts';

/** Overrides in one answer; there are no more than that. */
const ALL = 1000;

const MANY = { type: 'string', multiple: true } as const;
const FLAG = { type: 'boolean' } as const;
const TEXT = { type: 'string' } as const;

/** `azimuth override`: up, down, drain or weight, laid over what is measured. */
export const overrideCommand: Command = {
  name: 'override',
  usage:
    'azimuth override list | set NAME --cluster|--gateway|--hostname|--team PATTERN… [--except-cluster PATTERN…] --up|--down|--drain|--weight N [--percent N]|--pin CLUSTER --net NET… [--from TIME] [--for 2h|--until TIME] --reason TEXT [--force] | clear NAME [--config FILE] [--json]',
  summary: 'say what is up, down, drained or of which weight, whatever is measured',
  words: ['list', 'set', 'clear'],
  options: {
    ...ADMIN_OPTIONS,
    ...SCOPE_OPTIONS,
    up: FLAG,
    down: FLAG,
    drain: FLAG,
    weight: TEXT,
    percent: TEXT,
    pin: TEXT,
    net: MANY,
    from: TEXT,
    for: TEXT,
    until: TEXT,
    reason: TEXT,
    force: FLAG,
  },
  run: override,
};

async function override(invocation: Invocation): Promise<number> {
  const [word = 'list', name, more] = invocation.positionals;
  const isKnown = word === 'list' || word === 'set' || word === 'clear';
  if (!isKnown || more !== undefined || (word === 'list') !== (name === undefined)) {
    throw wrongSubject(overrideCommand, word);
  }
  // What cannot be meant is told before anybody is asked.
  const body = word === 'set' ? bodyOf(invocation) : {};
  const client = await adminClient(invocation);
  const path = `/v1/overrides/${encodeURIComponent(name ?? '')}`;
  const answer = await {
    list: () => client.get(`/v1/overrides?limit=${ALL}`),
    set: () => client.put(path, body),
    clear: () => client.delete(path),
  }[word]();
  const text = invocation.options['json'] === true ? JSON.stringify(answer, null, 2) : textFor(word, answer);
  process.stdout.write(`${text}\n`);
  return EXIT.ok;
}

function bodyOf(invocation: Invocation): object {
  const reason = textOption(invocation, 'reason');
  if (reason === undefined) throw new UsageError(`override set needs a --reason.\nUsage: ${overrideCommand.usage}`);
  const scope = scopeOf(invocation);
  const times = ['from', 'for', 'until'].flatMap((key) => {
    const value = textOption(invocation, key);
    return value === undefined ? [] : [[key, value] as const];
  });
  const force = invocation.options['force'] === true ? { force: true } : {};
  return { scope, ...actionOf(invocation), ...Object.fromEntries(times), reason, ...force };
}

function actionOf(invocation: Invocation): object {
  const flags = (['up', 'down', 'drain'] as const).filter((flag) => invocation.options[flag] === true);
  const weight = wholeOf(invocation, 'weight');
  const percent = wholeOf(invocation, 'percent');
  const cluster = textOption(invocation, 'pin');
  const nets = textOptions(invocation, 'net');
  const [action, ...others] = [
    ...flags,
    ...(weight === undefined ? [] : ['weight']),
    ...(cluster === undefined ? [] : ['pin']),
  ];
  if (action === undefined || others.length > 0) {
    throw new UsageError('override set needs one of --up, --down, --drain, --weight N and --pin CLUSTER.');
  }
  const rest = { weight, percent, cluster, nets: nets.length === 0 ? undefined : nets };
  return { action, ...Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined)) };
}

function wholeOf(invocation: Invocation, name: string): number | undefined {
  const text = textOption(invocation, name);
  if (text === undefined) return undefined;
  if (!/^\d{1,9}$/.test(text)) throw new UsageError(`--${name}: expected a whole number, not "${text}".`);
  return Number(text);
}

function textFor(word: 'list' | 'set' | 'clear', answer: unknown): string {
  const items = word === 'list' ? listOf(recordOf(answer).get('items')) : [answer];
  if (items.length === 0) return 'There is no override.';
  if (word === 'clear') return `Override ${textOf(recordOf(answer).get('name'))} is cleared.`;
  const head = ['NAME', 'ACTION', 'SCOPE', 'STATE', 'ABOUT', 'TIME', 'BY', 'REASON'].map((word) => bold(word));
  const notes = items.flatMap((item) => listOf(recordOf(item).get('notes')).map(textOf));
  return [textTable([head, ...items.map(rowOf)]), ...notes].join('\n');
}

function rowOf(view: unknown): Row {
  const of = recordOf(view);
  const names = listOf(of.get('shadowedBy')).map(textOf);
  const [endpoints, shadowed] = [numberOf(of.get('endpoints')), numberOf(of.get('shadowed'))];
  const under = shadowed === 0 ? '' : ` (${shadowed} under ${names.join(', ')})`;
  const forced = listOf(of.get('forced')).map(textOf);
  return [
    textOf(of.get('name')),
    paintState(actionText(of)),
    scopeText(of.get('scope')),
    paintState(textOf(of.get('state'))),
    `${countText(endpoints, 'endpoint')}, ${countText(numberOf(of.get('hostnames')), 'hostname')}${under}`,
    timeText(of) || dim('-'),
    textOf(of.get('by')),
    textOf(of.get('reason')) + (forced.length === 0 ? '' : dim(` (forced past ${forced.join(', ')})`)),
  ];
}
