import { stripVTControlCharacters } from 'node:util';

/** A cell's text may hold colour codes; they do not count as width. */
export type Row = readonly string[];

/** Rows in aligned columns, two spaces apart, without trailing blanks; the first row is the head. */
export function textTable(rows: readonly Row[]): string {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [column, cell] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, width(cell));
  }
  return rows.map((row) => line(row, widths)).join('\n');
}

function line(row: Row, widths: readonly number[]): string {
  return row
    .map((cell, column) => cell + ' '.repeat(Math.max(0, (widths[column] ?? 0) - width(cell))))
    .join('  ')
    .trimEnd();
}

function width(cell: string): number {
  return stripVTControlCharacters(cell).length;
}
