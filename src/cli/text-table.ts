import { stripVTControlCharacters } from 'node:util';

/** A cell's text may hold colour codes; they do not count as width. */
export type Row = readonly string[];

/** Between two columns, in characters. */
const GAP = 2;
/** Columns are not made narrower than this, in characters; a terminal that is narrower still breaks lines by itself. */
const MIN_COLUMN = 4;

/**
 * Rows in aligned columns, two spaces apart, without trailing blanks; the first row is the head. Where they are wider than
 * `within` (in characters: that of the terminal, endless where there is none) the widest cells are broken into lines.
 */
export function textTable(rows: readonly Row[], within = process.stdout.columns || Number.POSITIVE_INFINITY): string {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [column, cell] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, widthOf(cell));
  }
  const fitting = narrowed(rows, widths, within);
  return rows.flatMap((row) => linesOf(row, fitting)).join('\n');
}

/** Takes from the widest column as long as all are too wide together: words last, and those of the first column at the very last. */
function narrowed(rows: readonly Row[], widths: readonly number[], within: number): readonly number[] {
  const words = widths.map((_, column) => Math.max(...rows.map((row) => longestWord(row[column] ?? ''))));
  const stages = [words, words.map((word, column) => (column === 0 ? word : MIN_COLUMN)), words.map(() => MIN_COLUMN)];
  const next = [...widths];
  let over = next.reduce((sum, width) => sum + width, GAP * (next.length - 1)) - within;
  for (const least of stages) {
    for (; over > 0; over -= 1) {
      const spare = next.map((width, column) => (width > (least[column] ?? 0) ? width : 0));
      const widest = spare.indexOf(Math.max(...spare));
      if ((spare[widest] ?? 0) === 0) break;
      next[widest] = (next[widest] ?? 0) - 1;
    }
  }
  return over > 0 ? widths : next;
}

function longestWord(cell: string): number {
  return Math.max(
    ...stripVTControlCharacters(cell)
      .split(' ')
      .map(({ length }) => length),
  );
}

function linesOf(row: Row, widths: readonly number[]): readonly string[] {
  const cells = row.map((cell, column) => broken(cell, widths[column] ?? 0));
  const height = Math.max(1, ...cells.map(({ length }) => length));
  return Array.from({ length: height }, (_, line) =>
    cells
      .map((parts, column) => padded(parts[line] ?? '', widths[column] ?? 0))
      .join(' '.repeat(GAP))
      .trimEnd(),
  );
}

function padded(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - widthOf(text)));
}

/** A cell in lines: at blanks where there are any. One that is broken loses its colours, which would run into the next column. */
function broken(cell: string, width: number): readonly string[] {
  if (widthOf(cell) <= width) return [cell];
  const lines: string[] = [];
  let rest = stripVTControlCharacters(cell);
  while (rest.length > width) {
    const blank = rest.lastIndexOf(' ', width);
    const at = blank > 0 ? blank : width;
    lines.push(rest.slice(0, at));
    rest = rest.slice(at).trimStart();
  }
  return [...lines, rest];
}

function widthOf(cell: string): number {
  return stripVTControlCharacters(cell).length;
}
