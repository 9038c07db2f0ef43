import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask } from '../support/dns-client.ts';
import { message, opt, option, QTYPE, query } from '../support/dns-message.ts';
import { createPinnedClock } from '../support/dns-pinned-clock.ts';
import { onEveryEngine, type TestServers } from '../support/dns-server.ts';

/** The moment of RFC 9018, appendix A.1. */
const START = 1_559_731_985_000;
const COOKIE = 10;
const CLIENT = Buffer.from('2464c4abcf10c957', 'hex');

const clock = createPinnedClock(START);
onEveryEngine((startServers) => {
  let servers: TestServers;
  beforeAll(async () => {
    servers = await startServers({ clock });
  });
  afterAll(() => servers.close());

  const cookieOf = async (data: Buffer, name = 'static.gslb.example') =>
    (await ask(servers.udp, query(name, QTYPE.A, { options: [option(COOKIE, data)] }))).opt?.options.get(COOKIE) ?? '';

  describe('cookies', () => {
    it('RFC 9018 §4: a client cookie gets a server cookie of 16 octets and version 1', async () => {
      clock[0] = START;
      const cookie = await cookieOf(CLIENT);
      expect(cookie).toMatch(/^2464c4abcf10c95701000000/);
      expect(cookie).toHaveLength(48);
      expect(cookie.slice(24, 32)).toBe('5cf79f11');
    });

    it('RFC 9018 §4.3: a good cookie comes back for half an hour, then a new one', async () => {
      clock[0] = START;
      const cookie = await cookieOf(CLIENT);
      clock[0] = START + 1_799_000;
      expect(await cookieOf(Buffer.from(cookie, 'hex'))).toBe(cookie);
      clock[0] = START + 1_801_000;
      expect(await cookieOf(Buffer.from(cookie, 'hex'))).not.toBe(cookie);
    });

    it('RFC 7873 §5.2.4: a wrong server cookie is answered, with a right one', async () => {
      clock[0] = START;
      const right = await cookieOf(CLIENT);
      const wrong = Buffer.from(right, 'hex');
      wrong[23] = (wrong[23] ?? 0) ^ 1;
      const asked = query('static.gslb.example', QTYPE.A, { options: [option(COOKIE, wrong)] });
      const response = await ask(servers.udp, asked);
      expect(response).toMatchObject({ rcode: 0, counts: [1, 2, 0, 1] });
      expect(response.opt?.options.get(COOKIE)).toBe(right);
      for (const length of [16, 17, 39, 40]) {
        const other = Buffer.concat([CLIENT, Buffer.alloc(length - 8, 7)]);
        expect(await cookieOf(other)).toBe(right);
      }
    });

    it('RFC 7873 §5.2.2: a cookie of 1–7, 9–15 or over 40 octets is FORMERR', async () => {
      for (const length of [0, 1, 7, 9, 15, 41, 100]) {
        const asked = query('static.gslb.example', QTYPE.A, { options: [option(COOKIE, Buffer.alloc(length))] });
        expect(await ask(servers.udp, asked)).toMatchObject({ rcode: 1, counts: [1, 0, 0, 1] });
      }
    });

    it('RFC 7873 §5.2: without a cookie none is sent, and errors carry it too', async () => {
      const plain = await ask(servers.udp, query('static.gslb.example', QTYPE.A, {}));
      expect(plain.opt?.options.has(COOKIE)).toBe(false);
      expect(await cookieOf(CLIENT, 'example.org')).toHaveLength(48);
    });

    it('RFC 7873 §5.4: a query without a question asks for a cookie', async () => {
      clock[0] = START;
      const bare = (data: Buffer) => message({ additionals: [opt({ options: [option(COOKIE, data)] })] });
      const response = await ask(servers.udp, bare(CLIENT));
      expect(response).toMatchObject({ rcode: 0, counts: [0, 0, 0, 1] });
      const cookie = Buffer.from(response.opt?.options.get(COOKIE) ?? '', 'hex');
      expect(await ask(servers.udp, bare(cookie))).toMatchObject({ rcode: 0 });
      cookie[20] = (cookie[20] ?? 0) ^ 1;
      const wrong = await ask(servers.udp, bare(cookie));
      expect(wrong).toMatchObject({ rcode: 23, counts: [0, 0, 0, 1] });
      expect(wrong.opt?.options.get(COOKIE)).toHaveLength(48);
    });
  });
});
