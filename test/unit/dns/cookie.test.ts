import { describe, expect, it } from 'vitest';
import { createClientAddress, readAddress } from '../../../src/dns/client-address.ts';
import { option, QTYPE, query, readResponse } from '../../support/dns-message.ts';
import { createTestResponder } from '../../support/dns-server.ts';
import { respondTo } from '../../support/respond.ts';

/** The test vectors of RFC 9018, appendix A: what a client sent, and what the server gave it. */
const VECTORS = [
  {
    title: 'A.1: a new cookie',
    secret: 'e5e973e5a6b2a43f48e7dc849e37bfcf',
    client: '198.51.100.100',
    at: 1559731985,
    sent: '2464c4abcf10c957',
    got: '2464c4abcf10c957010000005cf79f111f8130c3eee29480',
  },
  {
    title: 'A.2: an ageing cookie is renewed',
    secret: 'e5e973e5a6b2a43f48e7dc849e37bfcf',
    client: '198.51.100.100',
    at: 1559734385,
    sent: '2464c4abcf10c957010000005cf79f111f8130c3eee29480',
    got: '2464c4abcf10c957010000005cf7a871d4a564a1442aca77',
  },
  {
    title: 'A.3: reserved octets are part of the hash',
    secret: 'e5e973e5a6b2a43f48e7dc849e37bfcf',
    client: '203.0.113.203',
    at: 1559734700,
    sent: 'fc93fc62807ddb8601abcdef5cf78f71a314227b6679ebf5',
    got: 'fc93fc62807ddb86010000005cf7a9acf73a7810aca2381e',
  },
  {
    title: 'A.4: an IPv6 client under a new secret',
    secret: '445536bcd2513298075a5d379663c962',
    client: '2001:db8:220:1:59de:d0f4:8769:82b8',
    at: 1559741961,
    sent: '22681ab97d52c298010000005cf7c57926556bd0934c72f8',
    got: '22681ab97d52c298010000005cf7c609a6bb79d16625507a',
  },
] as const;

const client = createClientAddress();

function cookieFor(secret: string, from: string, seconds: number, sent: string): string | undefined {
  const { responder } = createTestResponder({ cookieSecret: Buffer.from(secret, 'hex'), now: () => seconds * 1000 });
  readAddress(from, client);
  const asked = query('static.gslb.example', QTYPE.A, { options: [option(10, Buffer.from(sent, 'hex'))] });
  return readResponse(respondTo(responder, asked, client)).opt?.options.get(10);
}

describe('server cookies', () => {
  for (const { title, secret, client: from, at, sent, got } of VECTORS) {
    it(`RFC 9018 appendix ${title}`, () => {
      expect(cookieFor(secret, from, at, sent)).toBe(got);
    });
  }

  it('takes a cookie whose reserved octets another server has set, for half an hour', () => {
    const sent = 'fc93fc62807ddb8601abcdef5cf78f71a314227b6679ebf5';
    expect(cookieFor('e5e973e5a6b2a43f48e7dc849e37bfcf', '203.0.113.203', 0x5cf78f71 + 100, sent)).toBe(sent);
  });

  it('takes no cookie of another address, nor from far ahead', () => {
    const sent = '2464c4abcf10c957010000005cf79f111f8130c3eee29480';
    const { secret, client: from, at } = VECTORS[0];
    expect(cookieFor(secret, from, at - 299, sent)).toBe(sent);
    expect(cookieFor(secret, from, at - 301, sent)).not.toBe(sent);
    expect(cookieFor(secret, '198.51.100.101', at, sent)).not.toBe(sent);
  });
});
