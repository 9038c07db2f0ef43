import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROOT } from '../../house/source-tree.ts';
import { type Admin, READ, startAdmin } from '../admin/admin-fixture.ts';
import { createDrillsWorld, START, specOf } from '../core/drill/world.ts';

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

  it('tells of drills that are planned, running or rolled back, and at which clusters they are', async () => {
    const world = await createDrillsWorld();
    const drilled = await startAdmin({ director: world.director(), now: () => world.clock.now() });
    const { drills } = world.director();
    const shown = async () => (await status('--admin', `http://127.0.0.1:${drilled.port}`)).split('\n');
    const lines = async () => (await shown()).filter((line) => /^(drill|and) /.test(line));
    try {
      expect((await shown()).find((line) => line.startsWith('cluster '))).toMatch(/ drain$/);
      const ramp = { steps: [50, 100], everyMs: 60_000 };
      await drills.start(specOf({ action: { kind: 'fail' }, ramp }), 'ops', 'guarded');
      const scope = { clusters: ['us'] };
      for (let hour = 1; hour <= 5; hour++) {
        await drills.start(specOf({ name: `in-${hour}`, scope, startAt: START + hour * 3_600_000 }), 'ana', 'guarded');
      }
      expect(await lines()).toEqual([
        'drill d  fail  running  50 %  step 1 of 2  clusters eu  ends 2026-01-01T00:10:00.100Z  by ops: test',
        ...[1, 2, 3, 4].map(
          (hour) =>
            `drill in-${hour}  drain  planned  clusters us  begins 2026-01-01T0${hour}:00:00.000Z  by ana: test`,
        ),
        'and 1 more drill',
      ]);
      const table = (await shown()).filter((line) => /^(cluster|eu|us) /.test(line));
      expect(table[0]).toMatch(/ drain +drill$/);
      expect(table[1]).toMatch(/ fail 50 % \(d\)$/);
      expect(table[2]).toMatch(/ - +-$/);
      await world.clock.advance(35_000);
      await drills.stop('d', 'ops');
      expect((await lines())[0]).toBe(
        'drill d  fail  rolling-back  clusters eu  since 2026-01-01T00:00:35.100Z  by ops: test',
      );
    } finally {
      await drilled.server.close();
      world.close();
    }
  });

  it('tells of a drain that is planned that it is not in force yet', async () => {
    const from = Date.now() + 3_600_000;
    await admin.director.drain({ cluster: 'us-east', at: 0, from, by: 'ana', reason: 'kernel' }, 'guarded');
    const line = (await status()).split('\n').find((each) => each.startsWith('us-east'));
    expect(line).toMatch(new RegExp(`planned from ${new Date(from).toISOString()} by ana: kernel$`));
    await admin.director.drain({ cluster: 'us-east', at: 0, by: 'ana', reason: 'kernel' }, 'guarded');
    expect((await status()).split('\n').find((each) => each.startsWith('us-east'))).toMatch(/ drained by ana: kernel$/);
  });
});
