import { sourceFiles } from './source-tree.ts';

/** A constant that bounds something: its value as written, and what the comment above it says. */
export type Limit = { readonly name: string; readonly value: string; readonly file: string; readonly meaning: string };

const NAMES = /^(?:MAX|MIN|LONGEST|DEFAULT|TCP|UDP|COOKIE)_\w+$|(?<!^DAY)_(?:MS|S|SECONDS|LIMIT|SAMPLE)$/;
/** Files whose constants are a layout or a protocol's numbers, not choices of ours. */
const NOT_CHOICES = ['src/core/snapshot/layout.ts', 'src/dns/wire.ts'];

/** Every limit of src, by file and in the order of the file. */
export function limits(): readonly Limit[] {
  return sourceFiles('src')
    .filter(({ path }) => !NOT_CHOICES.includes(path))
    .flatMap(({ path, text }) => limitsOf(path, text.split('\n')));
}

/** `docs/limits.md`. */
export function limitsMarkdown(): string {
  const rows = limits().map(
    ({ name, value, file, meaning }) => `| \`${name}\` | ${value} | ${meaning} | \`${file}\` |`,
  );
  return [
    '# Limits',
    '',
    'Every bound that Azimuth keeps, collected from the constants of the source with the comment above each. What can be',
    'configured has its bounds in [configuration.md](configuration.md) and [annotations.md](annotations.md) as well.',
    'Write it anew with `npm run docs`; a test compares the two.',
    '',
    '| name | value | what it bounds | where |',
    '|---|---|---|---|',
    ...rows,
    '',
  ].join('\n');
}

function limitsOf(file: string, lines: readonly string[]): readonly Limit[] {
  return lines.flatMap((line, index) => {
    const found = /^(?:export )?const ([A-Z][A-Z0-9_]+) = ([\d][^;]*);$/.exec(line);
    const [, name = '', value = ''] = found ?? [];
    if (found === null || !NAMES.test(name)) return [];
    return [{ name, value: value.replaceAll('_', ''), file, meaning: commentAbove(lines, index) }];
  });
}

/** The comment that ends right above a line, as one line of text for a table. */
function commentAbove(lines: readonly string[], index: number): string {
  const end = index - 1;
  const last = lines[end]?.trim() ?? '';
  if (last.startsWith('//')) return last.slice(2).trim();
  if (!last.endsWith('*/')) return '';
  let start = end;
  while (start > 0 && !lines[start]!.trim().startsWith('/**')) start--;
  const text = lines.slice(start, end + 1).map((line) =>
    line
      .trim()
      .replace(/^\/?\*+\/?|\*\/$/g, '')
      .trim(),
  );
  return text.join(' ').replaceAll('|', '\\|').trim();
}
