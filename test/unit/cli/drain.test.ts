import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROOT } from '../../house/source-tree.ts';
import { type Admin, OPERATE, READ, startAdmin } from '../admin/admin-fixture.ts';

let admin: Admin;
beforeAll(async () => {
  admin = await startAdmin();
});
afterAll(() => admin.server.close());

type Ended = { readonly code: number; readonly stdout: string; readonly stderr: string };

/** Runs a command as a user does, against the director of the fixture. */
async function azimuth(name: string, args: readonly string[], token = OPERATE): Promise<Ended> {
  const command = [join(ROOT, 'src/main.ts'), name, '--admin', `http://127.0.0.1:${admin.port}`, ...args];
  const env = { ...process.env, AZIMUTH_ADMIN_TOKEN: token, NO_COLOR: '1' };
  const { promise, resolve } = Promise.withResolvers<Ended>();
  execFile(process.execPath, command, { env, cwd: ROOT }, (error, stdout, stderr) => {
    resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
  });
  return promise;
}

describe('azimuth drain', () => {
  it('drains at once or from a time on, and undrain takes it back', async () => {
    const reason = ['--reason', 'kernel update'];
    expect(await azimuth('drain', ['us-east', ...reason])).toMatchObject({ code: 0, stdout: 'us-east is drained.\n' });
    const planned = await azimuth('drain', ['us-east', ...reason, '--at', '2099-01-31T18:00:00Z']);
    expect(planned).toEqual({ code: 0, stdout: 'us-east is drained from 2099-01-31T18:00:00.000Z on.\n', stderr: '' });
    const { stdout } = await azimuth('undrain', ['us-east', '--json']);
    expect(JSON.parse(stdout)).toMatchObject({ name: 'us-east', drain: null });
  });

  it('is guarded, unless forced', async () => {
    const guarded = await azimuth('drain', ['eu-west', '--reason', 'fire']);
    expect(guarded).toMatchObject({ code: 1, stderr: expect.stringContaining('drain-leaves-none') });
    expect((await azimuth('drain', ['eu-west', '--reason', 'fire', '--force'])).code).toBe(0);
    expect(await azimuth('undrain', ['eu-west'])).toMatchObject({ stdout: 'eu-west is not drained by an order.\n' });
  });

  it.each<[string, readonly string[], string, number, string]>([
    ['drain', ['--reason', 'x'], OPERATE, 2, 'needs one CLUSTER'],
    ['drain', ['us-east'], OPERATE, 2, 'needs a --reason'],
    ['drain', ['us-east', '--reason', 'x', '--at', 'tomorrow'], OPERATE, 1, 'request-invalid'],
    ['undrain', [], OPERATE, 2, 'needs one CLUSTER'],
    ['undrain', ['mars'], OPERATE, 1, 'cluster-unknown'],
    ['undrain', ['us-east'], READ, 1, 'scope-lacking'],
  ])('%s %j says what is wrong', async (name, args, token, code, said) => {
    expect(await azimuth(name, args, token)).toMatchObject({ code, stderr: expect.stringContaining(said) });
  });
});
