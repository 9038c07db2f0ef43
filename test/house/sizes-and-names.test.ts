import { describe, expect, it } from 'vitest';
import { sourceFiles, withoutComments } from './source-tree.ts';

const files = sourceFiles('src');

describe('sizes of the house', () => {
  it('no file is over 400 lines', () => {
    expect(files.filter((file) => file.lines > 400).map((file) => `${file.path}: ${file.lines}`)).toEqual([]);
  });

  it('at most one file in twelve is over 250 lines', () => {
    const large = files.filter((file) => file.lines > 250).map((file) => `${file.path}: ${file.lines}`);
    expect(large.length, large.join('\n')).toBeLessThanOrEqual(files.length / 12);
  });

  it('the median is at most 110 lines', () => {
    const sorted = files.map((file) => file.lines).toSorted((a, b) => a - b);
    expect(sorted[Math.floor(sorted.length / 2)]).toBeLessThanOrEqual(110);
  });
});

describe('names and manners', () => {
  it('no file hides behind an empty word', () => {
    const empty = /(^|[/-])(utils?|common|helpers?|manager|misc|shared)([/.-]|$)/;
    expect(files.filter((file) => empty.test(file.path)).map((file) => file.path)).toEqual([]);
  });

  it('no any, no default export, no enum, no suppressed check', () => {
    const rude =
      /:\s*any\b|\bas any\b|^export default|^\s*(export )?(const )?enum |@ts-(ignore|nocheck|expect-error)|biome-ignore|oxlint-disable/m;
    expect(files.filter((file) => rude.test(withoutComments(file.text))).map((file) => file.path)).toEqual([]);
  });

  it('every exported function, constant and type has a docstring', () => {
    const bare = files.flatMap((file) => undocumented(file.text).map((line) => `${file.path}:${line}`));
    expect(bare).toEqual([]);
  });
});

/** Numbers of the lines that export a declaration without a comment right above. */
function undocumented(text: string): readonly number[] {
  const lines = text.split('\n');
  const found: number[] = [];
  for (const [index, line] of lines.entries()) {
    if (!/^export (async )?(function|const|type|interface) /.test(line)) continue;
    if (!lines[index - 1]?.trimEnd().endsWith('*/')) found.push(index + 1);
  }
  return found;
}
