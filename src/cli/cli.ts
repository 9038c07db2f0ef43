import { parseArgs, styleText } from 'node:util';
import { nearest } from '../core/desired/suggest.ts';
import { messageOf } from '../core/error-message.ts';
import { auditCommand } from './audit.ts';
import { breakerCommand } from './breaker.ts';
import { checkCommand } from './check.ts';
import { type Command, EXIT, type Invocation, UsageError } from './command.ts';
import { completionCommand } from './completion.ts';
import { demoCommand } from './demo.ts';
import { drainCommand, undrainCommand } from './drain.ts';
import { drillCommand } from './drill.ts';
import { eventsCommand } from './events.ts';
import { explainCommand } from './explain.ts';
import { failbackCommand } from './failback.ts';
import { listenAdvice } from './listen-error.ts';
import { overrideCommand } from './override.ts';
import { planCommand } from './plan.ts';
import { rolloutCommand } from './rollout.ts';
import { runDirectorCommand } from './run.ts';
import { statusCommand } from './status.ts';
import { tokenCommand } from './token.ts';
import { helpText, usageText } from './usage-text.ts';
import { VERSION } from './version.ts';

const COMMANDS: readonly Command[] = [
  demoCommand,
  runDirectorCommand,
  checkCommand,
  statusCommand,
  explainCommand,
  planCommand,
  breakerCommand,
  drainCommand,
  undrainCommand,
  failbackCommand,
  overrideCommand,
  rolloutCommand,
  drillCommand,
  auditCommand,
  eventsCommand,
  tokenCommand,
  completionCommand(() => COMMANDS),
];

/** Runs the command that the arguments name (the demo without any) and returns the exit code; never throws. */
export async function runCommand(argv: readonly string[]): Promise<number> {
  endQuietlyWithoutReader();
  try {
    return await dispatch(argv);
  } catch (error) {
    const isUsage = error instanceof UsageError;
    const message = messageOf(error);
    const reason = isUsage ? wrongCall(message) : (listenAdvice(error) ?? message);
    process.stderr.write(`${styleText('red', 'azimuth:', { stream: process.stderr })} ${reason}\n`);
    return isUsage ? EXIT.usage : EXIT.failed;
  }
}

async function dispatch(argv: readonly string[]): Promise<number> {
  const [word = 'demo', ...rest] = argv;
  if (word === '--version' || word === 'version') return print(`azimuth ${VERSION}\n`);
  const isHelp = word === '--help' || word === '-h' || word === 'help';
  const [about] = rest;
  if (isHelp && about === undefined) return print(overview());
  const command = commandOf(isHelp && about !== undefined ? about : word);
  const help = helpText(command, process.stdout.columns);
  if (isHelp) return print(help);
  const invocation = parse(command, rest);
  if (invocation.options['help'] === true) return print(help);
  refuseStrays(command, invocation);
  return command.run(invocation);
}

function commandOf(word: string): Command {
  const command = COMMANDS.find(({ name }) => name === word);
  if (command === undefined) throw new UsageError(unknownCommand(word));
  return command;
}

function parse(command: Command, args: readonly string[]): Invocation {
  const options = { ...command.options, help: { type: 'boolean', short: 'h' } } as const;
  try {
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
    return { positionals, options: values };
  } catch (error) {
    const reason = error instanceof Error ? error.message.split('. ')[0] : String(error);
    const unknown = /^Unknown option '(--[^']+)'/.exec(reason ?? '')?.[1];
    const all = Object.keys(options).map((name) => `--${name}`);
    const close = unknown === undefined ? undefined : nearest(unknown, all);
    const hint = close === undefined ? '' : ` Did you mean "${close}"?`;
    throw new UsageError(`${reason}.${hint}\nUsage: ${command.usage}`, { cause: error });
  }
}

/** A word that the command does not know, or one too many: what was typed must not be passed over. */
function refuseStrays({ name, usage, words, most }: Command, { positionals }: Invocation): void {
  const [first] = positionals;
  if (words !== undefined && first !== undefined && !words.includes(first)) {
    const close = nearest(first, words);
    const hint = close === undefined ? `It has ${words.join(', ')}.` : `Did you mean "${close}"?`;
    throw new UsageError(`${name} has no "${first}". ${hint}\nUsage: ${usage}`);
  }
  const stray = most === undefined ? undefined : positionals[most];
  if (stray !== undefined) throw new UsageError(`${name} takes no "${stray}".\nUsage: ${usage}`);
}

/** The usage behind what is wrong is folded to the terminal. */
function wrongCall(message: string): string {
  const [wrong, usage] = message.split('\nUsage: ');
  return usage === undefined ? message : `${wrong}\n${usageText(usage, process.stderr.columns)}`;
}

function unknownCommand(word: string): string {
  const names = COMMANDS.map(({ name }) => name);
  const close = nearest(word, [...names, '--help', '--version']);
  const hint = close === undefined ? `Commands: ${names.join(', ')}.` : `Did you mean "${close}"?`;
  return `there is no command "${word}". ${hint}`;
}

function overview(): string {
  const width = Math.max(...COMMANDS.map(({ name }) => name.length));
  const lines = COMMANDS.map(({ name, summary }) => `  azimuth ${name.padEnd(width)}  ${summary}`);
  return [
    `Azimuth ${VERSION}: answers Gateway API hostnames with the nearest healthy cluster's VIP.`,
    '',
    ...lines,
    '',
    'azimuth COMMAND --help tells of one; azimuth alone runs the demo.',
    '',
  ].join('\n');
}

function print(text: string): number {
  process.stdout.write(text);
  return EXIT.ok;
}

/** `azimuth … | head` closes the pipe: nothing more is wanted, and that is no fault. */
function endQuietlyWithoutReader(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit(EXIT.ok);
  });
}
