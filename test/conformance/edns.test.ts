import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask, askTcp } from '../support/dns-client.ts';
import {
  LONGEST_NAME,
  message,
  type OptParts,
  opt,
  option,
  QTYPE,
  query,
  question,
  record,
  u16,
} from '../support/dns-message.ts';
import { IDENTITY, onEveryEngine, TCP_IDLE_MS, type TestServers } from '../support/dns-server.ts';

onEveryEngine((startServers) => {
  let servers: TestServers;
  beforeAll(async () => {
    servers = await startServers();
  });
  afterAll(() => servers.close());

  const withOpt = (edns: OptParts, name = 'static.gslb.example', type: number = QTYPE.A) =>
    ask(servers.udp, query(name, type, edns));

  const DO = 0x8000;

  describe('the OPT record', () => {
    it('RFC 6891 §6.1.1: there is an OPT in the response if and only if there is one in the query', async () => {
      for (const name of ['static.gslb.example', 'missing.gslb.example', 'example.org', 'x.child.gslb.example']) {
        expect((await ask(servers.udp, query(name, QTYPE.A))).opt).toBeUndefined();
        expect(await withOpt({}, name)).toMatchObject({ opt: { version: 0, size: 1232 } });
      }
    });

    it('RFC 3225 §3: DO is copied', async () => {
      expect(await withOpt({ flags: DO })).toMatchObject({ rcode: 0, opt: { flags: DO } });
      expect(await withOpt({ flags: 0 })).toMatchObject({ opt: { flags: 0 } });
    });

    it('RFC 6891 §6.1.4: the other flags are ignored and come back as 0', async () => {
      expect(await withOpt({ flags: 0x7fff })).toMatchObject({ rcode: 0, opt: { flags: 0 } });
      expect(await withOpt({ flags: 0xffff })).toMatchObject({ rcode: 0, opt: { flags: DO } });
    });

    it('RFC 6891 §6.1.3: a version above 0 is BADVERS, with our version 0 and no records', async () => {
      for (const version of [1, 100, 255]) {
        const response = await withOpt({ version, flags: DO, options: [option(10, Buffer.alloc(3))] });
        expect(response).toMatchObject({ rcode: 16, aa: 0, counts: [1, 0, 0, 1], opt: { version: 0, flags: DO } });
      }
    });

    it('RFC 6891 §6.1.2: options that nobody knows are ignored', async () => {
      const options = [option(100, Buffer.from('abc')), option(65001), option(65535, Buffer.alloc(300))];
      const response = await withOpt({ options });
      expect(response).toMatchObject({ rcode: 0, counts: [1, 2, 0, 1] });
      expect(response.opt?.options.size).toBe(0);
    });

    it('RFC 7314 §2, RFC 7901 §4, RFC 6975 §3, RFC 8145 §4: EXPIRE, CHAIN, DAU and key tags are never an error', async () => {
      for (const code of [9, 13, 5, 6, 7, 14, 17, 18, 19, 1, 2]) {
        for (const data of [Buffer.alloc(0), Buffer.of(8, 13), Buffer.of(1)]) {
          expect(await withOpt({ options: [option(code, data)] })).toMatchObject({ rcode: 0, counts: [1, 2, 0, 1] });
        }
      }
    });

    it('RFC 6891 §6.1.1: two OPT records are FORMERR with an OPT', async () => {
      const twice = query('static.gslb.example', QTYPE.A, undefined, { additionals: [opt(), opt()] });
      expect(await ask(servers.udp, twice)).toMatchObject({ rcode: 1, counts: [1, 0, 0, 1] });
    });

    it('RFC 6891 §6.1.2: an OPT whose owner is not the root is FORMERR', async () => {
      expect(await withOpt({ owner: 'static.gslb.example' })).toMatchObject({ rcode: 1, counts: [1, 0, 0, 1] });
    });

    it('RFC 6891 §6.1.1: an OPT outside the additional section is FORMERR', async () => {
      for (const section of ['answers', 'authorities'] as const) {
        const misplaced = query('static.gslb.example', QTYPE.A, undefined, { [section]: [opt()] });
        expect(await ask(servers.udp, misplaced)).toMatchObject({ rcode: 1, counts: [1, 0, 0, 0] });
      }
    });

    it('RFC 6891 §7: a malformed option is FORMERR with an OPT', async () => {
      for (const data of ['00', '000a', '000a00', '000a0008', '000a00080011', '0003ffff', '000f00000a']) {
        const edns = { options: [Buffer.from(data, 'hex')] };
        expect(await withOpt(edns)).toMatchObject({ rcode: 1, aa: 0, counts: [1, 0, 0, 1], opt: { version: 0 } });
      }
    });

    it('RFC 6891 §6.2.3: a size below 512 counts as 512, a larger one is used up to ours', async () => {
      for (const size of [0, 100, 511, 512]) {
        const response = await withOpt({ size }, 'gslb.example', QTYPE.NS);
        expect(response).toMatchObject({ rcode: 0, tc: 0, opt: { size: 1232 } });
      }
      const cut = await withOpt({ size: 700 }, 'big.gslb.example', QTYPE.TXT);
      expect(cut).toMatchObject({ tc: 1, counts: [1, 0, 0, 1], opt: { size: 1232 } });
    });

    it('RFC 6891 §7: a cut response keeps its OPT and its counts are right', async () => {
      const response = await withOpt({ size: 512, flags: DO }, 'big.gslb.example', QTYPE.TXT);
      expect(response).toMatchObject({ tc: 1, counts: [1, 0, 0, 1], opt: { flags: DO } });
      expect(response.octets.length).toBeLessThanOrEqual(512);
    });

    it('RFC 6891 §6.1.1: the OPT may stand anywhere in the additional section', async () => {
      const extra = record('x.example', QTYPE.A, 1, 0, Buffer.of(1, 2, 3, 4));
      const asked = query('static.gslb.example', QTYPE.A, undefined, {
        additionals: [extra, opt({ flags: DO }), extra],
      });
      expect(await ask(servers.udp, asked)).toMatchObject({ rcode: 0, counts: [1, 2, 0, 1], opt: { flags: DO } });
    });
  });

  describe('options', () => {
    it('RFC 5001 §2.1: NSID comes only if it was asked for', async () => {
      const asked = await withOpt({ options: [option(3)] });
      expect(asked.opt?.options.get(3)).toBe(Buffer.from(IDENTITY).toString('hex'));
      expect((await withOpt({})).opt?.options.has(3)).toBe(false);
      // RFC 5001 §2.1: what a query has in it is ignored.
      expect((await withOpt({ options: [option(3, Buffer.from('x'))] })).opt?.options.has(3)).toBe(true);
    });

    it('RFC 4786 §4.5: errors too tell which server it was', async () => {
      expect((await withOpt({ options: [option(3)] }, 'example.org')).opt?.options.has(3)).toBe(true);
    });

    it('RFC 7828 §3.3.2: keepalive is ignored over UDP and answered with the idle timeout over TCP', async () => {
      const asked = query('static.gslb.example', QTYPE.A, { options: [option(11)] });
      expect((await ask(servers.udp, asked)).opt?.options.size).toBe(0);
      expect((await askTcp(servers.tcp, asked)).opt?.options.get(11)).toBe(u16(TCP_IDLE_MS / 100).toString('hex'));
      const plain = query('static.gslb.example', QTYPE.A, {});
      expect((await askTcp(servers.tcp, plain)).opt?.options.has(11)).toBe(false);
    });

    it('RFC 7830 §4, RFC 8467 §4: a padded query is answered, and clear text is not padded', async () => {
      const padded = query('static.gslb.example', QTYPE.A, { options: [option(12, Buffer.alloc(64))] });
      for (const response of [await ask(servers.udp, padded), await askTcp(servers.tcp, padded)]) {
        expect(response).toMatchObject({ rcode: 0, counts: [1, 2, 0, 1] });
        expect(response.opt?.options.has(12)).toBe(false);
      }
    });

    it('RFC 8914 §2: REFUSED outside our zones says "Not Authoritative", only if the query had an OPT', async () => {
      expect((await withOpt({}, 'example.org')).opt?.options.get(15)).toBe('0014');
      expect((await withOpt({})).opt?.options.has(15)).toBe(false);
      expect((await ask(servers.udp, query('example.org', QTYPE.A))).counts).toEqual([1, 0, 0, 0]);
    });

    it('RFC 6891 §6.2.5: all options at once still fit 512 octets with the longest name', async () => {
      const options = [
        option(3),
        option(10, Buffer.alloc(8, 1)),
        option(11),
        option(8, Buffer.concat([u16(2), Buffer.of(128, 0), Buffer.alloc(16, 1)])),
      ];
      const response = await ask(
        servers.udp,
        message({ questions: [question(LONGEST_NAME, QTYPE.A)], additionals: [opt({ size: 512, options })] }),
      );
      expect(response.opt?.options.size).toBe(3);
      expect(response.octets.length).toBeLessThanOrEqual(512);
    });
  });
});
