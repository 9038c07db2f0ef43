import { parseArgs, styleText } from 'node:util';
import { nearest } from '../core/desired/suggest.ts';
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
    if (error instanceof UsageError) {
      process.stderr.write(`${styleText('red', 'azimuth:', { stream: process.stderr })} ${error.message}\n`);
      return EXIT.usage;
    }
    const reason = listenAdvice(error) ?? (error instanceof Error ? error.message : String(error));
    process.stderr.write(`azimuth: ${reason}\n`);
    return EXIT.failed;
  }
}

async function dispatch(argv: readonly string[]): Promise<number> {
  const [word = 'demo', ...rest] = argv;
  if (word === '--help' || word === '-h' || word === 'help') return print(overview());
  if (word === '--version' || word === 'version') return print(`azimuth ${VERSION}\n`);
  const command = COMMANDS.find(({ name }) => name === word);
  if (command === undefined) throw new UsageError(unknownCommand(word));
  const invocation = parse(command, rest);
  if (invocation.options['help'] === true) return print(`${command.summary}\n\nUsage: ${command.usage}\n`);
  return command.run(invocation);
}

function parse(command: Command, args: readonly string[]): Invocation {
  const options = { ...command.options, help: { type: 'boolean', short: 'h' } } as const;
  try {
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
    return { positionals, options: values };
  } catch (error) {
    const reason = error instanceof Error ? error.message.split('. ')[0] : String(error);
    throw new UsageError(`${reason}.\nUsage: ${command.usage}`, { cause: error });
  }
}

function unknownCommand(word: string): string {
  const names = COMMANDS.map(({ name }) => name);
  const close = nearest(word, names);
  const hint = close === undefined ? `Commands: ${names.join(', ')}.` : `Did you mean "${close}"?`;
  return `there is no command "${word}". ${hint}`;
}

function overview(): string {
  const width = Math.max(...COMMANDS.map(({ usage }) => usage.length));
  const lines = COMMANDS.map(({ usage, summary }) => `  ${usage.padEnd(width)}  ${summary}`);
  return `Azimuth ${VERSION}: answers Gateway API hostnames with the nearest healthy cluster's VIP.\n\n${lines.join('\n')}\n`;
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
