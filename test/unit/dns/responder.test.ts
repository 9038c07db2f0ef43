import { describe, expect, it } from 'vitest';
import { createClientAddress } from '../../../src/dns/client-address.ts';
import { walk } from '../../../src/dns/steps.ts';
import { message, opt, option, QTYPE, query, question, readResponse, subnet } from '../../support/dns-message.ts';
import { createTestResponder } from '../../support/dns-server.ts';
import { respondTo } from '../../support/respond.ts';
import { VIP } from '../../support/world.ts';

const client = createClientAddress();

function asker() {
  const { responder, counting, snapshot } = createTestResponder();
  const ask = (octets: Buffer, transport: 'udp' | 'tcp' = 'udp') =>
    readResponse(respondTo(responder, octets, client, transport));
  return { ask, counting, snapshot };
}

/** The rows that are not 0. */
function counted<Row extends { readonly count: number }>(rows: readonly Row[]): readonly Row[] {
  return rows.filter(({ count }) => count > 0);
}

describe('the responder', () => {
  it('walks its steps in the documented order', () => {
    expect([...walk.toString().matchAll(/(\w+)\(exchange/g)].map(([, step]) => step)).toEqual([
      'walk',
      'refuseUnknownOpcode',
      'refuseBrokenMessage',
      'refuseEdnsVersion',
      'refuseBrokenOpt',
      'refuseTsig',
      'refuseNotifyAndUpdate',
      'answerWithoutQuestion',
      'answerOtherClasses',
      'refuseMetaTypes',
      'place',
      'lookUp',
    ]);
  });

  it('spreads weighted answers evenly, also over a short run', () => {
    const { ask } = asker();
    for (const count of [100, 1000]) {
      let west = 0;
      for (let i = 0; i < count; i++) {
        const [answer] = ask(query('api.gslb.example', QTYPE.A)).packet.answers ?? [];
        if (answer?.type === 'A' && answer.data === VIP['eu-west'].v4) west++;
      }
      expect(Math.abs(west / count - 0.8)).toBeLessThanOrEqual(0.02);
    }
  });

  it('keeps nothing of one query for the next', () => {
    const { ask } = asker();
    const plain = query('static.gslb.example', QTYPE.A, undefined, { id: 1 });
    const before = ask(plain);
    const loaded = [subnet(1, 24, [203, 0, 113]), option(10, Buffer.alloc(8, 1)), option(3), option(11)];
    ask(query('api.gslb.example', QTYPE.A, { flags: 0x8000, options: loaded }), 'tcp');
    ask(message({ questions: [question('x.gslb.example', QTYPE.A, 3)], additionals: [opt({ version: 3 }), opt()] }));
    expect(ask(plain).octets).toEqual(before.octets);
  });

  it('answers SERVFAIL where the lookup has a fault, and goes on', () => {
    const world = createTestResponder();
    let fault: 'none' | 'there' = 'there';
    const broken = new Proxy(world.snapshot.table, {
      get(target, key) {
        if (fault === 'there' && key === 'names') throw new Error('a fault of ours');
        return Reflect.get(target, key);
      },
    });
    const { responder, counting } = createTestResponder({ table: () => broken });
    const octets = query('static.gslb.example', QTYPE.A, {}, { id: 77, flags: 0x0100 });
    expect(readResponse(respondTo(responder, octets, client))).toMatchObject({
      id: 77,
      rd: 1,
      rcode: 2,
      counts: [0, 0, 0, 0],
    });
    fault = 'none';
    expect(readResponse(respondTo(responder, octets, client))).toMatchObject({ rcode: 0 });
    expect(counting.read().responses).toContainEqual({ transport: 'udp', rcode: 'SERVFAIL', count: 1 });
  });

  it('refuses options out of their bounds', () => {
    expect(() => createTestResponder({ udpSize: 511 })).toThrow('udpSize');
    expect(() => createTestResponder({ udpSize: Number.NaN })).toThrow('udpSize');
    expect(() => createTestResponder({ identity: 'x'.repeat(65) })).toThrow('identity');
    expect(() => createTestResponder({ cookieSecret: new Uint8Array(8) })).toThrow('16 octets');
  });

  it('counts by transport, type, RCODE, zone, cluster, and what it dropped', () => {
    const { ask, counting } = asker();
    const { responder } = createTestResponder();
    ask(query('shop.gslb.example', QTYPE.A, { options: [subnet(1, 24, [192, 0, 2])] }));
    ask(query('missing.gslb.example', QTYPE.CAA), 'tcp');
    ask(query('example.org', 4711));
    ask(query('huge.gslb.example', QTYPE.TXT));
    ask(query('static.gslb.example', QTYPE.A, { version: 1 }));
    expect(respondTo(responder, Buffer.alloc(5), client)).toHaveLength(0);
    const counts = counting.read();
    expect({
      ...counts,
      responses: counted(counts.responses),
      zones: counted(counts.zones),
      types: counted(counts.types),
    }).toMatchObject({
      responses: [
        { transport: 'udp', rcode: 'NOERROR', count: 2 },
        { transport: 'udp', rcode: 'REFUSED', count: 1 },
        { transport: 'udp', rcode: 'BADVERS', count: 1 },
        { transport: 'tcp', rcode: 'NXDOMAIN', count: 1 },
      ],
      queries: [
        { transport: 'udp', type: 'other', count: 1 },
        { transport: 'udp', type: 'A', count: 2 },
        { transport: 'udp', type: 'TXT', count: 1 },
        { transport: 'tcp', type: 'CAA', count: 1 },
      ],
      zones: [
        { zone: 'gslb.example', rcode: 'NOERROR', count: 2 },
        { zone: 'gslb.example', rcode: 'NXDOMAIN', count: 1 },
      ],
      types: [
        { type: 'other', rcode: 'REFUSED', count: 1 },
        { type: 'A', rcode: 'NOERROR', count: 1 },
        { type: 'A', rcode: 'other', count: 1 },
        { type: 'TXT', rcode: 'NOERROR', count: 1 },
        { type: 'CAA', rcode: 'NXDOMAIN', count: 1 },
      ],
      truncated: 1,
    });
    expect(counted(counts.clusters)).toEqual([{ cluster: 'eu-west', count: 1 }]);
  });

  it('tells of what is usual from 0 on, so that the first of it can be seen to come', () => {
    const { responses, zones, types } = createTestResponder().counting.read();
    const codes = ['NOERROR', 'FORMERR', 'SERVFAIL', 'NXDOMAIN', 'NOTIMP', 'REFUSED'];
    expect(responses).toEqual(
      ['udp', 'tcp'].flatMap((transport) => codes.map((rcode) => ({ transport, rcode, count: 0 }))),
    );
    const results = ['NOERROR', 'NXDOMAIN', 'SERVFAIL'].map((rcode) => ({ rcode, count: 0 }));
    expect(zones).toEqual(results.map((each) => ({ zone: 'gslb.example', ...each })));
    expect(types.filter(({ type }) => type === 'A')).toEqual(results.map((each) => ({ type: 'A', ...each })));
    expect(types).toHaveLength(13 * 3);
  });

  it('counts a fault by its type, and by its zone where it came that far; none by the zone of the query before', () => {
    const { snapshot } = createTestResponder();
    let fault: 'names' | 'targets' | undefined;
    const broken = new Proxy(snapshot.table, {
      get(target, key) {
        if (key === fault) throw new Error('a fault of ours');
        return Reflect.get(target, key);
      },
    });
    const { responder, counting } = createTestResponder({ table: () => broken });
    const ask = (at: typeof fault) => {
      fault = at;
      respondTo(responder, query('shop.gslb.example', QTYPE.AAAA), client);
    };
    const { zone, ...result } = { zone: 'gslb.example', rcode: 'SERVFAIL' as const, count: 1 };
    ask('targets');
    expect(counted(counting.read().zones)).toEqual([{ zone, ...result }]);
    ask(undefined);
    ask('names');
    expect(counting.read().zones).toContainEqual({ zone, ...result });
    expect(counting.read().types).toContainEqual({ type: 'AAAA', rcode: 'SERVFAIL', count: 2 });
  });

  it('counts each response by one type and code', () => {
    const { ask, counting } = asker();
    const sum = (rows: readonly { readonly count: number }[]) => rows.reduce((all, { count }) => all + count, 0);
    const asked = [message({}), message({ flags: 0x2800 }), query('x.gslb.example', 65_535), query('org', 0)];
    for (const octets of [...asked, Buffer.alloc(12, 0x11)]) ask(octets);
    const { responses, types } = counting.read();
    expect([sum(responses), sum(types)]).toEqual([5, 5]);
  });
});
