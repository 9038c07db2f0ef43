import { describe, expect, it } from 'vitest';
import { EMPTY_PLACES } from '../../src/core/snapshot/empty-places.ts';
import { type Ask, explain } from '../../src/core/snapshot/explain.ts';
import { RR_TYPE } from '../../src/core/snapshot/rr-type.ts';
import { createDirector } from '../../src/director.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { declare, gateway, picture, route } from './core/desired/pictures.ts';

const ASK: Ask = { name: 'shop.gslb.example', type: RR_TYPE.A, place: 0, prefix: 0, dice: 0 };
const START = 1_800_000_000_000;
const HOSTS = { eu: '192.0.2.1', us: '192.0.2.2' };

function createWorld(annotations: Readonly<Record<string, string>>) {
  const clock = createManualClock(START);
  let ahead = 0;
  const director = createDirector({
    declaration: declare({ clusters: ['eu', 'us'] }),
    clock: { ...clock, steady: () => clock.steady!() + ahead },
    store: { save: async () => undefined },
    places: EMPTY_PLACES,
    watch: () => undefined,
  });
  for (const [cluster, address] of Object.entries(HOSTS)) {
    const objects = [gateway('edge', { addresses: [address] }), route('shop', [ASK.name], { annotations })];
    director.onPicture(picture(cluster, ...objects));
  }
  director.flush();
  const idOf = (cluster: keyof typeof HOSTS): string =>
    director.snapshot().model.monitors.find(({ address }) => address === HOSTS[cluster])!.id;
  const probe = (cluster: keyof typeof HOSTS, sign: string): void => {
    const failed = { kind: 'failure', failure: 'refused', detail: '' } as const;
    const outcome = sign === '+' ? ({ kind: 'success' } as const) : failed;
    director.onProbe({ monitor: idOf(cluster), at: clock.now(), durationMs: 1, outcome });
  };
  return {
    clock,
    director,
    idOf,
    /** Results of both clusters, the newest last; `us` is always well. */
    results: async (signs: string): Promise<void> => {
      for (const sign of signs) {
        probe('eu', sign);
        probe('us', '+');
        await clock.advance(10_000);
      }
    },
    /** Time goes by, and no timer goes off. */
    stall: (ms: number): void => {
      ahead += ms;
    },
    said: () => {
      const { addresses, agreement, candidates, ttl } = explain(director.snapshot(), ASK);
      expect(agreement).toBe('same');
      return { addresses, ttl, eu: candidates[0]!.state };
    },
  };
}

describe('the director, as time goes by', () => {
  it('changes the answers when a failover delay is over, and the TTL on the way there', async () => {
    const { clock, said, results } = createWorld({ 'failover-delay': '60s', weight: '1' });
    await results('+---');
    // 10 s after it fell.
    expect(said()).toMatchObject({ eu: 'up', ttl: 30 });
    await clock.advance(40_000);
    expect(said()).toMatchObject({ eu: 'up', ttl: 8 });
    await clock.advance(10_020);
    expect(said()).toEqual({ eu: 'down', ttl: 30, addresses: [HOSTS.us] });
  });

  it('misses nothing that is due when it publishes, whatever became of its timers', async () => {
    const { director, said, results, stall } = createWorld({ 'failover-delay': '60s' });
    await results('+---');
    stall(60_000);
    expect(said().eu).toBe('up');
    director.flush();
    expect(said().eu).toBe('down');
  });

  it('brings back what is held when an operator says so, at once', async () => {
    const { director, said, results, idOf } = createWorld({ failback: 'manual' });
    await results('---++');
    expect(said()).toMatchObject({ eu: 'held', addresses: [HOSTS.us] });
    expect(director.failback({ cluster: 'us' })).toEqual([]);
    expect(director.failback({ cluster: 'mars' })).toMatchObject({ code: 'cluster-unknown' });
    expect(director.failback({ cluster: 'us', monitor: idOf('eu') })).toMatchObject({ code: 'monitor-unknown' });
    expect(said().eu).toBe('held');
    expect(director.failback({ cluster: 'eu', monitor: idOf('eu') })).toEqual([idOf('eu')]);
    expect(said().eu).toBe('up');
    expect(director.failback({ cluster: 'eu' })).toEqual([]);
  });

  it('guards a drain by it: what is held is nobody to fall back on', async () => {
    const { director, results } = createWorld({ failback: 'manual' });
    await results('---++');
    const order = { cluster: 'us', at: START, by: 'ana', reason: 'upgrade' };
    expect(await director.drain(order, 'guarded')).toMatchObject({ code: 'drain-leaves-none' });
    director.failback({ cluster: 'eu' });
    expect(await director.drain(order, 'guarded')).toBe('done');
  });

  it('says how many of its clients one that starts slowly gets, and leaves no timer behind', async () => {
    const { director, clock, results, idOf } = createWorld({ 'slow-start': '15s' });
    await results('---++');
    // A step each second, and then the time in which changes are brought together.
    await clock.advance(20);
    expect(director.health().get(idOf('eu'))).toMatchObject({ state: 'up', admits: 176 });
    await clock.advance(6_000);
    expect(director.health().get(idOf('eu'))).not.toHaveProperty('admits');
    director.close();
    expect(clock.pending()).toBe(0);
  });
});
