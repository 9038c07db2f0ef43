import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROOT } from '../../house/source-tree.ts';
import { type Admin, OPERATE, READ, startAdmin } from '../admin/admin-fixture.ts';

const BLIND = {
  state: 'blind',
  cause: 'mass-flip',
  forMs: 60_000,
  leftMs: 840_000,
  withheld: 7,
  controls: [],
} as const;

let admin: Admin;
beforeAll(async () => {
  admin = await startAdmin();
});
afterAll(() => admin.server.close());

type Run = { readonly code: number; readonly out: string; readonly err: string };

/** Runs a command as a user does, against the director of the fixture. */
function azimuth(token: string, ...args: readonly string[]): Promise<Run> {
  const command = [join(ROOT, 'src/main.ts'), ...args, '--admin', `http://127.0.0.1:${admin.port}`];
  const env = { ...process.env, AZIMUTH_ADMIN_TOKEN: token, NO_COLOR: '1' };
  const { promise, resolve } = Promise.withResolvers<Run>();
  const child = execFile(process.execPath, command, { env, cwd: ROOT }, (_error, out, err) =>
    resolve({ code: child.exitCode ?? -1, out, err }),
  );
  return promise;
}

describe('azimuth breaker', () => {
  it('says that the prober is believed, and the status says nothing of it', async () => {
    expect(await azimuth(READ, 'breaker')).toMatchObject({ code: 0, out: 'The prober is believed.\n' });
    expect((await azimuth(READ, 'status')).out).not.toContain('blind');
  });

  it('says since when it is blind and what to do, as the status does, and closes', async () => {
    admin.blind(BLIND);
    const told =
      'blind since 2026-11-22T11:59:00.000Z: most of all fell at once; until 2026-11-22T12:14:00.000Z at the latest no measurement takes an endpoint away (7 would be down)';
    const shown = await azimuth(READ, 'breaker');
    expect(shown.code).toBe(1);
    expect(shown.out.split('\n')).toEqual([told, '  If the outage is real: azimuth breaker close', '']);
    expect((await azimuth(READ, 'status')).out.split('\n')).toContain(told);
    expect((await azimuth(READ, 'breaker', 'close')).err).toContain('scope-lacking');
    expect(await azimuth(OPERATE, 'breaker', 'close')).toMatchObject({ code: 0, out: 'The prober is believed.\n' });
    expect(admin.director.breaker().state).toBe('trusting');
  });

  it('knows no other order', async () => {
    const { code, err } = await azimuth(READ, 'breaker', 'open');
    expect([code, err]).toEqual([2, expect.stringContaining('breaker has no "open". It has close.')]);
  });
});
