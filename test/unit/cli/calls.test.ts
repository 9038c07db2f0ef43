import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { helpText, usageText } from '../../../src/cli/usage-text.ts';
import { ROOT } from '../../house/source-tree.ts';
import { type Admin, OPERATE, startAdmin } from '../admin/admin-fixture.ts';
import { createDrillsWorld, type DrillsWorld, specOf } from '../core/drill/world.ts';

type Ended = { readonly code: number; readonly stdout: string; readonly stderr: string };

function azimuth(args: readonly string[], more: Readonly<Record<string, string>> = {}): Promise<Ended> {
  const { promise, resolve } = Promise.withResolvers<Ended>();
  const env = { ...process.env, AZIMUTH_ADMIN_TOKEN: OPERATE, NO_COLOR: '1', ...more };
  execFile(process.execPath, [join(ROOT, 'src/main.ts'), ...args], { env, cwd: ROOT }, (error, stdout, stderr) => {
    resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
  });
  return promise;
}

describe('a call that is not meant so', () => {
  it.each([
    ['statsu', 'there is no command "statsu". Did you mean "status"?'],
    ['--versoin', 'Did you mean "--version"?'],
    ['drill sotp x', 'drill has no "sotp". Did you mean "stop"?'],
    ['override lsit', 'override has no "lsit". Did you mean "list"?'],
    ['rollout pasue x', 'rollout has no "pasue". Did you mean "pause"?'],
    ['audit verfy', 'audit has no "verfy". Did you mean "verify"?'],
    ['breaker open', 'breaker has no "open". It has close.'],
    ['drill start x --drian', 'Unknown option \'--drian\'. Did you mean "--drain"?'],
    ['status --jsno', 'Did you mean "--json"?'],
    ['events --types drlil', '--types: there is no type "drlil". Did you mean "drill"?'],
    ['events --limit 0', '--limit: expected a number from 1 to 1000.'],
    ['drill stop', 'drill stop needs one NAME.'],
    ['drill list x', 'drill list takes nothing more.'],
    ['override clear', 'override clear needs one NAME.'],
    ['status --admin localhost:8053', '--admin: expected a URL like http://127.0.0.1:8053'],
    ['status --ca /nonexistent/ca.pem --admin https://127.0.0.1:1', '/nonexistent/ca.pem cannot be read'],
  ])('is refused with what was probably meant: azimuth %s', async (line, said) => {
    const ended = await azimuth(line.split(' '));
    expect(ended).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining(said) });
  });

  it.each(['status', 'check', 'events', 'plan', 'failback eu', 'explain a.example', 'run --config x', 'demo'])(
    'is refused where there is a word too many: azimuth %s stray',
    async (line) => {
      const ended = await azimuth([...line.split(' '), 'stray']);
      expect(ended).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('takes no "stray"') });
    },
  );
});

describe('a name that the director does not know', () => {
  let world: DrillsWorld;
  let admin: Admin;
  beforeAll(async () => {
    world = await createDrillsWorld();
    admin = await startAdmin({ director: world.director(), now: () => world.clock.now() });
    await world.director().drills.start(specOf({ name: 'without-eu' }), 'ops', 'guarded');
  });
  afterAll(async () => {
    await admin.server.close();
    world.close();
  });

  it.each([
    ['drill show without-us', 'There is no drill "without-us". Did you mean "without-eu"? (drill-unknown)'],
    ['undrain jpn', 'Did you mean "jp"? (cluster-unknown)'],
    ['drill start x --blind --cluster ju --for 1m --reason r', 'no cluster "ju": did you mean "eu"? (drill-nothing)'],
    ['override set x --down --cluster u --reason r', 'did you mean "eu"? (override-nothing)'],
  ])('comes with the nearest one that it knows: azimuth %s', async (line, said) => {
    const ended = await azimuth([...line.split(' '), '--admin', `http://127.0.0.1:${admin.port}`]);
    expect(ended).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining(said) });
  });

  it('comes without one where nothing is near', async () => {
    const ended = await azimuth(['drill', 'show', 'qqqqqqqqqq', '--admin', `http://127.0.0.1:${admin.port}`]);
    expect(ended.stderr).toBe('azimuth: There is no drill "qqqqqqqqqq". (drill-unknown)\n');
  });
});

describe('help', () => {
  it('tells of all commands in lines of a terminal, and of one with all its forms', async () => {
    const all = (await azimuth(['help'])).stdout;
    expect(Math.max(...all.split('\n').map(({ length }) => length))).toBeLessThanOrEqual(100);
    const one = await azimuth(['help', 'drill']);
    expect(one).toEqual(await azimuth(['drill', '--help']));
    expect(one).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('\n       azimuth drill stop|show|watch|forget'),
    });
    expect(await azimuth(['help', 'dril'])).toMatchObject({ code: 2, stderr: expect.stringContaining('"drill"') });
  });

  it('folds usage to the width, at blanks, and keeps an option with its value', () => {
    const usage = 'azimuth x list | set NAME --one VALUE [--two VALUE] [--three VALUE]… --four';
    expect(usageText(usage, 40)).toBe(
      [
        'Usage: azimuth x list',
        '       azimuth x set NAME --one VALUE',
        '         [--two VALUE] [--three VALUE]…',
        '         --four',
      ].join('\n'),
    );
    const command = { name: 'x', usage, summary: 'do it', options: {}, run: async () => 0 };
    const wide = 'Usage: azimuth x list\n       azimuth x set NAME --one VALUE [--two VALUE] [--three VALUE]… --four';
    expect(helpText(command)).toBe(`do it\n\n${wide}\n`);
  });
});
