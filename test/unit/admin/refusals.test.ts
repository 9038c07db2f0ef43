import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Admin, type Ask, askRaw, OPERATE, READ, type Reply, startAdmin } from './admin-fixture.ts';

const DRAIN = '/v1/clusters/us-east/drain';

/** Checks the form of a problem document and gives its status and code. */
function problemOf(reply: Reply): [number, unknown] {
  expect(reply.headers['content-type'], reply.text).toBe('application/problem+json');
  expect(reply.headers['cache-control']).toBe('no-store');
  const body = reply.json();
  expect(body).toEqual({
    type: expect.stringMatching(/^tag:azimuth\.dev,2026:problem:[a-z-]+$/),
    title: expect.any(String),
    status: reply.status,
    detail: expect.any(String),
    code: expect.any(String),
  });
  expect(reply.text).not.toMatch(/\bat .*\.ts|node_modules|FST_ERR/);
  return [reply.status, Value.Parse(Type.Object({ code: Type.String() }), body).code];
}

describe('who may ask', () => {
  let admin: Admin;
  beforeEach(async () => {
    admin = await startAdmin();
  });
  afterEach(() => admin.server.close());

  it.each([
    ['GET', '/v1'],
    ['GET', '/v1/status'],
    ['GET', '/v1/hostnames'],
    ['GET', '/v1/hostnames/shop.gslb.example'],
    ['GET', '/v1/clusters'],
    ['GET', '/v1/findings'],
    ['GET', '/v1/explain?name=shop.gslb.example'],
    ['GET', '/metrics'],
    ['GET', '/v1/no-such-route'],
    ['PUT', '/v1/status'],
    ['POST', DRAIN],
    ['DELETE', DRAIN],
  ])('%s %s needs a token', async (method, path) => {
    const body = method === 'POST' ? { body: '{"reason":"x"}' } : {};
    const missing = await admin.ask(path, { method, ...body });
    expect(problemOf(missing)).toEqual([401, 'token-missing']);
    expect(missing.headers['www-authenticate']).toBe('Bearer realm="azimuth"');
    const wrong = await admin.ask(path, { method, token: `${READ}x`, ...body });
    expect(problemOf(wrong)).toEqual([401, 'token-wrong']);
    expect(wrong.headers['www-authenticate']).toContain('error="invalid_token"');
    expect(admin.orders).toEqual([]);
  });

  it.each(['Basic b3BzOm9wcw==', READ, 'Bearer', 'Bearer ', `Bearer ${READ} ${READ}`, `Bearer ${'x'.repeat(5000)}`])(
    'header %# holds no token',
    async (authorization) => {
      expect((await admin.ask('/v1/status', { headers: { authorization } })).status).toBe(401);
    },
  );

  it('the scheme is case-insensitive', async () => {
    expect((await admin.ask('/v1/status', { headers: { authorization: `bEARER  ${READ}` } })).status).toBe(200);
  });

  it.each(['POST', 'DELETE'])('%s drain needs the scope operate, and says so', async (method) => {
    const reply = await admin.ask(DRAIN, {
      method,
      token: READ,
      ...(method === 'POST' ? { body: '{"reason":"x"}' } : {}),
    });
    expect(problemOf(reply)).toEqual([403, 'scope-lacking']);
    expect(reply.headers['www-authenticate']).toContain('error="insufficient_scope", scope="operate"');
    expect(reply.text).toContain('operate');
    expect(admin.orders).toEqual([]);
  });

  it('refused tokens become 429 soon, and the right one still passes', async () => {
    const codes: unknown[] = [];
    for (let i = 0; i < 12; i++) codes.push(problemOf(await admin.ask('/v1/status', { token: `wrong-${i}` }))[0]);
    expect(codes).toEqual([...Array<number>(10).fill(401), 429, 429]);
    const limited = await admin.ask('/v1/status');
    expect(problemOf(limited)).toEqual([429, 'rate-limited']);
    expect(Number(limited.headers['retry-after'])).toBeGreaterThan(0);
    expect((await admin.ask('/v1/status', { token: READ })).status).toBe(200);
    expect(admin.logged.filter(({ level }) => level === 'warn').length).toBe(10);
    expect(JSON.stringify(admin.logged)).not.toContain('wrong-');
  });
});

describe('what is refused', () => {
  let admin: Admin;
  beforeAll(async () => {
    admin = await startAdmin();
  });
  afterAll(() => admin.server.close());

  const post: Ask = { method: 'POST', token: OPERATE };

  it.each<[string, string, Ask, number, string]>([
    ['an unknown path', '/v1/nothing', { token: READ }, 404, 'not-found'],
    ['an unknown hostname', '/v1/hostnames/x.gslb.example', { token: READ }, 404, 'hostname-unknown'],
    ['another method', '/v1/status', { method: 'PUT', token: READ }, 405, 'method-not-allowed'],
    ['another method on an open path', '/healthz', { method: 'DELETE' }, 405, 'method-not-allowed'],
    ['GET of a drain that there is not', DRAIN, { token: READ }, 404, 'drain-none'],
    ['GET of the drain of nobody', '/v1/clusters/mars/drain', { token: READ }, 404, 'cluster-unknown'],
    ['a body that is no JSON', DRAIN, { ...post, body: '{"reason":' }, 400, 'body-malformed'],
    ['an empty JSON body', DRAIN, { ...post, body: '', headers: { 'content-length': '0' } }, 400, 'body-malformed'],
    ['a poisoned prototype', DRAIN, { ...post, body: '{"__proto__":{"x":1},"reason":"x"}' }, 400, 'body-malformed'],
    ['a body that is no object', DRAIN, { ...post, body: '["reason"]' }, 400, 'request-invalid'],
    ['no body', DRAIN, post, 400, 'request-invalid'],
    [
      'a text body',
      DRAIN,
      { ...post, body: 'x', headers: { 'content-type': 'text/plain' } },
      415,
      'media-type-unsupported',
    ],
    [
      'a form',
      DRAIN,
      { ...post, body: 'reason=x', headers: { 'content-type': 'application/x-www-form-urlencoded' } },
      415,
      'media-type-unsupported',
    ],
    [
      'a body over 16 KiB',
      DRAIN,
      { ...post, body: JSON.stringify({ reason: 'x'.repeat(20_000) }) },
      413,
      'body-too-large',
    ],
    ['a page of nothing', '/v1/hostnames?limit=0', { token: READ }, 400, 'request-invalid'],
    ['too large a page', '/v1/hostnames?limit=1001', { token: READ }, 400, 'request-invalid'],
    ['a limit twice', '/v1/hostnames?limit=1&limit=2', { token: READ }, 400, 'request-invalid'],
    ['an unknown parameter', '/v1/hostnames?clutser=x', { token: READ }, 400, 'request-invalid'],
    ['a zone that is no name', '/v1/hostnames?zone=a..b', { token: READ }, 400, 'name-invalid'],
    ['an unknown severity', '/v1/findings?severity=fatal', { token: READ }, 400, 'request-invalid'],
    ['explain without a name', '/v1/explain', { token: READ }, 400, 'request-invalid'],
    ['explain of no name', '/v1/explain?name=a..b', { token: READ }, 400, 'name-invalid'],
    ['explain from nowhere', '/v1/explain?name=a.b&from=here', { token: READ }, 400, 'address-invalid'],
    ['explain of a strange type', '/v1/explain?name=a.b&type=A%00', { token: READ }, 400, 'request-invalid'],
    ['explain of a type that there is not', '/v1/explain?name=a.b&type=BOGUS', { token: READ }, 400, 'request-invalid'],
    ['explain of a type over 16 bits', '/v1/explain?name=a.b&type=TYPE65536', { token: READ }, 400, 'request-invalid'],
    ['broken percent-encoding', '/v1/hostnames/%zz', { token: READ }, 400, 'request-malformed'],
    ['a name of no UTF-8', '/v1/hostnames/%ff%fe', { token: READ }, 400, 'request-malformed'],
  ])('%s', async (_what, path, ask, status, code) => {
    expect(problemOf(await admin.ask(path, ask))).toEqual([status, code]);
  });

  it.each([
    ['%00', 400],
    ['..%2f..%2fetc%2fpasswd', 400],
    ['%0d%0aset-cookie:x', 400],
    ['%3Cscript%3E', 404],
    ['__proto__', 404],
    ['constructor', 404],
    ['%E2%80%AE', 400],
    ['x'.repeat(64), 400],
    ['\\999', 400],
    ['a.'.repeat(200), 400],
    ['x'.repeat(1021), 414],
    ['%41'.repeat(1021), 414],
  ])('the hostile name %#', async (name, status) => {
    const reply = await admin.ask(`/v1/hostnames/${name}`, { token: READ });
    expect(problemOf(reply)[0]).toBe(status);
    expect(reply.headers['set-cookie']).toBeUndefined();
  });

  it('405 lists the methods that are allowed', async () => {
    const reply = await admin.ask(DRAIN, { method: 'PATCH', token: READ });
    expect([reply.status, reply.headers['allow']]).toEqual([405, 'DELETE, GET, HEAD, POST']);
    expect((await admin.ask('/v1/clusters', { method: 'OPTIONS', token: READ })).headers['allow']).toBe('GET, HEAD');
  });

  it('a rebound name is refused before the token is looked at, even on open paths', async () => {
    for (const path of ['/healthz', '/v1/status', '/v1/nothing']) {
      const reply = await admin.ask(path, { token: READ, headers: { host: 'rebound.example' } });
      expect(problemOf(reply)).toEqual([421, 'host-refused']);
    }
    expect((await admin.ask('/healthz', { headers: { host: 'localhost:1' } })).status).toBe(200);
  });

  it.each([
    ['no HTTP at all', 'hello\r\n\r\n', 400, 'request-malformed'],
    ['no Host', 'GET /healthz HTTP/1.1\r\n\r\n', 400, ''],
    [
      'headers over 8 KiB',
      `GET /healthz HTTP/1.1\r\nHost: localhost\r\nX: ${'x'.repeat(9000)}\r\n\r\n`,
      431,
      'head-too-large',
    ],
    [
      'a request smuggled by two lengths',
      'POST /healthz HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      400,
      'request-malformed',
    ],
  ])('%s', async (_what, octets, status, code) => {
    const reply = await askRaw(admin.port, octets);
    expect(reply).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(reply).toContain(code);
  });
});

describe('what a slow or broken side may do', () => {
  it('a request that never ends is answered with 408 and closed', async () => {
    const admin = await startAdmin();
    const socket = connect(admin.port, '127.0.0.1');
    socket.write('GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Slow: ');
    const reply = await text(socket);
    expect(reply).toMatch(/^HTTP\/1.1 408 /);
    expect(reply).toContain('request-timeout');
    await admin.server.close();
  });

  it('a body that comes too slowly is answered with 408 and closed', async () => {
    const admin = await startAdmin();
    const socket = connect(admin.port, '127.0.0.1');
    const head = [`POST ${DRAIN} HTTP/1.1`, 'Host: localhost', `Authorization: Bearer ${OPERATE}`];
    socket.write(`${head.join('\r\n')}\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"reason":`);
    const reply = await text(socket);
    expect(reply).toMatch(/^HTTP\/1.1 408 /);
    expect(admin.orders).toEqual([]);
    await admin.server.close();
  });

  it('a body without a length is no way around the limit', async () => {
    const admin = await startAdmin();
    const head = [`POST ${DRAIN} HTTP/1.1`, 'Host: localhost', `Authorization: Bearer ${OPERATE}`];
    const chunk = `2000\r\n${'x'.repeat(0x2000)}\r\n`;
    const rest = 'Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n';
    const reply = await askRaw(
      admin.port,
      `${head.join('\r\n')}\r\nConnection: close\r\n${rest}${chunk.repeat(3)}0\r\n\r\n`,
    );
    expect(reply).toMatch(/^HTTP\/1.1 413 /);
    expect(reply).toContain('body-too-large');
    await admin.server.close();
  });

  it('a fault of ours is a 500 without any word of it, and is logged', async () => {
    const admin = await startAdmin({ metrics: () => Promise.reject(new Error('secret detail')) });
    const reply = await admin.ask('/metrics', { token: READ });
    expect(problemOf(reply)).toEqual([500, 'internal']);
    expect(reply.text).not.toContain('secret detail');
    expect(admin.logged.map(({ level }) => level)).toEqual(['error']);
    await admin.server.close();
  });

  it('closing does not wait for a client that hangs, is idempotent, and frees the port', async () => {
    const reached = Promise.withResolvers<void>();
    const metrics = () => {
      reached.resolve();
      return Promise.withResolvers<never>().promise;
    };
    const admin = await startAdmin({ metrics });
    const asked = admin.ask('/metrics', { token: READ }).catch((error: unknown) => error);
    await reached.promise;
    const idle = connect(admin.port, '127.0.0.1').on('error', () => {});
    await new Promise((resolve) => idle.once('connect', resolve));
    const started = performance.now();
    await Promise.all([admin.server.close(), admin.server.close()]);
    expect(performance.now() - started).toBeLessThan(2_000);
    expect(await asked).toBeInstanceOf(Error);
    await expect(admin.ask('/healthz')).rejects.toThrow(/ECONNREFUSED/);
    idle.destroy();
  });

  it('closing lets a request that is under way end', async () => {
    const [reached, page] = [
      Promise.withResolvers<void>(),
      Promise.withResolvers<{ contentType: string; body: string }>(),
    ];
    const metrics = () => {
      reached.resolve();
      return page.promise;
    };
    const admin = await startAdmin({ metrics });
    const asked = admin.ask('/metrics', { token: READ });
    await reached.promise;
    const closed = admin.server.close();
    page.resolve({ contentType: 'text/plain', body: 'made in time' });
    expect((await asked).text).toBe('made in time');
    await closed;
  });

  it('an address that is taken is the error of the system', async () => {
    const admin = await startAdmin();
    await expect(startAdmin({ listen: { host: '127.0.0.1', port: admin.port } })).rejects.toThrow(/EADDRINUSE/);
    await admin.server.close();
  });
});
