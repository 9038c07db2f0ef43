import { execFile, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../../house/source-tree.ts';

const run = promisify(execFile);
const shells = ['bash', 'zsh', 'fish'] as const;
const isThere = (shell: string): boolean => spawnSync(shell, ['-c', 'exit 0']).error === undefined;

async function script(shell: string): Promise<string> {
  return (await run(process.execPath, [join(ROOT, 'src/main.ts'), 'completion', shell])).stdout;
}

/** What bash offers for the last of these words, with the script loaded as its first line says. */
async function offered(...words: readonly string[]): Promise<readonly string[]> {
  const line = ['azimuth', ...words];
  const ask = `COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _azimuth; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const program = `${await script('bash')}\n${ask}`;
  const { stdout } = await run('bash', ['--norc', '-c', program, 'bash', ...line]);
  return stdout.split('\n').filter((each) => each !== '');
}

describe('azimuth completion', () => {
  it.runIf(isThere('bash'))('completes commands, words and options in bash', async () => {
    const help = (await run(process.execPath, [join(ROOT, 'src/main.ts'), 'help'])).stdout;
    const commands = [...help.matchAll(/^ {2}azimuth \[?(\w+)/gm)].map(([, name]) => name!);
    expect(await offered('')).toEqual([...commands, '--help', '--version']);
    expect(await offered('dr')).toEqual(expect.arrayContaining(['drain']));
    expect(await offered('override', '')).toEqual(['list', 'set', 'clear']);
    expect(await offered('override', 's')).toEqual(['set']);
    expect(await offered('override', 'set', 'x', '--except-')).toEqual([
      '--except-cluster',
      '--except-gateway',
      '--except-hostname',
      '--except-team',
    ]);
    expect(await offered('rollout', 'sw')).toEqual(['switch', 'switch-back']);
    expect(await offered('explain', 'a.example', '--fr')).toEqual(['--from']);
    expect(await offered('completion', '')).toEqual([...shells]);
  });

  it.runIf(isThere('bash'))('leaves values to the user, and files to the shell', async () => {
    expect(await offered('override', 'set', 'x', '--reason', 'c')).toEqual([]);
    expect(await offered('run', '--config', '')).toEqual([]);
    expect(await offered('run', '-c', '')).toEqual([]);
    expect(await offered('nothing', '')).toEqual([]);
  });

  it.each(shells)('is a script that %s can read, of all commands and options', async (shell) => {
    const text = await script(shell);
    for (const word of ['override', 'except-cluster', 'switch-back', 'config']) expect(text).toContain(word);
    if (!isThere(shell)) return;
    const { stderr } = spawnSync(shell, ['-n'], { input: text, encoding: 'utf8' });
    expect(stderr).toBe('');
  });

  it('says which shells there are', async () => {
    const failed = spawnSync(process.execPath, [join(ROOT, 'src/main.ts'), 'completion', 'tcsh'], { encoding: 'utf8' });
    expect([failed.status, failed.stderr]).toEqual([2, expect.stringContaining('bash|zsh|fish')]);
  });
});
