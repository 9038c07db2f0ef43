import type { SafetyRules } from '../../../src/core/plan/safety.ts';
import type { Audit, AuditEntry, OverrideStore } from '../../../src/core/ports.ts';
import { EMPTY_PLACES } from '../../../src/core/snapshot/empty-places.ts';
import { explain, shares } from '../../../src/core/snapshot/explain.ts';
import { createDirector } from '../../../src/director.ts';
import { createManualClock, type ManualClock } from '../../support/manual-clock.ts';
import { declare, gateway, picture, route } from '../core/desired/pictures.ts';
import { OPERATE, type Reply, startAdmin } from './admin-fixture.ts';

/** When all begins, in ms since the epoch: a Thursday. */
export const START = Date.UTC(2026, 0, 1);
export const SHOP = 'shop.gslb.example';
const PAY = 'pay.gslb.example';

/** What a world is made of. */
type Parts = { readonly store?: OverrideStore; readonly safety?: SafetyRules; readonly clock?: ManualClock };

/** A real director behind a real admin server: two hostnames in three clusters of equal weight, all of them probed and up. */
export async function startWorld({ store, safety, clock = createManualClock(START) }: Parts = {}) {
  const director = createDirector({
    declaration: declare({ clusters: ['eu', 'jp', 'us'] }),
    clock,
    store: store ?? { save: async () => undefined },
    ...(safety === undefined ? {} : { safety }),
    places: EMPTY_PLACES,
    watch: () => undefined,
  });
  director.hold();
  if (store !== undefined) director.restore((await store.load()).overrides);
  for (const [index, cluster] of ['eu', 'jp', 'us'].entries()) {
    const annotations = { probe: 'tcp://:80', steering: 'weighted' };
    const objects = [
      gateway('edge', { annotations, addresses: [`192.0.2.${index + 1}`] }),
      route('shop', [SHOP]),
      route('pay', [PAY]),
    ];
    director.onPicture(picture(cluster, ...objects));
  }
  director.flush();
  const recorded: AuditEntry[] = [];
  const audit: Audit = {
    record: async (entry) => void recorded.push(structuredClone(entry)),
    list: async () => ({ items: [], next: undefined }),
  };
  const refusals: string[] = [];
  const onRefusal = (code: string): void => void refusals.push(code);
  const admin = await startAdmin({ director, audit, onRefusal, now: () => clock.now() });
  const world = {
    clock,
    director,
    admin,
    recorded,
    refusals,
    /** Three results of every probe of a cluster, and what follows from them. */
    async probe(cluster: string, result: 'good' | 'bad'): Promise<void> {
      const outcome =
        result === 'good'
          ? { kind: 'success' as const }
          : { kind: 'failure' as const, failure: 'refused' as const, detail: '' };
      const own = director.snapshot().model.hostnames.flatMap(({ endpoints }) => endpoints);
      const monitors = new Set(own.filter((one) => one.cluster === cluster).map(({ monitor }) => monitor));
      for (let time = 0; time < 3; time++) {
        for (const monitor of monitors) director.onProbe({ monitor, at: clock.now(), durationMs: 1, outcome });
        await clock.advance(1000);
      }
    },
    send: (method: string, path: string, body?: unknown, token = OPERATE): Promise<Reply> =>
      admin.ask(path, { method, token, ...(body === undefined ? {} : { body: JSON.stringify(body) }) }),
    put: (name: string, body: object, token = OPERATE) => world.send('PUT', `/v1/overrides/${name}`, body, token),
    /** In percent, by cluster. */
    shares: (name = SHOP) =>
      Object.fromEntries(
        [...shares(director.snapshot(), name)].map(([cluster, share]) => [cluster, Math.round(share * 100)]),
      ),
    explained: (cluster: string) => {
      const told = explain(director.snapshot(), { name: SHOP, type: 1, place: 0, prefix: 0, dice: 0 });
      return told.candidates.find((one) => one.cluster === cluster);
    },
    async stop(): Promise<void> {
      director.close();
      await admin.server.close();
    },
  };
  for (const cluster of ['eu', 'jp', 'us']) await world.probe(cluster, 'good');
  return world;
}

/** A running world. */
export type OverrideWorld = Awaited<ReturnType<typeof startWorld>>;
