import { isName } from '../core/orders/name.ts';
import { type Invocation, textOption, textOptions, UsageError } from './command.ts';
import { SCOPE_OPTIONS, scopeOf } from './scope-options.ts';
import { readSpec } from './spec-file.ts';

const MANY = { type: 'string', multiple: true } as const;
const FLAG = { type: 'boolean' } as const;
const TEXT = { type: 'string' } as const;

/** Options that describe a drill. */
export const DRILL_OPTIONS = {
  ...SCOPE_OPTIONS,
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

/** What the API takes: from a file of YAML or JSON, or from a name and options. What is in it is judged by the director. */
export async function drillBody(subject: string, invocation: Invocation): Promise<object> {
  const force = invocation.options['force'] === true ? { force: true } : {};
  if (hasAction(invocation)) {
    if (isName(subject)) return { name: subject, ...fieldsOf(invocation), ...force };
    throw new UsageError(`"${subject}" is no name for a drill: lower case letters, digits and hyphens, 63 at most.`);
  }
  return { ...(await readDrill(subject)), ...force };
}

function hasAction({ options }: Invocation): boolean {
  return ['fail', 'drain', 'blind', 'weight'].some((key) => options[key] !== undefined);
}

function readDrill(file: string): Promise<object> {
  const hint = isName(file) ? ' To start one by its name give --fail, --drain, --weight N or --blind.' : '';
  return readSpec(file, { what: 'drill', fields: 'name, scope, action, for and reason', hint: `.${hint}` });
}

function fieldsOf(invocation: Invocation): object {
  const [length, at] = [textOption(invocation, 'for'), textOption(invocation, 'at')];
  const reason = textOption(invocation, 'reason');
  if (length === undefined || reason === undefined) throw new UsageError('drill start needs --for and --reason.');
  return {
    scope: scopeOf(invocation),
    ...actionOf(invocation),
    for: length,
    ...(at === undefined ? {} : { at }),
    ...rampOf(invocation),
    ...abortOf(invocation),
    reason,
  };
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
