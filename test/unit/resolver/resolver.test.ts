import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { RecordData } from '../../../src/core/desired/records.ts';
import type { Resolutions } from '../../../src/core/desired/resolution.ts';
import type { AddressResolver } from '../../../src/core/ports.ts';
import { type AskName, createAskName } from '../../../src/resolver/ask.ts';
import { MAX_LOOKUPS, MAX_NAMES } from '../../../src/resolver/limits.ts';
import { createAddressResolver } from '../../../src/resolver/resolver.ts';
import { createAuthority } from '../../support/authority.ts';
import { createManualClock, type ManualClock } from '../../support/manual-clock.ts';

const NAME = 'lb.cloud.example';
const START = Date.UTC(2026, 0, 1);

const a = (address: string): RecordData => ({ type: 'A', address });
const aaaa = (address: string): RecordData => ({ type: 'AAAA', address });

/** What the resolver tells, one telling after the other. */
function createEar() {
  const told: Resolutions[] = [];
  let wake = (): void => undefined;
  return {
    hear(resolutions: Resolutions): void {
      told.push(resolutions);
      wake();
    },
    async next(): Promise<Resolutions> {
      while (told.length === 0) {
        const { promise, resolve } = Promise.withResolvers<void>();
        wake = resolve;
        await promise;
      }
      return told.shift()!;
    },
    rest: () => told.length,
  };
}

describe('the resolver, asking a DNS server on loopback', () => {
  const authority = createAuthority('cloud.example');
  let clock: ManualClock;
  let ear: ReturnType<typeof createEar>;
  let resolver: AddressResolver;

  beforeEach(async () => {
    authority.serve(NAME, 60, a('192.0.2.1'), aaaa('2001:db8::1'));
    await authority.start();
    clock = createManualClock(START);
    ear = createEar();
    const ask = createAskName({ servers: [`127.0.0.1:${authority.port()}`] });
    resolver = createAddressResolver({ clock, ask, jitter: () => 0 });
    resolver.resolve([NAME]);
    resolver.start((resolutions) => ear.hear(resolutions));
  });

  afterEach(async () => {
    await resolver.close();
    await authority.stop();
    expect(clock.pending()).toBe(0);
  });

  test('finds the addresses of a name, and the first round ends with them', async () => {
    await resolver.firstRound();
    expect(await ear.next()).toEqual(
      new Map([
        [NAME, { state: 'resolved', addresses: ['192.0.2.1', '2001:db8::1'], problem: undefined, since: undefined }],
      ]),
    );
  });

  test('looks again when the TTL is over, and tells only what is new', async () => {
    await ear.next();
    authority.serve(NAME, 60, a('192.0.2.2'));
    await clock.advance(59_000);
    expect(ear.rest()).toBe(0);
    await clock.advance(1000);
    expect((await ear.next()).get(NAME)?.addresses).toEqual(['192.0.2.1', '192.0.2.2', '2001:db8::1']);
    await clock.advance(30_000);
    expect((await ear.next()).get(NAME)?.addresses).toEqual(['192.0.2.2']);
  });

  test('keeps the addresses while no server answers, and takes new ones when one does again', async () => {
    await ear.next();
    await authority.stop();
    await clock.advance(60_000);
    expect((await ear.next()).get(NAME)).toEqual({
      state: 'stale',
      addresses: ['192.0.2.1', '2001:db8::1'],
      problem: 'no DNS server takes questions',
      since: START,
    });
    authority.serve(NAME, 60, a('192.0.2.1'), aaaa('2001:db8::1'), aaaa('2001:db8::2'));
    await authority.start();
    await clock.advance(5000);
    expect((await ear.next()).get(NAME)).toMatchObject({
      state: 'resolved',
      addresses: ['192.0.2.1', '2001:db8::1', '2001:db8::2'],
    });
  });

  test('keeps the addresses of a name that is gone', async () => {
    await ear.next();
    authority.forget(NAME);
    await clock.advance(60_000);
    expect((await ear.next()).get(NAME)).toMatchObject({ state: 'stale', problem: 'the name has no addresses' });
  });

  test('follows an alias', async () => {
    authority.serve('alias.cloud.example', 60, { type: 'CNAME', target: NAME });
    await ear.next();
    resolver.resolve([NAME, 'alias.cloud.example']);
    expect((await ear.next()).get('alias.cloud.example')?.addresses).toEqual(['192.0.2.1', '2001:db8::1']);
  });

  test('knows a name again that stays, and forgets one that goes', async () => {
    await ear.next();
    authority.serve('other.cloud.example', 60, a('192.0.2.7'));
    resolver.resolve([NAME, 'other.cloud.example']);
    const both = await ear.next();
    expect([...both.keys()]).toEqual([NAME, 'other.cloud.example']);
    resolver.resolve(['other.cloud.example']);
    expect(clock.pending()).toBe(1);
    authority.serve('other.cloud.example', 60, a('192.0.2.8'));
    await clock.advance(60_000);
    expect([...(await ear.next()).keys()]).toEqual(['other.cloud.example']);
  });
});

describe('the resolver with a server that never answers', () => {
  test('asks for a bounded number of names at the same time, and ends at once when it is closed', async () => {
    let asked = 0;
    const ask: AskName = (_name, signal) => {
      asked += 1;
      const { promise, resolve } = Promise.withResolvers<Awaited<ReturnType<AskName>>>();
      const late = { kind: 'failure', problem: 'late' } as const;
      signal.addEventListener('abort', () => resolve({ v4: late, v6: late }));
      return promise;
    };
    const clock = createManualClock(START);
    const resolver = createAddressResolver({ clock, ask });
    const ear = createEar();
    const names = Array.from({ length: MAX_NAMES + 1 }, (_, index) => `lb${index}.cloud.example`);
    resolver.resolve(names);
    resolver.start((resolutions) => ear.hear(resolutions));
    await clock.advance(1000);
    expect(asked).toBe(MAX_LOOKUPS);
    // The one too many is told at once.
    expect([...(await ear.next())]).toMatchObject([[names.at(-1), { state: 'failed' }]]);
    await resolver.close();
    await resolver.firstRound();
    expect(asked).toBe(MAX_LOOKUPS);
    expect(ear.rest()).toBe(0);
    expect(clock.pending()).toBe(0);
  });
});
