import type { Command } from './command.ts';

/** Options whose value is a file or a folder. */
const FILE_OPTIONS = ['config', 'present', 'ca', 'cert', 'key', 'directory'];

/** One option of a command, as the shell sees it. */
type Flag = { readonly long: string; readonly short: string | undefined; readonly value: 'none' | 'file' | 'text' };

function flagsOf({ options }: Command): readonly Flag[] {
  const own = Object.entries(options).map(([long, { type, short }]): Flag => {
    const value = FILE_OPTIONS.includes(long) ? 'file' : 'text';
    return { long, short, value: type === 'boolean' ? 'none' : value };
  });
  return [...own, { long: 'help', short: 'h', value: 'none' }];
}

/** For bash 4.4 or later. Values of options, and what else is not known here, are completed as files. */
export function bashScript(commands: readonly Command[]): string {
  const valued = new Set(
    commands.flatMap((command) => flagsOf(command).filter(({ value }) => value !== 'none')).flatMap(spellings),
  );
  const cases = commands.map((command) => {
    const options = flagsOf(command).map(({ long }) => `--${long}`);
    return `    ${command.name}) words='${(command.words ?? []).join(' ')}' options='${options.join(' ')}' ;;`;
  });
  return `# Completes azimuth in bash: source <(azimuth completion bash)
_azimuth() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} words='' options=''
  COMPREPLY=()
  if ((COMP_CWORD == 1)); then
    mapfile -t COMPREPLY < <(compgen -W '${names(commands).join(' ')} --help --version' -- "$cur")
    return
  fi
  case $prev in
    ${[...valued].join('|')}) return ;;
  esac
  case \${COMP_WORDS[1]} in
${cases.join('\n')}
  esac
  if [[ $cur == -* ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$options" -- "$cur")
  elif ((COMP_CWORD == 2)); then
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
  fi
}
complete -o default -F _azimuth azimuth
`;
}

/** For zsh with its completion system (compinit). */
export function zshScript(commands: readonly Command[]): string {
  const described = commands.map(({ name, summary }) => `    ${single(`${name}:${summary}`)}`);
  const cases = commands.map((command) => {
    const first = command.words === undefined ? [] : [single(`1:what:(${command.words.join(' ')})`)];
    const all = [...flagsOf(command).flatMap(zshFlag), ...first, single('*:file:_files')];
    return `    ${command.name}) _arguments ${all.join(' ')} ;;`;
  });
  return `#compdef azimuth
# Completes azimuth in zsh: source <(azimuth completion zsh)
_azimuth() {
  local -a commands=(
${described.join('\n')}
  )
  if ((CURRENT == 2)); then
    _describe command commands
    return
  fi
  local command=$words[2]
  shift words
  ((CURRENT--))
  case $command in
${cases.join('\n')}
  esac
}
compdef _azimuth azimuth
`;
}

/** For fish. */
export function fishScript(commands: readonly Command[]): string {
  const lines = commands.flatMap((command) => {
    const seen = `-n '__fish_seen_subcommand_from ${command.name}'`;
    const words =
      command.words === undefined ? [] : [`complete -c azimuth ${seen} -a ${single(command.words.join(' '))}`];
    const flags = flagsOf(command).map(({ long, short, value }) => {
      const needs = { none: '', file: ' -r -F', text: ' -x' }[value];
      return `complete -c azimuth ${seen} -l ${long}${short === undefined ? '' : ` -s ${short}`}${needs}`;
    });
    return [
      `complete -c azimuth -n __fish_use_subcommand -f -a ${command.name} -d ${single(command.summary)}`,
      ...words,
      ...flags,
    ];
  });
  return `# Completes azimuth in fish: azimuth completion fish | source\n${lines.join('\n')}\n`;
}

function names(commands: readonly Command[]): readonly string[] {
  return commands.map(({ name }) => name);
}

function spellings({ long, short }: Flag): readonly string[] {
  return short === undefined ? [`--${long}`] : [`--${long}`, `-${short}`];
}

function zshFlag(flag: Flag): readonly string[] {
  const value = { none: '', file: ':file:_files', text: ':text: ' }[flag.value];
  // Some may come several times.
  return spellings(flag).map((spelling) => single(`*${spelling}${value}`));
}

/** In single quotes, in which nothing is special but they themselves. */
function single(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
