import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nextSerial } from '../../../../src/core/desired/serial.ts';

/** RFC 1982 §3.2: b is newer than a. */
const isNewer = (a: number, b: number): boolean => a !== b && (b - a) >>> 0 < 0x8000_0000;

describe('nextSerial (RFC 1982)', () => {
  it('is the time in seconds where that is newer', () => {
    expect(nextSerial(0, 1_795_357_354)).toBe(1_795_357_354);
    expect(nextSerial(1_795_357_354, 1_795_357_400)).toBe(1_795_357_400);
  });

  it('is one more for a second change in the same second, or a clock that was set back', () => {
    expect(nextSerial(1_795_357_354, 1_795_357_354)).toBe(1_795_357_355);
    expect(nextSerial(1_795_357_354, 1_795_300_000)).toBe(1_795_357_355);
  });

  it('goes on over the wrap', () => {
    expect(nextSerial(0xffff_ffff, 0xffff_ffff)).toBe(0);
    expect(nextSerial(0xffff_ffff, 2 ** 32 + 5)).toBe(5);
  });

  it('is always newer, whatever came before', () => {
    const u32 = fc.nat({ max: 0xffff_ffff });
    fc.assert(fc.property(u32, u32, (previous, now) => isNewer(previous, nextSerial(previous, now))));
  });
});
