import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROOT } from '../../house/source-tree.ts';
import { type Admin, READ, startAdmin } from '../admin/admin-fixture.ts';

let admin: Admin;
beforeAll(async () => {
  admin = await startAdmin();
});
afterAll(() => admin.server.close());

/** Runs the command as a user does, against the director of the fixture. */
async function status(...args: readonly string[]): Promise<string> {
  const command = [join(ROOT, 'src/main.ts'), 'status', '--admin', `http://127.0.0.1:${admin.port}`, ...args];
  const env = { ...process.env, AZIMUTH_ADMIN_TOKEN: READ, NO_COLOR: '1' };
  const { stdout } = await promisify(execFile)(process.execPath, command, { env, cwd: ROOT });
  return stdout;
}

describe('azimuth status', () => {
  it('tells of each cluster how old the view of it is, and whether an earlier run saved it', async () => {
    const lines = (await status()).split('\n');
    expect(lines.find((line) => line.startsWith('eu-west'))).toMatch(/ 12 s /);
    expect(lines.find((line) => line.startsWith('us-east'))).toMatch(/ saved 24 h /);
  });

  it('tells of workers that do not run, and of their last trouble', async () => {
    const lines = (await status()).split('\n').filter((line) => line.includes('workers'));
    expect(lines).toEqual([
      'warning DNS on 127.0.0.1:5353: 1 of 2 workers run (0 restarting, 1 failed, 7 restarts); 2026-11-22T11:59:59.000Z it ended',
    ]);
  });

  it('says nothing of workers where all run', async () => {
    const well = await startAdmin({
      status: () => ({
        version: '0.1.0',
        startedAt: 0,
        pid: 1,
        engine: 'native',
        listen: { dns: [], admin: [] },
        listeners: [
          {
            address: { host: '::1', port: 53 },
            engine: 'native',
            workers: { starting: 0, running: 2, restarting: 0, failed: 0 },
            restarts: 1,
            lastTrouble: { at: 0, message: 'it ended' },
            socketErrors: [],
          },
        ],
      }),
    });
    try {
      expect(await status('--admin', `http://127.0.0.1:${well.port}`)).not.toContain('workers');
    } finally {
      await well.server.close();
    }
  });
});
