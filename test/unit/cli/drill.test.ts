import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROOT } from '../../house/source-tree.ts';
import { eventually } from '../../support/eventually.ts';
import { type Admin, OPERATE, READ, startAdmin } from '../admin/admin-fixture.ts';
import { ALIKE, createDrillsWorld, type DrillsWorld, WITHOUT_EU } from '../core/drill/world.ts';

let world: DrillsWorld;
let admin: Admin;
let folder: string;

beforeAll(async () => {
  world = await createDrillsWorld();
  admin = await startAdmin({ director: world.director(), now: () => world.clock.now() });
  folder = await mkdtemp(join(tmpdir(), 'azimuth-drill-'));
  const file = 'name: from-file\nscope: { clusters: [eu] }\naction: weight\nweight: 200\nfor: 5m\nreason: proof\n';
  await writeFile(join(folder, 'drill.yaml'), file);
  await writeFile(join(folder, 'list.yaml'), '- name: d\n');
});
afterAll(async () => {
  await admin.server.close();
  world.close();
  await rm(folder, { recursive: true });
});

type Ended = { readonly code: number; readonly stdout: string; readonly stderr: string };

function command(args: readonly string[], token: string) {
  const env = { ...process.env, AZIMUTH_ADMIN_TOKEN: token, NO_COLOR: '1' };
  const all = [join(ROOT, 'src/main.ts'), 'drill', ...args, '--admin', `http://127.0.0.1:${admin.port}`];
  return [process.execPath, all, { env, cwd: ROOT }] as const;
}

/** Runs the command as a user does. */
async function drill(args: readonly string[], token = OPERATE): Promise<Ended> {
  const { promise, resolve } = Promise.withResolvers<Ended>();
  execFile(...command(args, token), (error, stdout, stderr) => {
    resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
  });
  return promise;
}

const EU = ['--cluster', 'eu', '--for', '10m', '--reason', 'proof'];

describe('azimuth drill', () => {
  it('plans, starts, shows, lists, stops and forgets', async () => {
    expect(await drill(['list'])).toEqual({ code: 0, stdout: 'There is no drill.\n', stderr: '' });
    const planned = await drill(['start', 'a', '--drain', ...EU, '--plan'], READ);
    expect(planned).toMatchObject({ code: 0, stderr: '' });
    expect(planned.stdout).toMatch(/^Plan {2}fine: the answers of 2 hostnames change/);
    expect(planned.stdout).toMatch(/^eu +33\.3 % +0\.0 %$/m);
    expect(world.shares()).toEqual(ALIKE);

    world.director().push({ name: 'errors', state: 'up', reason: '', by: 'ci' });
    const ramp = ['--ramp', '50,100/1m', '--abort-below', '25%', '--abort-monitor', 'errors'];
    const started = await drill(['start', 'a', '--drain', ...EU, ...ramp, '--except-hostname', 'api.*', '--json']);
    expect(JSON.parse(started.stdout)).toMatchObject({
      scope: { clusters: ['eu'], except: { hostnames: ['api.*'] } },
      ramp: { steps: [50, 100], everySeconds: 60 },
      abort: { below: 0.25, monitors: ['errors'] },
    });
    expect((await drill(['show', 'a'])).stdout).toMatch(/^drill a {2}drain {2}running {2}50 % {2}step 1 of 2$/m);
    expect((await drill(['list'])).stdout).toMatch(
      /^a +drain +running +50 % .* clusters eu but hostnames api\.\* +proof/m,
    );
    expect((await drill(['stop', 'a'])).stdout).toContain('ended: stopped: by ops');
    await world.clock.advance(1_100);
    expect((await drill(['forget', 'a'])).stdout).toBe('Drill a is forgotten.\n');

    expect((await drill(['start', join(folder, 'drill.yaml')])).stdout).toMatch(/^drill from-file {2}weight 200/);
    expect(world.shares()).toEqual({ eu: 50, jp: 25, us: 25 });
    await drill(['stop', 'from-file']);
    await world.clock.advance(1_100);
  });

  it('is refused by a rule of safety, and told so ahead; force goes past it', async () => {
    const all = ['--drain', '--cluster', '*', '--for', '10m', '--reason', 'proof'];
    expect(await drill(['start', 'b', ...all, '--plan'])).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('breaks rules of safety: drain-leaves-none'),
    });
    const refused = await drill(['start', 'b', ...all]);
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('(drain-leaves-none)') });
    expect(await drill(['start', 'b', ...all, '--force'])).toMatchObject({ code: 0 });
    await drill(['stop', 'b']);
    await world.clock.advance(1_100);
  });

  it('follows one line by line until it is over, and tells by its exit code how it ended', async () => {
    await drill(['start', 'c', '--drain', ...EU]);
    expect(world.shares()).toEqual(WITHOUT_EU);
    const watching = spawn(...command(['watch', 'c', '--json'], READ));
    const ended = once(watching, 'exit');
    let told = '';
    watching.stdout.on('data', (chunk: Buffer) => {
      told += String(chunk);
    });
    await eventually(() => expect(told).toContain('"begun"'));
    world.kill('us');
    world.kill('jp');
    await world.clock.advance(60_000);
    const [code] = await ended;
    expect(code).toBe(1);
    const kinds = told.split('\n').filter((line) => line !== '');
    expect(kinds.map((line) => JSON.parse(line).kind)).toEqual(['planned', 'begun', 'ended', 'rolled-back']);
    expect(await text(watching.stderr)).toBe('');
    world.revive('us');
    world.revive('jp');
  });

  it('says what is wrong with the call before it asks anybody', async () => {
    const wrong = [
      ['explode', 'x'],
      ['stop'],
      ['list', 'x'],
      ['start', 'x', '--drain', '--fail', ...EU],
      ['start', 'Of-Eve', '--drain', ...EU],
      ['start', 'x', '--drain', '--cluster', 'eu', '--for', '10m'],
      ['start', 'x', '--weight', 'much', ...EU],
      ['start', 'x', '--drain', ...EU, '--ramp', '50,100'],
      ['start', 'x', '--drain', ...EU, '--abort-below', '0.5'],
      ['start', join(folder, 'none.yaml')],
      ['start', join(folder, 'list.yaml')],
    ];
    for (const args of wrong) expect(await drill(args), args.join(' ')).toMatchObject({ code: 2, stdout: '' });
    expect(await drill(['show', 'x'])).toMatchObject({ code: 1, stderr: expect.stringContaining('drill-unknown') });
    const reader = await drill(['start', 'x', '--drain', ...EU], READ);
    expect(reader).toMatchObject({ code: 1, stderr: expect.stringContaining('scope-lacking') });
  }, 60_000);
});
