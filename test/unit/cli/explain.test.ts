import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROOT } from '../../house/source-tree.ts';
import { type Admin, READ, startAdmin } from '../admin/admin-fixture.ts';
import { createDirectorFixture, MODEL } from '../admin/director-fixture.ts';

let admin: Admin;
beforeAll(async () => {
  const hostnames = MODEL.hostnames.map((one) =>
    one.name === 'shop.gslb.example'
      ? { ...one, policy: { ...one.policy, preferred: ['degraded', 'tier'] as const } }
      : one,
  );
  admin = await startAdmin({ director: createDirectorFixture({ ...MODEL, hostnames }).director });
});
afterAll(() => admin.server.close());

/** Runs the command as a user does, against the director of the fixture. */
async function explain(name: string): Promise<readonly string[]> {
  const command = [join(ROOT, 'src/main.ts'), 'explain', name, '--from', '192.0.2.1'];
  const env = { ...process.env, AZIMUTH_ADMIN_TOKEN: READ, NO_COLOR: '1' };
  const options = { env, cwd: ROOT };
  const at = ['--admin', `http://127.0.0.1:${admin.port}`];
  const { stdout } = await promisify(execFile)(process.execPath, [...command, ...at], options);
  return stdout.split('\n');
}

describe('an explicit chain', () => {
  it('is named by azimuth explain, which lists its steps in its order', async () => {
    const lines = await explain('shop.gslb.example');
    expect(lines[1]).toBe('zone gslb.example, hostname shop.gslb.example, steering degraded, tier, nearest');
    const from = lines.findIndex((line) => line.startsWith('eu-west 203'));
    const steps = lines.slice(from + 1, lines.indexOf('', from)).map((line) => line.trim().split(' ')[0]);
    expect(steps).toEqual(['residency', 'serves', 'health', 'drain', 'degraded', 'tier', 'nearest', 'answers']);
  });

  it('is not spoken of for a preset', async () => {
    expect((await explain('api.gslb.example'))[1]).toBe('zone gslb.example, hostname api.gslb.example');
  });

  it('is in the API: of the hostname and of the explanation', async () => {
    const hostname = await admin.ask('/v1/hostnames/shop.gslb.example', { token: READ });
    expect(hostname.json()).toMatchObject({ policy: { steering: 'nearest', preferred: ['degraded', 'tier'] } });
    const list = await admin.ask('/v1/hostnames?limit=3', { token: READ });
    expect(list.json()).toMatchObject({
      items: [{}, { steering: 'weighted' }, { steering: 'degraded, tier, nearest' }],
    });
    const preset = await admin.ask('/v1/hostnames/api.gslb.example', { token: READ });
    expect(preset.json()).not.toHaveProperty('policy.preferred');
    const told = await admin.ask('/v1/explain?name=shop.gslb.example', { token: READ });
    expect(told.json()).toMatchObject({ steering: 'degraded, tier, nearest' });
  });
});
