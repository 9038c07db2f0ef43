import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask, askTcp } from '../support/dns-client.ts';
import { message, opt, QTYPE, question, record, u16, u32, wireName } from '../support/dns-message.ts';
import { onEveryEngine, type TestServers } from '../support/dns-server.ts';

onEveryEngine((startServers) => {
  let servers: TestServers;
  beforeAll(async () => {
    servers = await startServers();
  });
  afterAll(() => servers.close());

  const TIME = Buffer.from('00006543210a012c', 'hex');
  const ALGORITHM = wireName('hmac-sha256');

  function tsig(owner: string | Buffer, id: number, mac = Buffer.alloc(32, 0xaa)): Buffer {
    const data = Buffer.concat([ALGORITHM, TIME, u16(mac.length), mac, u16(id, 0, 0)]);
    return record(owner, QTYPE.TSIG, 255, 0, data);
  }

  function signed(id: number, additionals: readonly Buffer[], type: number = QTYPE.A, flags = 0): Buffer {
    return message({ id, flags, questions: [question('gslb.example', type)], additionals });
  }

  describe('TSIG', () => {
    it('RFC 8945 §5.2.1: an unknown key is NOTAUTH with a TSIG that says BADKEY and has no MAC', async () => {
      const response = await ask(servers.udp, signed(4711, [tsig('Some.Key', 4711)]));
      expect(response).toMatchObject({ rcode: 9, aa: 0, counts: [1, 0, 0, 1] });
      const expected = record(
        'Some.Key',
        QTYPE.TSIG,
        255,
        0,
        Buffer.concat([ALGORITHM, TIME, u16(0), u16(4711, 17, 0)]),
      );
      expect(response.octets.subarray(-expected.length)).toEqual(expected);
    });

    it('RFC 8945 §5.1: the TSIG of the response is its last record, behind the OPT', async () => {
      const response = await ask(servers.udp, signed(5, [opt(), tsig('key', 5)]));
      expect(response).toMatchObject({ rcode: 9, counts: [1, 0, 0, 2], opt: { version: 0 } });
      expect(response.packet.additionals?.map((additional) => additional.type)).toEqual(['OPT', 'TSIG']);
    });

    it('RFC 8945 §5.1: a TSIG that is not the last record is FORMERR', async () => {
      expect(await ask(servers.udp, signed(6, [tsig('key', 6), opt()]))).toMatchObject({ rcode: 1 });
      expect(await ask(servers.udp, signed(6, [tsig('key', 6), tsig('key', 6)]))).toMatchObject({ rcode: 1 });
    });

    it('RFC 8945 §4.2: a malformed TSIG is FORMERR', async () => {
      const wrongClass = record('key', QTYPE.TSIG, 1, 0, Buffer.concat([ALGORITHM, TIME, u16(0, 7, 0, 0)]));
      const short = record('key', QTYPE.TSIG, 255, 0, ALGORITHM);
      const longMac = record('key', QTYPE.TSIG, 255, 0, Buffer.concat([ALGORITHM, TIME, u16(500, 7, 0, 0)]));
      const badTtl = Buffer.concat([wireName('key'), u16(QTYPE.TSIG, 255), u32(1), u16(0)]);
      for (const bad of [wrongClass, short, longMac, badTtl]) {
        expect(await ask(servers.udp, signed(7, [bad]))).toMatchObject({ rcode: 1, counts: [1, 0, 0, 0] });
      }
    });

    it('RFC 8945 §5.2.1: a key never opens a transfer or an update', async () => {
      expect(await askTcp(servers.tcp, signed(8, [tsig('key', 8)], QTYPE.AXFR))).toMatchObject({ rcode: 9 });
      expect(await ask(servers.udp, signed(9, [tsig('key', 9)], QTYPE.SOA, 5 << 11))).toMatchObject({
        opcode: 5,
        rcode: 9,
      });
    });

    it('RFC 1035 §4.1.4: a key name that is compressed against the question comes back as it was', async () => {
      const response = await ask(servers.udp, signed(10, [tsig(Buffer.from('036b6579c00c', 'hex'), 10)]));
      expect(response).toMatchObject({ rcode: 9, counts: [1, 0, 0, 1] });
      expect(response.packet.additionals?.[0]?.name).toBe('key.gslb.example');
      const astray = tsig(Buffer.from('036b6579c00e', 'hex'), 11);
      expect(await ask(servers.udp, signed(11, [astray]))).toMatchObject({ rcode: 1 });
    });
  });
});
