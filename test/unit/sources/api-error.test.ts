import { expect, test } from 'vitest';
import { refusal } from '../../../src/sources/gateway-api/api-error.ts';

const TOKEN = 'eyJhbGciOiJSUzI1NiJ9.c2VjcmV0';
const pair = Buffer.from('ana:correct horse').toString('base64');

test('the words of an API server are told', () => {
  const error = refusal(
    403,
    { message: 'routes is forbidden: User "ana" cannot list' },
    { authorization: `Bearer ${TOKEN}` },
  );
  expect(error.message).toBe('the API server says 403 "routes is forbidden: User \\"ana\\" cannot list"');
});

test.each([
  ['a token', `Bearer ${TOKEN}`, `no: ${TOKEN}`],
  ['a part of a token', `Bearer ${TOKEN}`, `no: ${TOKEN.slice(10, 26)}…`],
  ['a pair', `Basic ${pair}`, `no: Basic ${pair}`],
  ['a password', `Basic ${pair}`, 'no: ana:correct horse'],
])('but not where they repeat %s', (_, authorization, message) => {
  const { message: told, failure } = refusal(401, { message }, { authorization });
  expect(failure).toBe('unauthorized');
  expect(told).toBe('the API server says 401 (left out: it repeats a part of our credentials)');
});

test('who we are may be said, though our token has it in it', () => {
  const { message } = refusal(
    403,
    { message: 'User "azimuth" cannot list' },
    { authorization: 'Bearer azimuth-token-of-a-test' },
  );
  expect(message).toContain('User');
});
