import { execFile, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROOT } from '../../house/source-tree.ts';
import { createDesk, type Desk, isThere, SHELLS, scriptOf } from './completion-shells.ts';

const run = promisify(execFile);

let desk: Desk;
let commands: readonly string[];
beforeAll(async () => {
  desk = await createDesk();
  const help = (await run(process.execPath, [join(ROOT, 'src/main.ts'), 'help'])).stdout;
  commands = [...help.matchAll(/^ {2}azimuth (\w+)/gm)].map(([, name]) => name!);
});
afterAll(() => desk.close());

describe.each(SHELLS)('azimuth completion, in a real %s', (shell) => {
  const offers = async (line: string): Promise<readonly string[]> =>
    (await desk.offered(shell, `azimuth ${line}`)).toSorted();
  const all = async (lines: Readonly<Record<string, readonly string[]>>): Promise<void> => {
    for (const [line, wanted] of Object.entries(lines)) expect(await offers(line), line).toEqual(wanted);
  };

  it.skipIf(!isThere(shell))(`completes commands and their words (skipped without ${shell})`, async () => {
    expect(commands.length).toBeGreaterThan(15);
    expect((await offers('')).filter((each) => !each.startsWith('-'))).toEqual(commands.toSorted());
    await all({
      dr: ['drain', 'drill'],
      '-': ['--help', '--version'],
      'override ': ['clear', 'list', 'set'],
      'drill st': ['start', 'stop'],
      'rollout sw': ['switch', 'switch-back'],
      'completion ': ['bash', 'fish', 'zsh'],
    });
  });

  it.skipIf(!isThere(shell))(`completes options, also behind words (skipped without ${shell})`, async () => {
    await all({
      'drill start x --fa': ['--fail'],
      'override set x --except-': ['--except-cluster', '--except-gateway', '--except-hostname', '--except-team'],
      'explain a.example --fr': ['--from'],
      'status --js': ['--json'],
    });
  });

  it.skipIf(!isThere(shell))(`completes the choices of an option (skipped without ${shell})`, async () => {
    await all({
      'token new x --scope ': ['operate', 'push', 'read'],
      'plan --by q': ['queries'],
      'events --types r': ['rollout'],
      'explain a.example --type AA': ['AAAA'],
      'plan --by=q': ['queries'],
    });
  });

  it.skipIf(!isThere(shell))(
    `completes files where one can stand, and nowhere else (skipped without ${shell})`,
    async () => {
      const file = ['here.yaml'];
      await all({
        'run --config ': file,
        'run -c ': file,
        'run --config=he': file,
        'audit verify --directory ': file,
        'drill start ': file,
        'rollout start he': file,
        'drill stop ': [],
        'override set x --reason h': [],
        'drain h': [],
        'drain override s': [],
        'override list l': [],
        'nothing ': [],
      });
    },
  );

  it('says of every command and option (whatever shells there are)', async () => {
    const text = await scriptOf(shell);
    for (const word of [...commands, 'except-cluster', 'switch-back', 'config']) expect(text).toContain(word);
  });
});

describe('azimuth completion', () => {
  it('says which shells there are', () => {
    const failed = spawnSync(process.execPath, [join(ROOT, 'src/main.ts'), 'completion', 'tcsh'], { encoding: 'utf8' });
    expect([failed.status, failed.stderr]).toEqual([2, expect.stringContaining('bash|zsh|fish')]);
  });

  it.skipIf(!isThere('zsh'))('is a file of the function path of zsh as well (skipped without zsh)', async () => {
    const text = await scriptOf('zsh');
    const program =
      'eval "$1"; function _arguments() { print -r -- "$words[1]" }; words=(azimuth plan x) CURRENT=3; _azimuth';
    const autoloaded = await run('zsh', ['-f', '-c', program, 'zsh', `_azimuth() { ${text} }; compdef() { }`]);
    expect(autoloaded.stdout).toBe('plan\n');
  });
});
