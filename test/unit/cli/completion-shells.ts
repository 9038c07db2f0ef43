import { execFile, spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ROOT } from '../../house/source-tree.ts';

const run = promisify(execFile);

/** The shells that there are scripts for. */
export const SHELLS = ['bash', 'zsh', 'fish'] as const;

/** One of them. */
export type Shell = (typeof SHELLS)[number];

/** Whether this machine has it. */
export function isThere(shell: Shell): boolean {
  return spawnSync(shell, ['-c', 'exit 0']).error === undefined;
}

/** What `azimuth completion` prints. */
export async function scriptOf(shell: Shell): Promise<string> {
  return (await run(process.execPath, [join(ROOT, 'src/main.ts'), 'completion', shell])).stdout;
}

/** A folder with `here.yaml` in it and the scripts in another one, and what a shell offers there for a line up to the cursor. */
export type Desk = { offered(shell: Shell, line: string): Promise<readonly string[]>; close(): Promise<void> };

/** Makes the folders; scripts are printed when they are needed first. */
export async function createDesk(): Promise<Desk> {
  const [folder, scripts] = [
    await mkdtemp(join(tmpdir(), 'azimuth-desk-')),
    await mkdtemp(join(tmpdir(), 'azimuth-sh-')),
  ];
  await writeFile(join(folder, 'here.yaml'), '');
  const files = new Map<Shell, Promise<string>>();
  const write = async (shell: Shell): Promise<string> => {
    const file = join(scripts, `azimuth.${shell}`);
    await writeFile(file, await scriptOf(shell));
    return file;
  };
  return {
    async offered(shell, line) {
      const file = files.get(shell) ?? write(shell);
      files.set(shell, file);
      const env = { ...process.env, HOME: scripts, XDG_CONFIG_HOME: scripts, XDG_DATA_HOME: scripts, TERM: 'xterm' };
      const { stdout } = await run(shell, [...ASK[shell], await file, line], { cwd: folder, env });
      const offers = stdout.split('\n').map((each) =>
        each
          .split('\t')[0]!
          .replace(/^--[a-z]+=/, '')
          .trimEnd(),
      );
      return offers.filter((each) => each !== '');
    },
    async close() {
      await rm(folder, { recursive: true });
      await rm(scripts, { recursive: true });
    },
  };
}

/**
 * As readline does it: the words of the line, the function, and files where nothing came of it and the function did not turn
 * that off. `complete -o default` is what turns it on.
 */
const BASH = `
source "$1"
[[ $(complete -p azimuth) == *'-o default'* ]] && fallback=on
compopt() { [[ "$*" == '+o default' ]] && fallback=off; [[ "$*" == '-o default' ]] && fallback=on; }
read -ra COMP_WORDS <<< "\${2//=/ = }"
[[ $2 == *' ' ]] && COMP_WORDS+=('')
COMP_CWORD=$((\${#COMP_WORDS[@]} - 1))
_azimuth
if ((\${#COMPREPLY[@]})); then printf '%s\\n' "\${COMPREPLY[@]}"
elif [[ $fallback == on ]]; then compgen -f -- "\${COMP_WORDS[COMP_CWORD]}"
fi
true`;

/** Types the line and a tab into an interactive zsh in a terminal of its own, in which every offer is noted on its way. */
const ZSH = `
zmodload zsh/zpty
setup=$HOME/setup.$$ told=$HOME/told.$$
: > $told
cat > $setup <<'SETUP'
PROMPT= RPROMPT=
autoload -Uz compinit
compinit -u -D
bindkey '^I' complete-word
zstyle ':completion:*' insert-tab false
compadd() {
  local -a offers
  if [[ \${@[1,(i)(-|--)]} != *-(O|A|D)\\ * ]]; then
    builtin compadd -O offers "$@"
    (( $#offers )) && print -rl -- "\${offers[@]}" >> $TOLD
  fi
  builtin compadd "$@"
}
finish() { print -r -- /done >> $TOLD; exit }
comppostfuncs=(finish)
SETUP
wait_for() {
  for ((i = 0; i < 400; i++)); do
    [[ $(tail -n 1 $told) == $1 ]] && return
    zpty -r -t shell > /dev/null
    sleep 0.05
  done
  print -u2 "zsh never got to $1"
  exit 1
}
zpty shell zsh -f -i
zpty -w shell "TOLD=$told; source $setup; source $1; print /ready >> $told"
wait_for /ready
zpty -w -n shell "$2"$'\\t'
wait_for /done
zpty -d shell
grep -v '^/' $told
rm -f $setup $told
true`;

const FISH = 'source $argv[1]; complete -C $argv[2]';

/** How a shell is asked; the script's file and the line are its last arguments. */
const ASK: Readonly<Record<Shell, readonly string[]>> = {
  bash: ['--norc', '-c', BASH, 'bash'],
  zsh: ['-f', '-c', ZSH, 'zsh'],
  fish: ['--no-config', '-c', FISH, '--'],
};
