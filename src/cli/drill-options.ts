import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { type Invocation, textOption, textOptions, UsageError } from './command.ts';

/** The lists of a scope, and the options that fill them: `--cluster`, and `--except-cluster` for those that are not meant. */
const LISTS = { cluster: 'clusters', gateway: 'gateways', hostname: 'hostnames', team: 'teams' } as const;
const KINDS = ['cluster', 'gateway', 'hostname', 'team'] as const satisfies readonly (keyof typeof LISTS)[];

const MANY = { type: 'string', multiple: true } as const;
const FLAG = { type: 'boolean' } as const;
const TEXT = { type: 'string' } as const;

/** Options that describe a drill. */
export const DRILL_OPTIONS = {
  ...Object.fromEntries(KINDS.flatMap((kind) => [[kind, MANY] as const, [`except-${kind}`, MANY] as const])),
  fail: FLAG,
  drain: FLAG,
  blind: FLAG,
  weight: TEXT,
  for: TEXT,
  at: TEXT,
  ramp: TEXT,
  'abort-below': TEXT,
  'abort-monitor': MANY,
  reason: TEXT,
  force: FLAG,
};

/** A name is written as `azimuth drill` wants it; all else is taken for a file. */
const NAME = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** What the API takes: from a file of YAML or JSON, or from a name and options. What is in it is judged by the director. */
export async function drillBody(subject: string, invocation: Invocation): Promise<object> {
  const force = invocation.options['force'] === true ? { force: true } : {};
  if (hasAction(invocation)) {
    if (NAME.test(subject)) return { name: subject, ...fieldsOf(invocation), ...force };
    throw new UsageError(`"${subject}" is no name for a drill: lower case letters, digits and hyphens, 63 at most.`);
  }
  return { ...(await readSpec(subject)), ...force };
}

function hasAction({ options }: Invocation): boolean {
  return ['fail', 'drain', 'blind', 'weight'].some((key) => options[key] !== undefined);
}

async function readSpec(file: string): Promise<object> {
  let content: unknown;
  try {
    content = parse(await readFile(file, 'utf8'));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const hint = NAME.test(file) ? ' To start one by its name give --fail, --drain, --weight N or --blind.' : '';
    throw new UsageError(`${file} cannot be read: ${reason}.${hint}`, { cause: error });
  }
  if (typeof content === 'object' && content !== null && !Array.isArray(content)) return content;
  throw new UsageError(`${file} holds no drill: expected a mapping with name, scope, action, for and reason.`);
}

function fieldsOf(invocation: Invocation): object {
  const [length, at] = [textOption(invocation, 'for'), textOption(invocation, 'at')];
  const reason = textOption(invocation, 'reason');
  if (length === undefined || reason === undefined) throw new UsageError('drill start needs --for and --reason.');
  const except = selectionOf(invocation, 'except-');
  return {
    scope: { ...selectionOf(invocation, ''), ...(Object.keys(except).length === 0 ? {} : { except }) },
    ...actionOf(invocation),
    for: length,
    ...(at === undefined ? {} : { at }),
    ...rampOf(invocation),
    ...abortOf(invocation),
    reason,
  };
}

function selectionOf(invocation: Invocation, prefix: '' | 'except-'): object {
  const lists = KINDS.map((kind) => [LISTS[kind], textOptions(invocation, prefix + kind)] as const);
  return Object.fromEntries(lists.filter(([, patterns]) => patterns.length > 0));
}

function actionOf(invocation: Invocation): object {
  const flags = (['fail', 'drain', 'blind'] as const).filter((flag) => invocation.options[flag] === true);
  const weight = textOption(invocation, 'weight');
  const [action, ...others] = [...flags, ...(weight === undefined ? [] : ['weight'])];
  if (others.length > 0) throw new UsageError('A drill does one thing: --fail, --drain, --weight N or --blind.');
  if (weight === undefined) return { action };
  if (/^\d{1,5}$/.test(weight)) return { action, weight: Number(weight) };
  throw new UsageError(`--weight: expected a whole number, not "${weight}".`);
}

/** `25,50,100/1m`. */
function rampOf(invocation: Invocation): object {
  const text = textOption(invocation, 'ramp');
  if (text === undefined) return {};
  const [, steps, every] = /^(\d{1,3}(?:,\d{1,3})*)\/(\S+)$/.exec(text) ?? [];
  if (steps === undefined || every === undefined) {
    throw new UsageError(`--ramp: expected percents and how long each lasts, like 25,50,100/1m, not "${text}".`);
  }
  return { ramp: { steps: steps.split(',').map(Number), every } };
}

function abortOf(invocation: Invocation): object {
  const [below, monitors] = [textOption(invocation, 'abort-below'), textOptions(invocation, 'abort-monitor')];
  const percent = below === undefined ? undefined : /^(\d{1,3}(?:\.\d+)?) ?%$/.exec(below)?.[1];
  if (below !== undefined && percent === undefined) {
    throw new UsageError(`--abort-below: expected a percentage like 50%, not "${below}".`);
  }
  if (percent === undefined && monitors.length === 0) return {};
  return {
    abort: {
      ...(percent === undefined ? {} : { below: Number(percent) / 100 }),
      ...(monitors.length === 0 ? {} : { monitors }),
    },
  };
}
