import { loadConfig } from '../config/load.ts';
import { type Command, EXIT, type Invocation, textOption, UsageError } from './command.ts';
import { configText } from './config-text.ts';

/** `azimuth run`: the director on a configuration, until it is told to stop. */
export const runDirectorCommand: Command = {
  name: 'run',
  usage: 'azimuth run --config FILE',
  summary: 'run the director until SIGINT or SIGTERM',
  most: 0,
  options: { config: { type: 'string', short: 'c' } },
  run: runDirector,
};

async function runDirector(invocation: Invocation): Promise<number> {
  const file = textOption(invocation, 'config');
  if (file === undefined) throw new UsageError('"azimuth run" needs --config FILE. "npm start" alone runs the demo.');
  const loaded = await loadConfig(file, process.env);
  if (loaded.kind === 'invalid') throw new UsageError(configText(loaded.problems));
  // The rooms are loaded only by the commands that need them: the others answer in a tenth of the time.
  const { runSession } = await import('./session.ts');
  await runSession(loaded.config, loaded.findings);
  return EXIT.ok;
}
