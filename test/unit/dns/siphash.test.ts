import { describe, expect, it } from 'vitest';
import { createSipHash } from '../../../src/dns/siphash.ts';

const KEY = Uint8Array.from({ length: 16 }, (_, i) => i);

/** The first results of SipHash-2-4 in the reference implementation (vectors.h): input 00 01 02 … of length 0 to 15. */
const VECTORS = [
  '310e0edd47db6f72',
  'fd67dc93c539f874',
  '5a4fa9d909806c0d',
  '2d7efbd796666785',
  'b7877127e09427cf',
  '8da699cd64557618',
  'cee3fe586e46c9cb',
  '37d1018bf50002ab',
  '6224939a79f5f593',
  'b0e4a90bdf82009e',
  'f3b9dd94c5bb5d7a',
  'a7ad6b22462fb3f4',
  'fbe50e86bc8f1e75',
  '903d84c02756ea14',
  'eef27a8e90ca23f7',
  'e545be4961ca29a1',
];

describe('SipHash-2-4', () => {
  it('gives the results of the reference implementation', () => {
    const hash = createSipHash(KEY);
    VECTORS.forEach((expected, length) => {
      const out = new Uint8Array(10);
      hash(
        Uint8Array.from({ length: 64 }, (_, i) => i),
        length,
        out,
        1,
      );
      expect(Buffer.from(out.subarray(1, 9)).toString('hex')).toBe(expected);
    });
  });

  it('refuses a key of another length', () => {
    expect(() => createSipHash(new Uint8Array(15))).toThrow('16 octets');
  });
});
