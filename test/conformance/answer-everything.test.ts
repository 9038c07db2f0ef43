import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask, askTcp } from '../support/dns-client.ts';
import {
  AD,
  CD,
  type MessageParts,
  message,
  type OptParts,
  option,
  QTYPE,
  query,
  RD,
  subnet,
} from '../support/dns-message.ts';
import { onEveryEngine, type TestServers } from '../support/dns-server.ts';
import { VIP } from '../support/world.ts';

const run = promisify(execFile);

onEveryEngine((startServers) => {
  let servers: TestServers;
  beforeAll(async () => {
    servers = await startServers();
  });
  afterAll(() => servers.close());

  const soa = (edns?: OptParts, parts: MessageParts = {}) => query('gslb.example', QTYPE.SOA, edns, parts);
  const unknownOption = option(100);

  /** The queries of RFC 8906 §8 with the RCODE that it expects. */
  const QUERIES: readonly (readonly [string, Buffer, number])[] = [
    ['8.1.1 SOA', soa(), 0],
    ['8.1.2 an unknown type', query('gslb.example', 1000), 0],
    ['8.1.3.1 CD', soa(undefined, { flags: CD }), 0],
    ['8.1.3.1 AD', soa(undefined, { flags: AD }), 0],
    ['8.1.3.2 the reserved flag', soa(undefined, { flags: 0x0040 }), 0],
    ['8.1.3.3 RD', soa(undefined, { flags: RD }), 0],
    ['8.1.4 an unknown opcode', message({ flags: 15 << 11 }), 4],
    ['8.2.1 EDNS', soa({ size: 4096 }), 0],
    ['8.2.2 EDNS version 1', soa({ version: 1 }), 16],
    ['8.2.3 an unknown option', soa({ options: [unknownOption] }), 0],
    ['8.2.4 an unknown EDNS flag', soa({ flags: 0x40 }), 0],
    ['8.2.5 version 1 with an unknown flag', soa({ version: 1, flags: 0x40 }), 16],
    ['8.2.6 version 1 with an unknown option', soa({ version: 1, options: [unknownOption] }), 16],
    ['8.2.7 DO with 512 octets', query('gslb.example', 48, { size: 512, flags: 0x8000 }), 0],
    ['8.2.8 DO with EDNS version 1', soa({ version: 1, flags: 0x8000 }), 16],
    [
      '8.2.9 several known options',
      soa({ options: [option(3), option(10, Buffer.alloc(8, 1)), subnet(2, 0, []), option(9)] }),
      0,
    ],
  ];

  describe('answering everything', () => {
    it('RFC 8906 §8: none of its 16 queries goes unanswered, over UDP and TCP', async () => {
      expect(QUERIES).toHaveLength(16);
      for (const [title, octets, rcode] of QUERIES) {
        const responses = [await ask(servers.udp, octets), await askTcp(servers.tcp, octets)];
        for (const response of responses) {
          expect({ title, rcode: response.rcode, z: response.z, ra: response.ra }).toEqual({
            title,
            rcode,
            z: 0,
            ra: 0,
          });
          expect(
            response.opt === undefined || (response.opt.version === 0 && (response.opt.flags & 0x7fff) === 0),
          ).toBe(true);
        }
      }
    });
  });

  /** Both programs print these words where they dislike a response. */
  const COMPLAINTS = /warning|malformed|mismatch|not implemented|extra bytes/i;

  describe('other clients', () => {
    const dig = '/usr/bin/dig';
    it.skipIf(!existsSync(dig))('RFC 7871 §7.2.1: dig reads answer, scope and cookie without complaint', async () => {
      const server = ['@127.0.0.1', '-p', String(servers.udp.port), '+norecurse'];
      const { stdout } = await run(dig, [...server, 'shop.gslb.example', '+subnet=192.0.2.0/24', '+nsid']);
      expect(stdout).toContain(VIP['eu-west'].v4);
      expect(stdout).toContain('CLIENT-SUBNET: 192.0.2.0/24/24');
      expect(stdout).toMatch(/COOKIE: [0-9a-f]{48} \(good\)/);
      expect(stdout).not.toMatch(COMPLAINTS);
    });

    const kdig = '/usr/bin/kdig';
    it.skipIf(!existsSync(kdig))('RFC 7766 §6.2.1: kdig asks twice over one connection without complaint', async () => {
      const server = ['@127.0.0.1', '-p', String(servers.tcp.port), '+tcp', '+keepopen'];
      const { stdout } = await run(kdig, [...server, 'big.gslb.example', 'TXT', 'gslb.example', 'SOA']);
      expect(stdout.match(/status: NOERROR/g)).toHaveLength(2);
      expect(stdout).not.toMatch(COMPLAINTS);
    });
  });
});
