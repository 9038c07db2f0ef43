import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask, askTcp, isSilentOn } from '../support/dns-client.ts';
import { message, opt, QTYPE, query, question, record, u16 } from '../support/dns-message.ts';
import { IDENTITY, onEveryEngine, type TestServers } from '../support/dns-server.ts';
import { VIP } from '../support/world.ts';

onEveryEngine((startServers) => {
  let servers: TestServers;
  beforeAll(async () => {
    servers = await startServers();
  });
  afterAll(() => servers.close());

  const OPCODE = (opcode: number): number => opcode << 11;
  const soaData = Buffer.concat([Buffer.of(0, 0), Buffer.alloc(20)]);

  describe('opcodes', () => {
    it('RFC 1996 §4.7: NOTIFY is answered with its opcode: NOTAUTH outside our zones, REFUSED for them', async () => {
      const notify = (name: string) => query(name, QTYPE.SOA, undefined, { flags: OPCODE(4) | 0x0400 });
      const ours = await ask(servers.udp, notify('gslb.example'));
      expect(ours).toMatchObject({ opcode: 4, rcode: 5, aa: 0, counts: [1, 0, 0, 0] });
      expect(await ask(servers.udp, notify('example.org'))).toMatchObject({ opcode: 4, rcode: 9 });
      // An alias that leads outside is no zone either.
      expect(await ask(servers.udp, notify('to-outside.gslb.example'))).toMatchObject({ opcode: 4, rcode: 9 });
      const withSoa = message({
        flags: OPCODE(4),
        questions: [question('gslb.example', QTYPE.SOA)],
        answers: [record('gslb.example', QTYPE.SOA, 1, 0, soaData)],
      });
      expect(await ask(servers.udp, withSoa)).toMatchObject({ opcode: 4, rcode: 5 });
    });

    it('RFC 2136 §3.1: UPDATE is REFUSED for our zones, NOTAUTH for others, and changes nothing', async () => {
      const update = (zone: string) =>
        message({
          flags: OPCODE(5),
          questions: [question(zone, QTYPE.SOA)],
          authorities: [record(`new.${zone}`, QTYPE.A, 1, 60, Buffer.of(192, 0, 2, 200))],
        });
      expect(await ask(servers.udp, update('gslb.example'))).toMatchObject({ opcode: 5, rcode: 5 });
      expect(await askTcp(servers.tcp, update('example.org'))).toMatchObject({ opcode: 5, rcode: 9 });
      expect(await ask(servers.udp, query('new.gslb.example', QTYPE.A))).toMatchObject({ rcode: 3 });
    });

    it('RFC 3425 §3: IQUERY is NOTIMP', async () => {
      const iquery = message({
        flags: OPCODE(1),
        answers: [record('', QTYPE.A, 1, 0, Buffer.of(192, 0, 2, 1))],
      });
      expect(await ask(servers.udp, iquery)).toMatchObject({ opcode: 1, rcode: 4, counts: [0, 0, 0, 0] });
    });

    it('RFC 8490 §5.1.1: DSO is NOTIMP', async () => {
      const dso = message({ flags: OPCODE(6), trailer: u16(1, 8, 0, 15000, 0, 15000) });
      expect(await askTcp(servers.tcp, dso)).toMatchObject({ opcode: 6, rcode: 4 });
    });

    it('RFC 8906 §3.1.4: every other opcode is NOTIMP, with an OPT if the query had one', async () => {
      for (const opcode of [2, 3, 7, 10, 15]) {
        const flags = OPCODE(opcode);
        expect(await ask(servers.udp, message({ flags }))).toMatchObject({ opcode, rcode: 4, opt: undefined });
        const asked = query('static.gslb.example', QTYPE.A, {}, { flags });
        expect(await ask(servers.udp, asked)).toMatchObject({ opcode, rcode: 4, aa: 0, opt: { version: 0 } });
      }
    });
  });

  describe('types', () => {
    it('RFC 5936 §2.2.1: AXFR by a stranger is refused, over TCP and over UDP', async () => {
      const axfr = query('gslb.example', QTYPE.AXFR);
      expect(await askTcp(servers.tcp, axfr)).toMatchObject({ rcode: 5, counts: [1, 0, 0, 0] });
      expect(await ask(servers.udp, axfr)).toMatchObject({ rcode: 5, counts: [1, 0, 0, 0] });
    });

    it('RFC 1995 §2: IXFR by a stranger is refused', async () => {
      const ixfr = message({
        questions: [question('gslb.example', QTYPE.IXFR)],
        authorities: [record('gslb.example', QTYPE.SOA, 1, 0, soaData)],
      });
      expect(await ask(servers.udp, ixfr)).toMatchObject({ rcode: 5, counts: [1, 0, 0, 0] });
      expect(await askTcp(servers.tcp, ixfr)).toMatchObject({ rcode: 5 });
    });

    it('RFC 8482 §4: ANY gets one small RRset, the same over TCP', async () => {
      const any = query('static.gslb.example', QTYPE.ANY);
      const response = await ask(servers.udp, any);
      expect(response).toMatchObject({ rcode: 0, aa: 1, tc: 0, counts: [1, 1, 0, 0] });
      expect(response.packet.answers).toMatchObject([{ type: 'HINFO', data: { cpu: 'RFC8482' } }]);
      expect((await askTcp(servers.tcp, any)).octets).toEqual(response.octets);
      expect(await ask(servers.udp, query('missing.gslb.example', QTYPE.ANY))).toMatchObject({ rcode: 3 });
    });

    it('RFC 6895 §3.1: meta types get an error and no records', async () => {
      for (const [type, rcode] of [
        [QTYPE.OPT, 1],
        [QTYPE.TSIG, 1],
        [128, 1],
        [QTYPE.TKEY, 4],
        [QTYPE.MAILA, 4],
        [QTYPE.MAILB, 4],
      ] as const) {
        expect(await ask(servers.udp, query('static.gslb.example', type))).toMatchObject({
          rcode,
          counts: [1, 0, 0, 0],
        });
      }
    });
  });

  describe('classes', () => {
    const inClass = (name: string, type: number, qclass: number) =>
      ask(servers.udp, message({ questions: [question(name, type, qclass)], additionals: [opt()] }));

    it('RFC 6895 §3.2: classes that are not ours are refused', async () => {
      for (const qclass of [0, 2, 4, 254, 65280]) {
        expect(await inClass('static.gslb.example', QTYPE.A, qclass)).toMatchObject({ rcode: 5, aa: 0 });
      }
    });

    it('RFC 1035 §6.2: class ANY is answered without authority', async () => {
      expect(await inClass('static.gslb.example', QTYPE.A, 255)).toMatchObject({
        rcode: 0,
        aa: 0,
        counts: [1, 2, 0, 1],
      });
    });

    it('RFC 4892 §3: id.server and hostname.bind tell the configured identity, version.bind is refused', async () => {
      for (const name of ['id.server', 'HostName.Bind']) {
        const response = await inClass(name, QTYPE.TXT, 3);
        expect(response).toMatchObject({ rcode: 0, aa: 1, counts: [1, 1, 0, 1] });
        expect(response.packet.answers).toMatchObject([{ type: 'TXT', class: 'CH', data: [Buffer.from(IDENTITY)] }]);
      }
      expect(await inClass('version.bind', QTYPE.TXT, 3)).toMatchObject({ rcode: 5 });
      expect(await inClass('static.gslb.example', QTYPE.A, 3)).toMatchObject({ rcode: 5, counts: [1, 0, 0, 1] });
    });

    it('RFC 4892 §3: without an identity id.server is refused', async () => {
      const nameless = await startServers({ responder: { identity: '' } });
      try {
        const asked = message({ questions: [question('id.server', QTYPE.TXT, 3)] });
        expect(await ask(nameless.udp, asked)).toMatchObject({ rcode: 5, counts: [1, 0, 0, 0] });
      } finally {
        await nameless.close();
      }
    });
  });

  describe('robustness', () => {
    it('RFC 1035 §7.3: a response is not answered', async () => {
      expect(await isSilentOn(servers.udp, query('static.gslb.example', QTYPE.A, undefined, { flags: 0x8000 }))).toBe(
        true,
      );
    });

    it('RFC 2181 §4.1: the answer leaves from the address that was asked, over IPv6 too', async () => {
      const six = await startServers({ host: '::1' });
      try {
        const response = await ask(six.udp, query('all.gslb.example', QTYPE.AAAA));
        expect(response.packet.answers?.map((answer) => answer.type === 'AAAA' && answer.data).toSorted()).toEqual(
          Object.values(VIP).map((vip) => vip.v6),
        );
        expect((await askTcp(six.tcp, query('all.gslb.example', QTYPE.AAAA))).counts).toEqual([1, 3, 0, 0]);
      } finally {
        await six.close();
      }
    });
  });
});
