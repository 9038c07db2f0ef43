import { describe, expect, it } from 'vitest';
import { isHostAccepted } from '../../../src/admin/host.ts';

describe('the Host header of a server on loopback', () => {
  it.each(['localhost', 'LOCALHOST:8053', '127.0.0.1', '127.0.0.1:8053', '[::1]', '[::1]:8053', '127.0.0.9:1'])(
    'may be %s',
    (host) => expect(isHostAccepted(host, '127.0.0.9')).toBe(true),
  );

  it.each([
    undefined,
    '',
    'evil.example',
    'evil.example:8053',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    'localhost:8053:1',
    '127.0.0.2',
    '::1',
    '[::2]',
    'localhost@evil.example',
    'localhost:99999999',
  ])('may not be %s', (host) => expect(isHostAccepted(host, '127.0.0.9')).toBe(false));
});

it('elsewhere every name may be asked for', () => {
  expect(isHostAccepted('director.example', '192.0.2.1')).toBe(true);
  expect(isHostAccepted('director.example', '0.0.0.0')).toBe(true);
});
