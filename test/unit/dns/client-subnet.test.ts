import { describe, expect, it } from 'vitest';
import { createClientAddress, readAddress } from '../../../src/dns/client-address.ts';
import { QTYPE, query, readResponse, subnet } from '../../support/dns-message.ts';
import { createTestResponder } from '../../support/dns-server.ts';
import { respondTo } from '../../support/respond.ts';

const { responder } = createTestResponder();
const client = createClientAddress();

/** Whom the sticky hostname of the world names to a sender, who may speak for a client's subnet. */
function namedTo(sender: string, ecs?: Buffer): string {
  readAddress(sender, client);
  const asked = query('kept.gslb.example', QTYPE.A, ecs === undefined ? {} : { options: [ecs] });
  const { answers = [] } = readResponse(respondTo(responder, asked, client)).packet;
  return answers.map((record) => (record.type === 'A' ? record.data : '')).join(' ');
}

const numbers = Array.from({ length: 64 }, (_, i) => i);

describe('a sticky hostname', () => {
  it('keeps the cluster of a sender: its IPv4 /24, its IPv6 /56', () => {
    const named = new Set<string>();
    for (const i of numbers) {
      const four = namedTo(`198.18.${i}.1`);
      expect(namedTo(`198.18.${i}.200`)).toBe(four);
      expect(namedTo(`::ffff:198.18.${i}.7`)).toBe(four);
      const six = namedTo(`2001:db8:${i}:aa00::1`);
      expect(namedTo(`2001:db8:${i}:aaff:ffff::`)).toBe(six);
      named.add(four).add(six);
    }
    expect(named.size).toBe(3);
  });

  it('keeps the cluster of the subnet that a resolver speaks for, whoever the resolver is', () => {
    for (const i of numbers) {
      const direct = namedTo(`198.18.${i}.1`);
      expect(namedTo('192.0.2.254', subnet(1, 24, [198, 18, i]))).toBe(direct);
      expect(namedTo('2001:db8::53', subnet(1, 32, [198, 18, i, 99]))).toBe(direct);
      const six = namedTo(`2001:db8:0:${(i << 8).toString(16)}::1`);
      expect(namedTo('192.0.2.254', subnet(2, 56, [0x20, 1, 0xd, 0xb8, 0, 0, i]))).toBe(six);
      expect(namedTo('192.0.2.254', subnet(2, 64, [0x20, 1, 0xd, 0xb8, 0, 0, i, 9]))).toBe(six);
    }
  });

  it('takes a shorter subnet as it is', () => {
    const wide = numbers.map((i) => namedTo('192.0.2.254', subnet(1, 16, [198, i])));
    expect(numbers.map((i) => namedTo('198.51.100.1', subnet(1, 16, [198, i])))).toEqual(wide);
    expect(new Set(wide).size).toBe(3);
  });

  it('goes by the sender where privacy is asked for', () => {
    for (const i of numbers) {
      expect(namedTo(`198.18.${i}.1`, subnet(1, 0, []))).toBe(namedTo(`198.18.${i}.1`));
    }
  });
});
