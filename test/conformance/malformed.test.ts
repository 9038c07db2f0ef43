import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask, isSilentOn } from '../support/dns-client.ts';
import { message, opt, QTYPE, query, question, record, u16, u32, wireName } from '../support/dns-message.ts';
import { onEveryEngine, type TestServers } from '../support/dns-server.ts';

onEveryEngine((startServers) => {
  let servers: TestServers;
  beforeAll(async () => {
    servers = await startServers();
  });
  afterAll(() => servers.close());

  const STATIC = question('static.gslb.example', QTYPE.A);
  const extra = record('x.example', QTYPE.A, 1, 0, Buffer.of(1, 2, 3, 4));

  describe('malformed queries', () => {
    it('RFC 1035 §4.1.1: a message without a whole header is dropped', async () => {
      for (const length of [0, 1, 11]) expect(await isSilentOn(servers.udp, Buffer.alloc(length))).toBe(true);
    });

    it('RFC 9619 §4: a query with more than one question is FORMERR', async () => {
      expect(await ask(servers.udp, message({ questions: [STATIC, STATIC] }))).toMatchObject({ rcode: 1, aa: 0 });
      expect(await ask(servers.udp, message({ questions: [STATIC], counts: { questions: 65535 } }))).toMatchObject({
        rcode: 1,
      });
    });

    it('RFC 9619 §4: a query without a question is FORMERR', async () => {
      expect(await ask(servers.udp, message({}))).toMatchObject({ rcode: 1, counts: [0, 0, 0, 0] });
      expect(await ask(servers.udp, message({ additionals: [opt()] }))).toMatchObject({
        rcode: 1,
        counts: [0, 0, 0, 1],
      });
    });

    it('RFC 1035 §4.1.2: a question that is cut is FORMERR', async () => {
      for (let length = 0; length < STATIC.length; length++) {
        const cut = message({ questions: [STATIC.subarray(0, length)] });
        expect(await ask(servers.udp, cut)).toMatchObject({ rcode: 1, counts: [0, 0, 0, 0] });
      }
    });

    it('RFC 1035 §4.1.4: a compression pointer in the question is FORMERR', async () => {
      for (const name of ['c00c', 'c000', '0161c00c', '0161c0ff', 'ffff']) {
        const asked = message({ questions: [question(Buffer.from(name, 'hex'), QTYPE.A)] });
        expect(await ask(servers.udp, asked)).toMatchObject({ rcode: 1, counts: [0, 0, 0, 0] });
      }
    });

    it('RFC 1035 §2.3.4: a label over 63 or a name over 255 octets is FORMERR', async () => {
      const label64 = Buffer.concat([Buffer.of(64), Buffer.alloc(64, 0x61), wireName('gslb.example')]);
      const label63 = Buffer.concat([Buffer.of(63), Buffer.alloc(63, 0x61)]);
      const name257 = Buffer.concat([label63, label63, label63, label63, Buffer.of(0)]);
      for (const name of [label64, name257]) {
        expect(await ask(servers.udp, query(name, QTYPE.A))).toMatchObject({ rcode: 1, counts: [0, 0, 0, 0] });
      }
    });

    it('RFC 1035 §4.1.1: records in the answer or authority section of a query are FORMERR', async () => {
      for (const section of ['answers', 'authorities'] as const) {
        const asked = message({ questions: [STATIC], [section]: [extra], additionals: [opt()] });
        expect(await ask(servers.udp, asked)).toMatchObject({ rcode: 1, counts: [1, 0, 0, 1] });
      }
    });

    it('RFC 1035 §4.1.1: counts that promise more records than there are, are FORMERR', async () => {
      for (const section of ['answers', 'authorities', 'additionals'] as const) {
        const asked = message({ questions: [STATIC], counts: { [section]: 1 } });
        expect(await ask(servers.udp, asked)).toMatchObject({ rcode: 1, counts: [1, 0, 0, 0] });
      }
      const afterOpt = message({ questions: [STATIC], additionals: [opt()], counts: { additionals: 2 } });
      expect(await ask(servers.udp, afterOpt)).toMatchObject({ rcode: 1, counts: [1, 0, 0, 1] });
    });

    it('RFC 1035 §4.1: octets behind the last record are FORMERR, with an OPT if the query had one', async () => {
      for (const additionals of [[], [opt()]]) {
        const asked = message({ questions: [STATIC], additionals, trailer: Buffer.of(0) });
        expect(await ask(servers.udp, asked)).toMatchObject({ rcode: 1, counts: [1, 0, 0, additionals.length] });
      }
    });

    it('RFC 6891 §7: an OPT whose length goes beyond the message is FORMERR with an OPT', async () => {
      const cut = Buffer.concat([Buffer.of(0), u16(QTYPE.OPT, 1232), u32(0), u16(200)]);
      const asked = message({ questions: [STATIC], additionals: [cut] });
      expect(await ask(servers.udp, asked)).toMatchObject({ rcode: 1, counts: [1, 0, 0, 1] });
    });

    it('RFC 1035 §4.1.4: owner names with pointers are skipped; forward and self pointers are FORMERR', async () => {
      const owned = (name: string) =>
        message({
          questions: [STATIC],
          additionals: [record(Buffer.from(name, 'hex'), QTYPE.A, 1, 0, Buffer.of(1, 2, 3, 4))],
        });
      expect(await ask(servers.udp, owned('c00c'))).toMatchObject({ rcode: 0, counts: [1, 2, 0, 0] });
      for (const name of ['c0ff', 'c000', `c0${(12 + STATIC.length).toString(16)}`, '4061', '8000']) {
        expect(await ask(servers.udp, owned(name))).toMatchObject({ rcode: 1, counts: [1, 0, 0, 0] });
      }
    });

    it('RFC 8906 §3: a query with records that are not OPT in the additional section is answered', async () => {
      const asked = message({ questions: [STATIC], additionals: [extra, opt(), extra] });
      expect(await ask(servers.udp, asked)).toMatchObject({ rcode: 0, counts: [1, 2, 0, 1] });
    });
  });
});
