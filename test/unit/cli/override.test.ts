import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEFAULT_SAFETY } from '../../../src/core/plan/safety.ts';
import { ROOT } from '../../house/source-tree.ts';
import { OPERATE, READ } from '../admin/admin-fixture.ts';
import { type OverrideWorld, SHOP, startWorld } from '../admin/override-world.ts';

let world: OverrideWorld;
beforeAll(async () => {
  world = await startWorld({ safety: { ...DEFAULT_SAFETY, maxMoved: 0.5 } });
});
afterAll(() => world.stop());

type Ended = { readonly code: number; readonly stdout: string; readonly stderr: string };

/** Runs a command as a user does. */
async function azimuth(args: readonly string[], token = OPERATE): Promise<Ended> {
  const [name = '', ...rest] = args;
  const command = [join(ROOT, 'src/main.ts'), name, '--admin', `http://127.0.0.1:${world.admin.port}`, ...rest];
  const env = { ...process.env, AZIMUTH_ADMIN_TOKEN: token, NO_COLOR: '1' };
  const { promise, resolve } = Promise.withResolvers<Ended>();
  execFile(process.execPath, command, { env, cwd: ROOT }, (error, stdout, stderr) => {
    resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
  });
  return promise;
}

const set = (name: string, ...args: readonly string[]) => azimuth(['override', 'set', name, ...args]);
const REASON = ['--reason', 'kernel update'];

describe('azimuth override', () => {
  it('sets, lists, shows in status and explain, and clears', async () => {
    expect(await azimuth(['override'])).toEqual({ code: 0, stdout: 'There is no override.\n', stderr: '' });
    const scope = [
      '--cluster',
      'eu*',
      '--cluster',
      'u?',
      '--hostname',
      '*',
      '--except-cluster',
      'us',
      '--except-hostname',
      'pay*',
    ];
    const done = await set('work', ...scope, '--down', '--for', '2h', ...REASON);
    expect(done).toMatchObject({ code: 0, stderr: '' });
    expect(done.stdout).toMatch(
      /work {2}down {4}clusters eu\*, u\?; hostnames \* but clusters us; hostnames pay\* {2}in-force {2}2 endpoints, 2 hostnames {2}until 2026-01-01T02:00:\S+ {2}ops {2}kernel update/,
    );
    const listed = await azimuth(['override', 'list', '--json'], READ);
    expect(JSON.parse(listed.stdout)).toMatchObject({
      total: 1,
      items: [{ name: 'work', action: 'down', endpoints: 2 }],
    });
    const status = (await azimuth(['status'], READ)).stdout.split('\n');
    expect(status.filter((line) => line.startsWith('override '))).toEqual([
      expect.stringMatching(/^override work {2}down {2}until 2026-01-01T02:00:\S+ {2}by ops: kernel update$/),
    ]);
    const told = (await azimuth(['explain', SHOP], READ)).stdout.split('\n');
    expect(told.find((line) => line.startsWith('eu '))).toContain('down (by work, measured up)');
    expect(await azimuth(['override', 'clear', 'work'])).toMatchObject({
      code: 0,
      stdout: 'Override work is cleared.\n',
    });
    expect(world.director.overrides().size).toBe(0);
  });

  it('drains in part, weighs, and says what is written', async () => {
    expect((await set('part', '--cluster', 'eu', '--drain', '--percent', '25', ...REASON)).stdout).toContain(
      'drain 25 %',
    );
    expect((await set('part', '--cluster', 'eu', '--weight', '30', ...REASON)).stdout).toContain('weight 30');
    const told = (await azimuth(['explain', SHOP], READ)).stdout;
    expect(told).toContain('30 (written 100)');
    const at = ['--from', '2026-01-02T00:00:00Z', '--until', '2026-01-03T00:00:00Z'];
    const later = await set(
      'part',
      '--gateway',
      'web/*',
      '--except-cluster',
      'us',
      '--drain',
      '--percent',
      '10',
      ...at,
      ...REASON,
    );
    expect(later.stdout).toMatch(/planned .*from 2026-01-02T00:00:00.000Z until 2026-01-03T00:00:00.000Z/);
    expect((await azimuth(['override', 'clear', 'part'])).code).toBe(0);
  });

  it('obeys the rules of safety, unless it is forced', async () => {
    const most = ['--cluster', 'eu', '--cluster', 'jp', '--down', ...REASON];
    expect(await set('most', ...most)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('(safety-max-moved)'),
    });
    expect(await set('most', ...most, '--force')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('(forced past safety-max-moved)'),
    });
    expect((await azimuth(['override', 'clear', 'most'])).code).toBe(0);
    const drained = await azimuth(['drain', 'eu', ...REASON]);
    expect(drained).toMatchObject({ code: 0, stdout: 'eu is drained.\n' });
    expect((await azimuth(['undrain', 'eu'])).code).toBe(0);
  });

  it.each<[readonly string[], string, number, string]>([
    [['set'], OPERATE, 2, 'override set needs one NAME'],
    [['list', 'x'], OPERATE, 2, 'override list takes nothing more'],
    [['forget', 'x'], OPERATE, 2, 'override has no "forget"'],
    [['set', 'x', '--cluster', 'eu', '--up'], OPERATE, 2, 'needs a --reason'],
    [['set', 'x', '--cluster', 'eu', '--reason', 'x'], OPERATE, 2, 'needs one of --up'],
    [['set', 'x', '--cluster', 'eu', '--up', '--down', '--reason', 'x'], OPERATE, 2, 'needs one of --up'],
    [
      ['set', 'x', '--cluster', 'eu', '--weight', 'much', '--reason', 'x'],
      OPERATE,
      2,
      '--weight: expected a whole number',
    ],
    [['set', 'x', '--up', '--reason', 'x'], OPERATE, 1, 'override-invalid'],
    [['set', 'x', '--cluster', 'mars', '--up', '--reason', 'x'], OPERATE, 1, 'override-nothing'],
    [['set', 'x', '--cluster', '*', '--down', '--reason', 'x'], OPERATE, 1, 'drain-leaves-none'],
    [['set', 'x', '--cluster', 'eu', '--up', '--reason', 'x'], READ, 1, 'scope-lacking'],
    [['clear', 'nobody'], OPERATE, 1, 'override-unknown'],
  ])('%j: says what is wrong, with the exit code of it', async (args, token, code, said) => {
    expect(await azimuth(['override', ...args], token)).toMatchObject({ code, stderr: expect.stringContaining(said) });
    expect(world.director.overrides().size).toBe(0);
  });
});

describe('azimuth rollout, with rules of safety', () => {
  it('is forced with a reason alone', async () => {
    expect(await azimuth(['rollout', 'promote', 'x', '--force'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--force needs a --reason'),
    });
    expect(await azimuth(['rollout', 'promote', 'x', '--force', ...REASON])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('rollout-unknown'),
    });
  });
});
