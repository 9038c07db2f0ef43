import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AuditLog, createAuditLog } from '../../../src/state/audit/audit-log.ts';
import { ROOT } from '../../house/source-tree.ts';
import { type Admin, OPERATE, startAdmin } from '../admin/admin-fixture.ts';
import { NOW } from '../admin/director-fixture.ts';
import { OURS } from '../state/journal-fixture.ts';

let directory = '';
let audit: AuditLog;
let admin: Admin;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'azimuth-cli-audit-'));
  audit = createAuditLog({ directory, lock: OURS, now: () => NOW });
  admin = await startAdmin({ audit });
  for (const cluster of ['us-east', 'mars']) {
    const path = `/v1/clusters/${cluster}/drain`;
    await admin.ask(path, { method: 'POST', token: OPERATE, body: JSON.stringify({ reason: 'update' }) });
  }
});
afterAll(async () => {
  await admin.server.close();
  await audit.close();
  await rm(directory, { recursive: true });
});

type Ended = { readonly code: number; readonly stdout: string; readonly stderr: string };

/** Runs a command as a user does. */
async function azimuth(...args: readonly string[]): Promise<Ended> {
  const command = [join(ROOT, 'src/main.ts'), 'audit', ...args];
  const env = { ...process.env, AZIMUTH_ADMIN_TOKEN: OPERATE, NO_COLOR: '1' };
  const { promise, resolve } = Promise.withResolvers<Ended>();
  execFile(process.execPath, command, { env, cwd: ROOT }, (error, stdout, stderr) => {
    resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
  });
  return promise;
}

describe('azimuth audit', () => {
  it('lists what was recorded, newest first', async () => {
    const { code, stdout } = await azimuth('list', '--admin', `http://127.0.0.1:${admin.port}`);
    expect(code).toBe(0);
    expect(stdout.split('\n').slice(0, 3)).toEqual([
      expect.stringMatching(/^# +AT +WHO +FROM +ACTION +TARGET +OUTCOME$/),
      expect.stringMatching(/^3 .* ops +127\.0\.0\.1 +cluster\.drain +mars +cluster-unknown$/),
      expect.stringMatching(/^2 .* ops +127\.0\.0\.1 +cluster\.drain +us-east +done$/),
    ]);
    const json = await azimuth('list', '--limit', '1', '--json', '--admin', `http://127.0.0.1:${admin.port}`);
    expect(JSON.parse(json.stdout)).toMatchObject({ items: [{ target: 'mars' }], next: '3' });
  });

  it('verifies the files without a director, and names what was changed', async () => {
    const whole = await azimuth('verify', '--directory', directory);
    expect(whole).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^The audit is whole: 2 entries in 1 file; the last line has the number 3\./),
    });
    const file = join(directory, 'audit', '00000001.jsonl');
    const text = await readFile(file, 'utf8');
    await writeFile(file, text.replace('us-east', 'eu-west'));
    const broken = await azimuth('verify', '--directory', directory);
    expect(broken).toMatchObject({
      code: 1,
      stdout: expect.stringContaining(`${file}, line 2: entry 2 is not as it was`),
    });
    const json = await azimuth('verify', '--directory', directory, '--json');
    expect(JSON.parse(json.stdout)).toMatchObject({ state: 'broken', line: 2, entries: 0 });
    await writeFile(file, text);
  });

  it('says where there is none', async () => {
    const none = await azimuth('verify', '--directory', join(directory, 'elsewhere'));
    expect(none).toMatchObject({ code: 1, stdout: expect.stringContaining('There is no audit') });
  });

  it.each<readonly string[]>([['erase'], ['list', 'more'], ['list', '--limit', '0'], ['verify', '--since', '1']])(
    'does not know %s',
    async (...args) => {
      expect((await azimuth(...args)).code).toBe(2);
    },
  );
});
