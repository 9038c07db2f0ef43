import { describe, expect, it } from 'vitest';
import { LOG_EVENTS } from '../../src/core/log-events.ts';
import { sourceFiles, withoutComments } from './source-tree.ts';

const files = sourceFiles('src').map(({ path, text }) => ({ path, text: withoutComments(text) }));
const pathsOf = (wrong: (file: { path: string; text: string }) => boolean) =>
  files.filter(wrong).map(({ path }) => path);

describe('the log', () => {
  it('is written by src/log alone', () => {
    const free = /from 'pino'|\bconsole\.(log|info|warn|error|debug)\(/;
    expect(pathsOf(({ path, text }) => !path.startsWith('src/log/') && free.test(text))).toEqual([]);
  });

  it('the rooms do not write to the terminal: that is for commands', () => {
    const terminal = /process\.(stdout|stderr)\.write/;
    expect(pathsOf(({ path, text }) => !path.startsWith('src/cli/') && terminal.test(text))).toEqual([]);
  });

  it('every event of the table is written somewhere', () => {
    const elsewhere = files.filter(({ path }) => path !== 'src/core/log-events.ts').map(({ text }) => text);
    // As a whole, or put together from its beginning: `drill-${order}`.
    const forms = (code: string) => [`'${code}'`, `\`${code.replace(/-[a-z]+$/, '')}-\${`];
    const unused = Object.keys(LOG_EVENTS).filter(
      (code) => !elsewhere.some((text) => forms(code).some((form) => text.includes(form))),
    );
    expect(unused).toEqual([]);
  });
});
