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

/** Runs the command as a user does, against the director of the fixture. */
async function failback(args: readonly string[], token = OPERATE): Promise<Ended> {
  const command = [join(ROOT, 'src/main.ts'), 'failback', '--admin', `http://127.0.0.1:${admin.port}`, ...args];
  const env = { ...process.env, AZIMUTH_ADMIN_TOKEN: token, NO_COLOR: '1' };
  const { promise, resolve } = Promise.withResolvers<Ended>();
  execFile(process.execPath, command, { env, cwd: ROOT }, (error, stdout, stderr) => {
    resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
  });
  return promise;
}

describe('azimuth failback', () => {
  it('names what traffic returns to', async () => {
    expect(await failback(['us-east'])).toEqual({ code: 0, stdout: 'Traffic returns to us-east:\n  us\n', stderr: '' });
    const { stdout } = await failback(['us-east', '--monitor', 'us', '--json']);
    expect(JSON.parse(stdout)).toEqual({ released: ['us'] });
  });

  it('says what is wrong', async () => {
    expect(await failback([])).toMatchObject({ code: 2, stderr: expect.stringContaining('needs a CLUSTER') });
    expect(await failback(['mars'])).toMatchObject({ code: 1, stderr: expect.stringContaining('cluster-unknown') });
    expect(await failback(['us-east'], READ)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('scope-lacking'),
    });
  });
});
