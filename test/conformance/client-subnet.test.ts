import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask } from '../support/dns-client.ts';
import { option, QTYPE, query, type Response, subnet, u16 } from '../support/dns-message.ts';
import { onEveryEngine, type TestServers } from '../support/dns-server.ts';
import { VIP } from '../support/world.ts';

onEveryEngine((startServers) => {
  let servers: TestServers;
  beforeAll(async () => {
    servers = await startServers();
  });
  afterAll(() => servers.close());

  const CLIENT_SUBNET = 8;

  const from = (ecs: Buffer, name = 'shop.gslb.example', type: number = QTYPE.A) =>
    ask(servers.udp, query(name, type, { options: [ecs] }));

  const echoed = (response: Response) => response.opt?.options.get(CLIENT_SUBNET);
  const data = (family: number, prefix: number, scope: number, address: readonly number[]) =>
    Buffer.concat([u16(family), Buffer.of(prefix, scope, ...address)]).toString('hex');

  const address = (response: Response) =>
    response.packet.answers?.map((record) => (record.type === 'A' || record.type === 'AAAA') && record.data);

  describe('Client Subnet', () => {
    it('RFC 7871 §7.2.1: family, source prefix and address come back with the scope of the place', async () => {
      const frankfurt = await from(subnet(1, 24, [192, 0, 2]));
      expect(address(frankfurt)).toEqual([VIP['eu-west'].v4]);
      expect(echoed(frankfurt)).toBe(data(1, 24, 24, [192, 0, 2]));
      const virginia = await from(subnet(1, 32, [198, 51, 100, 7]));
      expect(address(virginia)).toEqual([VIP['us-east'].v4]);
      expect(echoed(virginia)).toBe(data(1, 32, 25, [198, 51, 100, 7]));
      const tokyo = await from(subnet(1, 24, [203, 0, 113]));
      expect(address(tokyo)).toEqual([VIP['ap-northeast'].v4]);
      expect(echoed(tokyo)).toBe(data(1, 24, 20, [203, 0, 113]));
    });

    it('RFC 7871 §7.2.1: a scope may be longer than the source prefix', async () => {
      expect(echoed(await from(subnet(1, 16, [198, 51])))?.slice(0, 6)).toBe('000110');
    });

    it('RFC 7871 §6: IPv6 subnets are placed and echoed, whatever their length', async () => {
      const frankfurt = await from(subnet(2, 56, [0x20, 1, 0xd, 0xb8, 0, 1, 0x12]), 'shop.gslb.example', QTYPE.AAAA);
      expect(address(frankfurt)).toEqual([VIP['eu-west'].v6]);
      expect(echoed(frankfurt)).toBe(data(2, 56, 48, [0x20, 1, 0xd, 0xb8, 0, 1, 0x12]));
      const virginia = await from(subnet(2, 61, [0x20, 1, 0xd, 0xb8, 0, 2, 0, 8]));
      expect(address(virginia)).toEqual([VIP['us-east'].v4]);
      expect(echoed(virginia)).toBe(data(2, 61, 56, [0x20, 1, 0xd, 0xb8, 0, 2, 0, 8]));
    });

    it('RFC 7871 §7.2.1: the scope is 0 where the place is not used', async () => {
      for (const name of ['static.gslb.example', 'missing.gslb.example', 'gslb.example', 'example.org']) {
        expect(echoed(await from(subnet(1, 24, [192, 0, 2]), name))).toBe(data(1, 24, 0, [192, 0, 2]));
      }
    });

    it('RFC 7871 §7.2.1: an answer that a subnet keeps has the scope of what was read of the subnet', async () => {
      const scopeOf = async (ecs: Buffer) => {
        const response = await from(ecs, 'kept.gslb.example');
        expect(response).toMatchObject({ rcode: 0, counts: [1, 1, 0, 1] });
        return Number.parseInt(echoed(response)?.slice(6, 8) ?? '', 16);
      };
      expect(await scopeOf(subnet(1, 24, [192, 0, 2]))).toBe(24);
      expect(await scopeOf(subnet(1, 32, [192, 0, 2, 7]))).toBe(24);
      expect(await scopeOf(subnet(1, 25, [198, 51, 100, 0]))).toBe(24);
      expect(await scopeOf(subnet(1, 16, [192, 0]))).toBe(16);
      expect(await scopeOf(subnet(1, 1, [128]))).toBe(1);
      expect(await scopeOf(subnet(2, 64, [0x20, 1, 0xd, 0xb8, 0, 1, 0x12, 0]))).toBe(56);
      expect(await scopeOf(subnet(2, 48, [0x20, 1, 0xd, 0xb8, 0, 1]))).toBe(48);
      expect(await scopeOf(subnet(1, 0, []))).toBe(0);
    });

    it('RFC 7871 §7.1.2: source prefix 0 asks for privacy: the scope is 0', async () => {
      const response = await from(subnet(1, 0, []));
      expect(response).toMatchObject({ rcode: 0, counts: [1, 1, 0, 1] });
      expect(echoed(response)).toBe(data(1, 0, 0, []));
      expect(echoed(await from(subnet(2, 0, [])))).toBe(data(2, 0, 0, []));
      expect(echoed(await from(subnet(0, 0, [])))).toBe(data(0, 0, 0, []));
    });

    it('RFC 7871 §7.1.2: an unknown family is FORMERR', async () => {
      for (const family of [0, 3, 255, 65535]) {
        expect(await from(subnet(family, 8, [10]))).toMatchObject({ rcode: 1, counts: [1, 0, 0, 1] });
      }
    });

    it('RFC 7871 §7.1.2: a prefix too long for its family is FORMERR', async () => {
      expect(await from(subnet(1, 33, [192, 0, 2, 1, 0]))).toMatchObject({ rcode: 1 });
      expect(await from(subnet(2, 129, Array(17).fill(1)))).toMatchObject({ rcode: 1 });
    });

    it('RFC 7871 §6: an address too short, too long or with bits behind its prefix is FORMERR', async () => {
      for (const ecs of [
        subnet(1, 24, [192, 0]),
        subnet(1, 24, [192, 0, 2, 0]),
        subnet(1, 20, [192, 0, 2]),
        subnet(2, 56, Array(8).fill(0)),
        option(CLIENT_SUBNET),
        option(CLIENT_SUBNET, Buffer.of(0, 1, 0)),
      ]) {
        expect(await from(ecs)).toMatchObject({ rcode: 1, counts: [1, 0, 0, 1], opt: { version: 0 } });
      }
    });

    it('RFC 7871 §7.1.2: a scope in a query is FORMERR', async () => {
      expect(await from(subnet(1, 24, [192, 0, 2], 24))).toMatchObject({ rcode: 1 });
    });

    it('RFC 7871 §7.2.1: of two subnets the first counts', async () => {
      const response = await from(Buffer.concat([subnet(1, 24, [192, 0, 2]), subnet(1, 24, [203, 0, 113])]));
      expect(address(response)).toEqual([VIP['eu-west'].v4]);
      expect(echoed(response)).toBe(data(1, 24, 24, [192, 0, 2]));
    });

    it('RFC 7871 §7.2.2: without the option there is none in the response', async () => {
      const response = await ask(servers.udp, query('shop.gslb.example', QTYPE.A, {}));
      expect(response.opt?.options.size).toBe(0);
    });
  });
});
