import type { Command } from './command.ts';

/** Options whose value is a file or a folder. */
const FILE_OPTIONS = ['config', 'present', 'ca', 'cert', 'key', 'directory'];

/** What can stand in the place of a command. */
const FIRST_OPTIONS = ['--help', '--version'];

/** One option of a command, as the shell sees it: what its value is, or what it can be. */
type Flag = {
  readonly long: string;
  readonly short: string | undefined;
  readonly value: 'none' | 'file' | 'text' | readonly string[];
};

function flagsOf({ options, choices = {} }: Command): readonly Flag[] {
  const own = Object.entries(options).map(([long, { type, short }]): Flag => {
    const value = FILE_OPTIONS.includes(long) ? 'file' : (choices[long] ?? 'text');
    return { long, short, value: type === 'boolean' ? 'none' : value };
  });
  return [...own, { long: 'help', short: 'h', value: 'none' }];
}

/** For bash 4.4 or later. Where a file can stand nothing is offered, so that bash itself completes files. */
export function bashScript(commands: readonly Command[]): string {
  const all = commands.flatMap(flagsOf);
  const files = new Set(all.filter(({ value }) => value === 'file').flatMap(spellings));
  const texts = new Set(all.filter(({ value }) => value === 'text').flatMap(spellings));
  const cases = commands.map((command) => {
    const options = flagsOf(command).map(({ long }) => `--${long}`);
    const words = (command.words ?? []).join(' ');
    return `    ${command.name}) words='${words}' options='${options.join(' ')}' files='${(command.fileAfter ?? []).join(' ')}' ;;`;
  });
  return `# Completes azimuth in bash: source <(azimuth completion bash)
_azimuth() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} words='' options='' files=''
  COMPREPLY=()
  # bash takes --option=value apart.
  [[ $cur == = ]] && cur=''
  [[ $prev == = ]] && prev=\${COMP_WORDS[COMP_CWORD-2]}
  case $prev in
    ${[...files].join('|')}) return ;;
  esac
  compopt +o default 2>/dev/null
  if ((COMP_CWORD == 1)); then
    mapfile -t COMPREPLY < <(compgen -W '${[...names(commands), ...FIRST_OPTIONS].join(' ')}' -- "$cur")
    return
  fi
  case \${COMP_WORDS[1]}:$prev in
${commands.flatMap(bashChoices).join('\n')}
  esac
  case $prev in
    ${[...texts].join('|')}) return ;;
  esac
  case \${COMP_WORDS[1]} in
${cases.join('\n')}
  esac
  if [[ $cur == -* ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$options" -- "$cur")
  elif ((COMP_CWORD == 2)); then
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
  elif ((COMP_CWORD == 3)) && [[ " $files " == *" $prev "* ]]; then
    compopt -o default 2>/dev/null
  fi
}
complete -o default -F _azimuth azimuth
`;
}

function bashChoices(command: Command): readonly string[] {
  return flagsOf(command).flatMap((flag) => {
    if (typeof flag.value === 'string') return [];
    const places = spellings(flag).map((spelling) => `${command.name}:${spelling}`);
    const reply = `mapfile -t COMPREPLY < <(compgen -W '${flag.value.join(' ')}' -- "$cur"); return`;
    return [`    ${places.join('|')}) ${reply} ;;`];
  });
}

/** For zsh with its completion system (compinit): to be sourced, or a file of its function path. */
export function zshScript(commands: readonly Command[]): string {
  const described = commands.map(({ name, summary }) => `    ${single(`${name}:${summary}`)}`);
  const cases = commands.map((command) => {
    const { words, fileAfter } = command;
    const first = words === undefined ? [] : [single(`1:what:(${words.join(' ')})`)];
    const file =
      fileAfter === undefined ? [] : [single(`2:file:{ [[ $words[2] == (${fileAfter.join('|')}) ]] && _files }`)];
    // Without the last one no options are offered behind a word that is not described.
    const all = [...flagsOf(command).flatMap(zshFlag), ...first, ...file, single('*:argument: ')];
    return `    ${command.name}) _arguments ${all.join(' ')} ;;`;
  });
  return `#compdef azimuth
# Completes azimuth in zsh: source <(azimuth completion zsh)
_azimuth() {
  local -a commands=(
${described.join('\n')}
  )
  if ((CURRENT == 2)); then
    if [[ $PREFIX == -* ]]; then
      compadd -- ${FIRST_OPTIONS.join(' ')}
    else
      _describe command commands
    fi
    return
  fi
  local command=$words[2]
  shift words
  ((CURRENT--))
  case $command in
${cases.join('\n')}
  esac
}
if [[ $funcstack[1] == _azimuth ]]; then
  _azimuth "$@"
else
  compdef _azimuth azimuth
fi
`;
}

/** For fish 3.4 or later. */
export function fishScript(commands: readonly Command[]): string {
  const lines = commands.flatMap((command) => {
    const { name, summary, words, fileAfter = [] } = command;
    const flags = flagsOf(command).map(({ long, short, value }) => {
      const given = short === undefined ? `-l ${long}` : `-l ${long} -s ${short}`;
      return `complete -c azimuth -n '__azimuth_in ${name}' ${given}${fishValue(value)}`;
    });
    return [
      `complete -c azimuth -n __azimuth_in -a ${name} -d ${single(summary)}`,
      ...(words === undefined
        ? []
        : [`complete -c azimuth -n '__azimuth_behind ${name}' -a ${single(words.join(' '))}`]),
      ...fileAfter.map((word) => `complete -c azimuth -n '__azimuth_behind ${name} ${word}' -F`),
      ...flags,
    ];
  });
  const first = FIRST_OPTIONS.map((option) => `complete -c azimuth -n __azimuth_in -l ${option.slice(2)}`);
  return `# Completes azimuth in fish: azimuth completion fish | source
# Whether the command of this name is given; without a name: whether none is.
function __azimuth_in
  set -l tokens (commandline -opc)
  test "$tokens[2]" = "$argv[1]"
end
# Whether these words, and nothing else, stand in front.
function __azimuth_behind
  set -l tokens (commandline -opc)
  test "$tokens[2..-1]" = "$argv"
end
complete -c azimuth -f
${[...first, ...lines].join('\n')}
`;
}

function fishValue(value: Flag['value']): string {
  if (typeof value !== 'string') return ` -x -a ${single(value.join(' '))}`;
  return { none: '', file: ' -r -F', text: ' -x' }[value];
}

function names(commands: readonly Command[]): readonly string[] {
  return commands.map(({ name }) => name);
}

function spellings({ long, short }: Pick<Flag, 'long' | 'short'>): readonly string[] {
  return short === undefined ? [`--${long}`] : [`--${long}`, `-${short}`];
}

function zshFlag(flag: Flag): readonly string[] {
  const { value } = flag;
  const what =
    typeof value === 'string'
      ? { none: '', file: ':file:_files', text: ':text: ' }[value]
      : `:word:(${value.join(' ')})`;
  // Some may come several times. A long one takes its value behind `=` as well.
  return spellings(flag).map((spelling) => {
    const form = value !== 'none' && spelling.startsWith('--') ? `${spelling}=` : spelling;
    return single(`*${form}${what}`);
  });
}

/** In single quotes, in which nothing is special but they themselves. */
function single(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
