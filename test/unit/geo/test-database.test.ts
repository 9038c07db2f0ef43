import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { testDatabases } from '../../../geoip/make-test-database.ts';

describe('geoip/make-test-database.ts', () => {
  it.each([...testDatabases()])('makes the committed %s, byte for byte', (name, bytes) => {
    expect(bytes.equals(readFileSync(new URL(`../../../geoip/${name}`, import.meta.url)))).toBe(true);
  });
});
