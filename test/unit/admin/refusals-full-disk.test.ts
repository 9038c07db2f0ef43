import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { REFUSAL_ENTRIES_MS } from '../../../src/admin/limits.ts';
import type { AuditRecord } from '../../../src/core/ports.ts';
import { type AuditLog, createAuditLog } from '../../../src/state/audit/audit-log.ts';
import { createReserve, type Reserve } from '../../../src/state/reserve.ts';
import { eventually } from '../../support/eventually.ts';
import { createManualClock, type ManualClock } from '../../support/manual-clock.ts';
import { OURS } from '../state/journal-fixture.ts';
import { createSmallDisk, type SmallDisk } from '../state/small-disk.ts';
import { type Admin, OPERATE, startAdmin } from './admin-fixture.ts';
import { NOW } from './director-fixture.ts';

const MIB = 2 ** 20;
const DRAIN = '/v1/clusters/us-east/drain';

let directory = '';
let disk: SmallDisk;
let reserve: Reserve;
let audit: AuditLog;
let admin: Admin;
let clock: ManualClock;
let refusals: string[];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'azimuth-refusals-'));
  disk = createSmallDisk(8 * MIB);
  clock = createManualClock(NOW);
  reserve = createReserve({ directory, ...disk });
  await reserve.refill();
  refusals = [];
  audit = createAuditLog({ directory, lock: OURS, now: () => clock.now(), open: disk.open, reserve });
  const onRefusal = (code: string): void => void refusals.push(code);
  admin = await startAdmin({ audit, onRefusal, now: () => clock.now(), after: (ms, task) => clock.after(ms, task) });
});
afterEach(async () => {
  await admin.server.close();
  await audit.close();
  await rm(directory, { recursive: true });
});

const post = async (path: string, token: string): Promise<number> =>
  (await admin.ask(path, { method: 'POST', body: '{"reason":"x"}', token })).status;
const recorded = async (): Promise<readonly AuditRecord[]> => (await audit.list({ limit: 100 })).items;
/** The log writes in turn: what was given before this is written, or could not be. */
const settled = (): Promise<unknown> => audit.look();

it('what is refused while the disk is full is summed up, and the sum is written when there is room', async () => {
  disk.octets = (await stat(join(directory, 'reserve'))).size;
  for (let time = 0; time < 3; time++) expect(await post(DRAIN, 'nobody-knows-this-token')).toBe(401);
  // What its route refused is one of them.
  expect(await post('/v1/clusters/mars/drain', OPERATE)).toBe(404);
  await settled();
  expect(reserve.state()).toBe('whole');
  // Orders have their entry.
  expect(await post(DRAIN, OPERATE)).toBe(200);
  expect(reserve.state()).toBe('used');
  // The sum waits as well, with what comes until there is room.
  await clock.advance(REFUSAL_ENTRIES_MS);
  await settled();
  await eventually(() => expect(clock.pending()).toBeGreaterThan(0));
  expect(await post(DRAIN, 'nobody-knows-this-token')).toBe(401);
  await settled();
  expect((await recorded()).map(({ outcome }) => outcome)).toEqual(['done']);
  disk.octets = 8 * MIB;
  await reserve.refill();
  await clock.advance(REFUSAL_ENTRIES_MS);
  await eventually(async () => expect(await recorded()).toHaveLength(2));
  expect((await recorded())[0]).toMatchObject({
    action: 'request.refused',
    target: '5 requests',
    outcome: 'left-out',
    after: {
      since: new Date(NOW).toISOString(),
      count: 5,
      codes: { 'token-wrong': 4, 'cluster-unknown': 1 },
      who: { '': 4, ops: 1 },
      firstFrom: ['127.0.0.1'],
    },
  });
  expect(refusals).toEqual(['token-wrong', 'token-wrong', 'token-wrong', 'cluster-unknown', 'token-wrong']);
});

it('what is not summed up when the server ends is said in the log, and nothing is waited for', async () => {
  disk.octets = (await stat(join(directory, 'reserve'))).size;
  expect(await post(DRAIN, 'nobody-knows-this-token')).toBe(401);
  await settled();
  await admin.server.close();
  await eventually(() => expect(admin.logged.map(({ event }) => event)).toContain('audit-unwritable'));
  expect(clock.pending()).toBe(0);
});
