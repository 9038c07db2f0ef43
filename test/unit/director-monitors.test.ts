import { describe, expect, it } from 'vitest';
import type { Monitor, NamedMonitor } from '../../src/core/desired/model.ts';
import { addressedProbe, namedProbeOf } from '../../src/core/desired/named-probe.ts';
import { SILENT } from '../../src/core/desired/precedence.ts';
import { EMPTY_PLACES } from '../../src/core/snapshot/empty-places.ts';
import { explain } from '../../src/core/snapshot/explain.ts';
import { RR_TYPE } from '../../src/core/snapshot/rr-type.ts';
import { createDirector } from '../../src/director.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { declare, gateway, picture, route } from './core/desired/pictures.ts';

const START = 1_800_000_000_000;
const SHOP = 'shop.gslb.example';

function cartProbe(): { readonly named: NamedMonitor; readonly monitor: Monitor } {
  const parts = addressedProbe('tcp://192.0.2.10:443')!;
  const probe = { ...parts, name: 'cart', host: '', settings: {}, origin: { file: 'azimuth.yaml' } };
  const monitor = namedProbeOf(probe, declare().probe, SILENT)!;
  return { monitor, named: { name: 'cart', id: monitor.id, source: { kind: 'probe', monitor } } };
}

/** A director with the named monitor `cart`, and a cluster whose Gateway has these annotations. */
function createWorld(annotations: Readonly<Record<string, string>>) {
  const clock = createManualClock(START);
  const cart = cartProbe();
  const watched: (readonly string[])[] = [];
  const director = createDirector({
    declaration: { ...declare({ clusters: ['eu'] }), monitors: [cart.named] },
    clock,
    store: { save: async () => undefined },
    places: EMPTY_PLACES,
    watch: (monitors) => watched.push(monitors.map(({ id }) => id)),
  });
  const show = (own: Readonly<Record<string, string>>): void => {
    director.onPicture(picture('eu', gateway('edge', { annotations: own }), route('shop', [SHOP])));
    director.flush();
  };
  director.hold();
  director.prepare();
  const first = watched.slice();
  show(annotations);
  const own = (): string => director.snapshot().model.monitors.find(({ address }) => address === '192.0.2.1')!.id;
  return {
    clock,
    director,
    show,
    first,
    cart: cart.monitor.id,
    own,
    /** A result each second, `+` or `-`. */
    results: async (monitor: string, signs: string): Promise<void> => {
      for (const sign of signs) {
        const failure = { kind: 'failure', failure: 'refused', detail: '' } as const;
        const outcome = sign === '+' ? ({ kind: 'success' } as const) : failure;
        director.onProbe({ monitor, at: clock.now(), durationMs: 1, outcome });
        await clock.advance(1000);
      }
    },
    state: () =>
      explain(director.snapshot(), { name: SHOP, type: RR_TYPE.A, place: 0, prefix: 0, dice: 0 }).candidates[0]?.state,
  };
}

describe('a director with named monitors', () => {
  it('has them probed before the first picture is there', () => {
    const { first, cart } = createWorld({});
    expect(first).toEqual([[cart]]);
  });

  it('knows at once what follows for an endpoint that comes to depend on one', async () => {
    const { results, own, cart, state, show } = createWorld({});
    await results(cart, '-');
    await results(own(), '+');
    expect(state()).toBe('up');
    show({ monitors: 'cart' });
    expect(state()).toBe('down');
    show({});
    expect(state()).toBe('up');
  });

  it('releases what is held behind an endpoint of several monitors', async () => {
    const { results, own, cart, state, director } = createWorld({ monitors: 'cart', failback: 'manual' });
    await results(cart, '+');
    await results(own(), '+---++');
    expect(state()).toBe('held');
    expect(director.failback({ cluster: 'eu' })).toEqual([own()]);
    expect(state()).toBe('up');
  });
});
