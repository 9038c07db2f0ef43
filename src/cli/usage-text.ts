/** Usage as a person reads it: a line for each form of a command, folded to the width of the terminal. */
import type { Command } from './command.ts';

/** Where the output is no terminal, or one that does not tell its size; in characters. */
const DEFAULT_WIDTH = 100;

const HEAD = 'Usage: ';
const UNDER_HEAD = ' '.repeat(HEAD.length);

/** The usage of a command as it is written in one line, ` | ` between its forms. `columns`: of the terminal, where there is one. */
export function usageText(usage: string, columns?: number): string {
  const width = columns || DEFAULT_WIDTH;
  const [first = '', ...others] = usage.split(' | ');
  const name = usage.split(' ').slice(0, 2).join(' ');
  return [folded(HEAD, first, width), ...others.map((form) => folded(UNDER_HEAD, `${name} ${form}`, width))].join('\n');
}

/** What `--help` prints. */
export function helpText({ summary, usage, options }: Command, columns?: number): string {
  const whom =
    'Which director, and who asks (docs/cli.md): --config, --admin, --ca, --cert, --key, AZIMUTH_ADMIN_TOKEN.';
  return `${summary}\n\n${usageText(usage, columns)}\n${'admin' in options ? `\n${whom}\n` : ''}`;
}

/** At blanks, but not within brackets: an option stays with its value. */
function folded(head: string, text: string, width: number): string {
  const [first = '', ...words] = text.match(/\[[^\]]*\]\S*|\S+/g) ?? [];
  const lines: string[] = [];
  let line = head + first;
  for (const word of words) {
    if (line.length + 1 + word.length <= width) {
      line += ` ${word}`;
      continue;
    }
    lines.push(line);
    line = `${UNDER_HEAD}  ${word}`;
  }
  return [...lines, line].join('\n');
}
