import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EMPTY_PLACES } from '../../../src/core/snapshot/empty-places.ts';
import { createDirector } from '../../../src/director.ts';
import { ROOT } from '../../house/source-tree.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import { type Admin, OPERATE, READ, startAdmin } from '../admin/admin-fixture.ts';
import { declare } from '../core/desired/pictures.ts';

const clock = createManualClock(Date.UTC(2026, 0, 1));
const director = createDirector({
  declaration: declare({ clusters: ['eu', 'us'] }),
  clock,
  store: { save: async () => undefined },
  places: EMPTY_PLACES,
  watch: () => undefined,
});
let admin: Admin;
let folder: string;
beforeAll(async () => {
  admin = await startAdmin({ director, now: () => clock.now() });
  folder = await mkdtemp(join(tmpdir(), 'azimuth-rollout-'));
  await writeFile(join(folder, 'bg.yaml'), 'name: bg\nfrom: [eu]\nto: [us]\nkind: blue-green\n');
  await writeFile(join(folder, 'list.yaml'), '- name: bg\n');
});
afterAll(async () => {
  await admin.server.close();
  await rm(folder, { recursive: true });
});

type Ended = { readonly code: number; readonly stdout: string; readonly stderr: string };

/** Runs the command as a user does. */
async function rollout(args: readonly string[], token = OPERATE, word = 'rollout'): Promise<Ended> {
  const command = [join(ROOT, 'src/main.ts'), word, '--admin', `http://127.0.0.1:${admin.port}`, ...args];
  const env = { ...process.env, AZIMUTH_ADMIN_TOKEN: token, NO_COLOR: '1' };
  const { promise, resolve } = Promise.withResolvers<Ended>();
  execFile(process.execPath, command, { env, cwd: ROOT }, (error, stdout, stderr) => {
    resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
  });
  return promise;
}

describe('azimuth rollout', () => {
  it('starts one from a file, lists and orders it', async () => {
    expect(await rollout(['list'])).toEqual({ code: 0, stdout: 'There is no rollout.\n', stderr: '' });
    const started = await rollout(['start', join(folder, 'bg.yaml')]);
    expect(started).toMatchObject({ code: 0, stdout: expect.stringMatching(/bg +blue-green +ready +0 %/) });
    expect((await rollout(['switch', 'bg'])).stdout).toMatch(/bg +blue-green +switched +100 % .*switch by ops/);
    expect(JSON.parse((await rollout(['list', '--json'])).stdout)).toMatchObject({ items: [{ state: 'switched' }] });
    const lines = (await rollout([], READ, 'status')).stdout.split('\n');
    expect(lines.filter((line) => line.startsWith('rollout '))).toEqual(['rollout bg  switched  100 % to us']);
    expect((await rollout(['end', 'bg'])).stdout).toBe('Rollout bg has ended.\n');
  });

  it('says what is wrong', async () => {
    expect(await rollout(['stop', 'bg'])).toMatchObject({ code: 2 });
    expect(await rollout(['switch'])).toMatchObject({ code: 2 });
    expect(await rollout(['start', join(folder, 'none.yaml')])).toMatchObject({ code: 2 });
    expect(await rollout(['start', join(folder, 'list.yaml')])).toMatchObject({ code: 2 });
    const unknown = await rollout(['switch', 'bg']);
    expect(unknown).toMatchObject({ code: 1, stderr: expect.stringContaining('rollout-unknown') });
    const reader = await rollout(['start', join(folder, 'bg.yaml')], READ);
    expect(reader).toMatchObject({ code: 1, stderr: expect.stringContaining('scope-lacking') });
  });
});
