import { SYSTEM_CLOCK } from '../../src/compose/system-clock.ts';
import type { Model } from '../../src/core/desired/model.ts';
import type { RecordData, StaticRecord } from '../../src/core/desired/records.ts';
import { compile } from '../../src/core/snapshot/compile.ts';
import { EMPTY_PLACES } from '../../src/core/snapshot/empty-places.ts';
import type { Snapshot } from '../../src/core/snapshot/snapshot.ts';
import { createDnsTotals } from '../../src/dns/counters.ts';
import { createResponder } from '../../src/dns/respond.ts';
import { createUdpServer } from '../../src/dns/udp.ts';

/** A DNS server on loopback, ours, that is the authority of somebody else's zone. Its port stays the same. */
export type Authority = {
  start(): Promise<void>;
  stop(): Promise<void>;
  port(): number;
  /** Replaces the records of a name; TTL in seconds. */
  serve(name: string, ttl: number, ...data: readonly RecordData[]): void;
  forget(name: string): void;
};

/** An authority without records. */
export function createAuthority(apex: string): Authority {
  const records = new Map<string, readonly StaticRecord[]>();
  const counting = createDnsTotals({ zones: [apex], clusters: [] });
  let port = 0;
  let snapshot = snapshotOf(apex, []);
  let server: ReturnType<typeof createUdpServer> | undefined;
  const responder = createResponder({
    table: () => snapshot.table,
    counting,
    now: () => SYSTEM_CLOCK.now(),
    diceStart: 0,
    udpSize: 1232,
    identity: '',
    cookieSecret: Buffer.alloc(16, 1),
    tcpIdleMs: 1000,
  });
  const update = (): void => {
    snapshot = snapshotOf(apex, [...records.values()].flat());
  };
  return {
    async start() {
      server = createUdpServer({ listen: [{ host: '127.0.0.1', port }], responder, counting, udpSize: 1232 });
      const [address] = await server.listen();
      port = address?.port ?? 0;
    },
    async stop() {
      await server?.close();
      server = undefined;
    },
    port: () => port,
    serve(name, ttl, ...data) {
      records.set(
        name,
        data.map((one) => ({ owner: name, ttl, data: one })),
      );
      update();
    },
    forget(name) {
      records.delete(name);
      update();
    },
  };
}

function snapshotOf(apex: string, records: readonly StaticRecord[]): Snapshot {
  const soa = { mname: `ns.${apex}`, rname: `root.${apex}`, refresh: 1, retry: 1, expire: 1, minimum: 1, ttl: 1 };
  const nameservers = [{ name: `ns.${apex}`, addresses: ['127.0.0.1'] }];
  const model: Model = {
    zones: [{ apex, nameservers, nsTtl: 60, soa, records }],
    clusters: [],
    hostnames: [],
    monitors: [],
    lookups: [],
    findings: [],
  };
  return compile({ model, health: new Map(), places: EMPTY_PLACES, serial: 1, now: 0 });
}
