import { spawnSync } from 'node:child_process';
import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createExecPlugin } from '../../../src/sources/gateway-api/exec-plugin.ts';
import { eventually } from '../../support/eventually.ts';

/** The pause between two calls of a program that fails. */
const PAUSE_MS = 5000;

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'azimuth-exec-'));
  await writeFile(join(folder, 'calls'), '');
  // The program takes real time; how long ago it was called does not.
  vi.useFakeTimers({ toFake: ['performance', 'Date'] });
});
afterEach(async () => {
  vi.useRealTimers();
  await rm(folder, { recursive: true });
});

/** A shell script that notes each call. */
const program = (script: string, env = {}) => ({
  command: '/bin/sh',
  args: ['-c', `echo called >>"${folder}/calls"; ${script}`],
  env,
});
const calls = async () => (await readFile(join(folder, 'calls'), 'utf8')).split('\n').length - 1;
/** As `ps` has it: empty for none, Z for one that has ended and that nobody asked for yet. */
const stateOf = (pid: number) =>
  spawnSync('ps', ['-o', 'stat=', '-p', `${pid}`])
    .stdout.toString()
    .slice(0, 1);
const credential = (status: object) => JSON.stringify({ kind: 'ExecCredential', status });

test('a token without an end is asked for once', async () => {
  const plugin = createExecPlugin(program('printf %s "$OUT"', { OUT: credential({ token: 'a\n' }) }));
  expect([await plugin.issued(), await plugin.issued()]).toEqual([{ token: 'a' }, { token: 'a' }]);
  vi.advanceTimersByTime(10 ** 9);
  await plugin.issued();
  expect(await calls()).toBe(1);
});

test('a certificate that ends is asked for anew then, and not before', async () => {
  const expirationTimestamp = new Date(Date.now() + 60_000).toISOString();
  const status = { clientCertificateData: 'c', clientKeyData: 'k', expirationTimestamp };
  const plugin = createExecPlugin(program('printf %s "$OUT"', { OUT: credential(status) }));
  expect(await plugin.issued()).toEqual({ cert: 'c', key: 'k' });
  vi.advanceTimersByTime(59_000);
  await plugin.issued();
  expect(await calls()).toBe(1);
  vi.advanceTimersByTime(1000);
  await plugin.issued();
  expect(await calls()).toBe(2);
});

test('credentials that are refused are asked for anew, not in a frenzy', async () => {
  const plugin = createExecPlugin(program('printf %s "$OUT"', { OUT: credential({ token: 'a' }) }));
  await plugin.issued();
  vi.advanceTimersByTime(PAUSE_MS);
  for (let refusal = 0; refusal < 20; refusal++) {
    plugin.distrust();
    await plugin.issued();
  }
  expect(await calls()).toBe(2);
  vi.advanceTimersByTime(PAUSE_MS);
  await plugin.issued();
  expect(await calls()).toBe(3);
});

/** What is said of one that is still at it after a second. */
const SLOW = /took more than 1 s/;

test.each([
  ['hangs', 'sleep 100', SLOW],
  ['hangs with a child of its own', 'sleep 100 & echo $! >"$FOLDER/child"; wait', SLOW],
  ['leaves a child that writes on', `sleep 100 & echo $! >"$FOLDER/child"; echo '{"status":{"token":"a"}}'`, SLOW],
  ['waits for somebody to type', 'read answer; exit 3', /failed \(3\)/],
  ['fails', 'echo log in first >&2; exit 1', /failed \(1\): "log in first"$/],
  ['writes no JSON', 'echo secret-1', /does not write JSON/],
  ['writes without end', 'while :; do echo secret-1; done', /writes too much/],
  ['issues nothing', `echo '{"status":{}}'`, /neither a token nor a client certificate/],
  ['issues a certificate alone', `echo '{"status":{"token":"a","clientCertificateData":"c"}}'`, /neither/],
  ['writes something else', 'echo null', /neither/],
])('a program that %s is an error, and is asked again after a while', async (_, script, message) => {
  await writeFile(join(folder, 'script'), script);
  const patienceMs = message === SLOW ? 1000 : 20_000;
  const plugin = createExecPlugin(program(`. "${folder}/script"`, { FOLDER: folder }), patienceMs);
  await expect(plugin.issued()).rejects.toThrow(message);
  await expect(plugin.issued()).rejects.not.toThrow(/secret-1/);
  const child = Number(await readFile(join(folder, 'child'), 'utf8').catch(() => '0'));
  if (child > 0) await eventually(() => expect(stateOf(child)).toMatch(/^Z?$/));
  expect(await calls()).toBe(1);
  await writeFile(join(folder, 'script'), `echo '${credential({ token: 'b' })}'`);
  vi.advanceTimersByTime(PAUSE_MS);
  expect(await plugin.issued()).toEqual({ token: 'b' });
});

test('a program that is not there is an error', async () => {
  await appendFile(join(folder, 'plain'), '');
  for (const [command, message] of [
    [join(folder, 'nothing'), /cannot be started: ENOENT/],
    [join(folder, 'plain'), /cannot be started: EACCES/],
  ] as const) {
    await expect(createExecPlugin({ command, args: [], env: {} }).issued()).rejects.toThrow(message);
  }
});
