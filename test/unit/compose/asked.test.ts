import { expect, it } from 'vitest';
import { createAsked } from '../../../src/compose/asked.ts';
import type { Snapshot } from '../../../src/core/snapshot/snapshot.ts';
import { createClientAddress } from '../../../src/dns/client-address.ts';
import { QTYPE, query, subnet } from '../../support/dns-message.ts';
import { createTestResponder } from '../../support/dns-server.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import { respondTo } from '../../support/respond.ts';

const FRANKFURT = [192, 0, 2];
const VIRGINIA = [198, 51, 100];
const HOUR = 3_600_000;

/** A responder that counts, and who reads its counts. */
function listening() {
  const { responder, counting, snapshot } = createTestResponder();
  const clock = createManualClock(1_000_000);
  let current: Snapshot = snapshot;
  const asked = createAsked(clock, counting.asked, () => current);
  return {
    asked,
    clock,
    snapshot,
    publish: (next: Snapshot): void => {
      current = next;
      asked.onSnapshot(next);
    },
    ask: (name: string, octets: readonly number[], times: number): void => {
      const message = query(`${name}.gslb.example`, QTYPE.A, { options: [subnet(1, 24, octets)] });
      for (let i = 0; i < times; i++) respondTo(responder, message, createClientAddress());
    },
  };
}

it('reads the counts every minute, so that what is old counts less', async () => {
  const { asked, clock, ask } = listening();
  ask('shop', FRANKFURT, 7);
  asked.start();
  ask('shop', FRANKFURT, 800);
  await clock.advance(3 * HOUR);
  ask('api', VIRGINIA, 100);
  const { state, names, places, questions, observedMs } = asked.mix();
  expect({ state, questions, observedMs }).toEqual({ state: 'observed', questions: 900, observedMs: 3 * HOUR });
  // Three half-lives: 800 are 100, but for the first minute.
  const [shop, api] = ['shop', 'api'].map((name) => names.get(`${name}.gslb.example`) ?? 0);
  expect(shop! / api!).toBeCloseTo(1, 1);
  expect([...places.keys()]).toEqual([1, 2]);
});

it('reads them before other places take over, and carries over what was asked from equal ones', async () => {
  const { asked, clock, snapshot, publish, ask } = listening();
  asked.start();
  ask('shop', FRANKFURT, 10);
  const [unknown, ...known] = snapshot.places.places;
  const turned = { ...snapshot.places, places: [unknown!, ...known.toReversed()] };
  await clock.advance(1000);
  publish({ ...snapshot, places: turned });
  const { table, places } = asked.mix();
  expect(table).toBe(turned);
  // Frankfurt was the first of them and is the last.
  expect([...places.keys()]).toEqual([known.length]);
});

it('does nothing before the start and after the stop', async () => {
  const { asked, clock, snapshot, publish, ask } = listening();
  publish(snapshot);
  ask('shop', FRANKFURT, 10);
  expect(asked.mix()).toMatchObject({ state: 'nothing', observedMs: 0, questions: 0 });
  expect(clock.pending()).toBe(0);
  asked.start();
  await clock.advance(HOUR);
  expect(clock.pending()).toBe(1);
  asked.stop();
  expect(clock.pending()).toBe(0);
});
