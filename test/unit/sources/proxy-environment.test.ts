import { expect, test } from 'vitest';
import { proxyFromEnvironment } from '../../../src/sources/gateway-api/proxy-environment.ts';

const PROXY = 'http://proxy.example:3128';
const way = (server: string, env: NodeJS.ProcessEnv): string | undefined =>
  proxyFromEnvironment(new URL(server), env)?.value;

test.each([
  ['https://api.example', {}, undefined],
  ['https://api.example', { HTTPS_PROXY: PROXY }, PROXY],
  ['https://api.example', { https_proxy: PROXY }, PROXY],
  ['https://api.example', { HTTPS_PROXY: '', https_proxy: PROXY }, PROXY],
  ['https://api.example', { HTTPS_PROXY: PROXY, https_proxy: 'http://other' }, PROXY],
  ['https://api.example', { HTTP_PROXY: PROXY }, undefined],
  ['http://api.example', { HTTP_PROXY: PROXY, HTTPS_PROXY: 'http://other' }, PROXY],
  ['https://api.example', { HTTPS_PROXY: 'proxy.example:3128' }, PROXY],
  ['https://api.example', { HTTPS_PROXY: 'proxy.example' }, 'http://proxy.example'],
  ['https://api.example', { HTTPS_PROXY: '192.0.2.9:8080' }, 'http://192.0.2.9:8080'],
  ['https://localhost:6443', { HTTPS_PROXY: PROXY }, undefined],
  ['https://127.4.5.6:6443', { HTTPS_PROXY: PROXY }, undefined],
  ['https://[::1]:6443', { HTTPS_PROXY: PROXY }, undefined],
])('the way to %s with %j is %s', (server, env, wanted) => expect(way(server, env)).toBe(wanted));

// As the tests of golang.org/x/net/http/httpproxy have them, and client-go's documentation.
test.each([
  ['https://api.example', '*', 'excepted'],
  ['https://api.example', 'a, * ,b', 'excepted'],
  ['https://api.example', 'example', 'excepted'],
  ['https://example', 'example', 'excepted'],
  ['https://api.example', '.example', 'excepted'],
  ['https://example', '.example', 'proxied'],
  ['https://api.example', '*.example', 'excepted'],
  ['https://example', '*.example', 'proxied'],
  ['https://apiexample', 'example', 'proxied'],
  ['https://API.example', 'Api.EXAMPLE', 'excepted'],
  ['https://api.example', 'api.example:443', 'excepted'],
  ['https://api.example:6443', 'api.example:443', 'proxied'],
  ['https://api.example:6443', '.example:6443', 'excepted'],
  ['https://api.example', ',, ,other.example,.,:443', 'proxied'],
  ['https://192.0.2.1', '192.0.2.1', 'excepted'],
  ['https://192.0.2.1:6443', '192.0.2.1:6443', 'excepted'],
  ['https://192.0.2.1:6443', '192.0.2.1:443', 'proxied'],
  ['https://192.0.2.1', '192.0.2.0/24', 'excepted'],
  ['https://192.0.3.1', '192.0.2.0/24', 'proxied'],
  ['https://192.0.2.1', '192.0.2.0/99,10.0.0.0/x', 'proxied'],
  ['https://192.0.2.1', '2001:db8::/32', 'proxied'],
  ['https://[2001:db8::1]', '2001:DB8::/32', 'excepted'],
  ['https://[2001:db8::1]', '2001:db8:0::1', 'excepted'],
  ['https://[2001:db8::1]:6443', '[2001:db8::1]:6443', 'excepted'],
  ['https://[2001:db8::1]:6443', '[2001:db8::1]:443', 'proxied'],
  ['https://[2001:db8::2]', '2001:db8::1', 'proxied'],
])('%s with NO_PROXY=%s is %s', (server, NO_PROXY, wanted) => {
  const expected = wanted === 'proxied' ? PROXY : undefined;
  expect(way(server, { HTTPS_PROXY: PROXY, NO_PROXY })).toBe(expected);
  expect(way(server, { HTTPS_PROXY: PROXY, no_proxy: NO_PROXY })).toBe(expected);
});

test('says which variable it was', () => {
  expect(proxyFromEnvironment(new URL('https://a'), { https_proxy: PROXY })?.variable).toBe('https_proxy');
});
