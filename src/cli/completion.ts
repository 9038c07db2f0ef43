import { type Command, EXIT, type Invocation, UsageError } from './command.ts';
import { bashScript, fishScript, zshScript } from './completion-scripts.ts';

const SHELLS = { bash: bashScript, zsh: zshScript, fish: fishScript } as const;

/** `azimuth completion`: a script that completes commands and options in a shell. `commands`: all there are. */
export function completionCommand(commands: () => readonly Command[]): Command {
  const usage = 'azimuth completion bash|zsh|fish';
  return {
    name: 'completion',
    usage,
    summary: 'print what completes commands and options in a shell',
    words: Object.keys(SHELLS),
    options: {},
    run: async ({ positionals: [shell, more] }: Invocation) => {
      if (more !== undefined || (shell !== 'bash' && shell !== 'zsh' && shell !== 'fish')) {
        throw new UsageError(`completion needs the name of a shell.\nUsage: ${usage}`);
      }
      process.stdout.write(SHELLS[shell](commands()));
      return EXIT.ok;
    },
  };
}
