import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { textTable } from '../../../src/cli/text-table.ts';

const ROWS = [
  ['NAME', 'STATE', 'WHY'],
  ['eu-west-prod', 'up', 'a short word and some more of them'],
];

describe('a table', () => {
  it('is in columns, and as wide as it is where nothing bounds it', () => {
    const wide = 'NAME          STATE  WHY\neu-west-prod  up     a short word and some more of them';
    expect(textTable(ROWS)).toBe(wide);
    expect(textTable(ROWS, 55)).toBe(wide);
  });

  it('breaks the widest cells at blanks where the terminal is narrower, and words last', () => {
    expect(textTable(ROWS, 34)).toBe(
      'NAME          STATE  WHY\neu-west-prod  up     a short word\n                     and some more\n                     of them',
    );
    const names = textTable([['NAME'], ['eu-west-prod']], 8);
    expect(names).toBe('NAME\neu-west-\nprod');
  });

  it('leaves it to a terminal for which no table is narrow enough', () => {
    expect(textTable(ROWS, 10)).toBe(textTable(ROWS));
  });

  it('keeps colours out of the width, and whole cells in their colour', () => {
    const red = '\u001b[31mdown\u001b[39m';
    expect(textTable([[red, 'x']])).toBe(`${red}  x`);
    expect(textTable([['\u001b[31mdown and out\u001b[39m']], 8)).toBe('down and\nout');
  });

  it('loses no word and is never wider than asked for, as long as there is room for its columns', () => {
    const cell = fc.stringMatching(/^[a-z]{0,12}( [a-z]{1,12}){0,4}$/);
    const table = fc.array(fc.tuple(cell, cell, cell), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(table, fc.integer({ min: 16, max: 80 }), (rows, within) => {
        const text = textTable(rows, within);
        expect(Math.max(...text.split('\n').map(({ length }) => length))).toBeLessThanOrEqual(within);
        const letters = (of: string): string => of.replaceAll(/\s/g, '').split('').toSorted().join('');
        expect(letters(text)).toBe(letters(rows.flat().join('')));
      }),
    );
  });
});
