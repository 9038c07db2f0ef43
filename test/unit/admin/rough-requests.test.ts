import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { doubleKey } from '../../../src/admin/double-key.ts';
import { expectedBy } from '../../../src/admin/patterns.ts';
import { type Admin, type Ask, askRaw, OPERATE, READ, startAdmin } from './admin-fixture.ts';

let admin: Admin;
let from = 0;
beforeAll(async () => {
  admin = await startAdmin();
});
afterAll(() => admin.server.close());

const DRAIN = '/v1/clusters/us-east/drain';
const DRILL = { name: 'd', action: 'drain', scope: { clusters: ['us-east'] }, for: '10m', reason: 'proof' };
const OVERRIDE = { scope: { clusters: ['us-east'] }, action: 'down', reason: 'proof' };
const ROLLOUT = { name: 'move', from: ['eu-west'], to: ['us-east'], kind: 'canary' };

/** Each question comes from an address of its own: the limits are not what is looked at here. */
function ask(path: string, more: Ask = {}) {
  from += 1;
  return admin.ask(path, { token: OPERATE, from: `127.2.${Math.floor(from / 250)}.${(from % 250) + 1}`, ...more });
}

const sendBody = (path: string, body: unknown, method = 'POST') =>
  ask(path, { method, body: typeof body === 'string' ? body : JSON.stringify(body) });

describe('what is wrong with a request is said in words', () => {
  it.each<[string, string, object, string]>([
    ['POST', DRAIN, { reason: 'x', foo: 1 }, 'There is no "foo" here. Known are reason, from, force.'],
    ['POST', DRAIN, { reason: 'x', frce: true }, 'There is no "frce" here. Did you mean "force"?'],
    ['POST', '/v1/drills', { ...DRILL, colour: 1 }, 'There is no "colour" here. Known are name, scope, action, '],
    [
      'POST',
      '/v1/drills',
      { ...DRILL, scope: { cluster: ['x'] } },
      'scope: there is no "cluster" here. Did you mean "clusters"?',
    ],
    ['POST', '/v1/drills', { ...DRILL, scope: { except: { x: [] } } }, 'scope.except: there is no "x" here. '],
    ['POST', '/v1/drills', { ...DRILL, reason: ' ' }, 'reason: expected one line of text that is not blank'],
    ['POST', '/v1/drills', { ...DRILL, reason: 'a\nb' }, 'reason: expected one line of text that is not blank'],
    ['POST', '/v1/drills', { ...DRILL, reason: 'x'.repeat(501) }, 'reason: expected at most 500 characters'],
    ['POST', '/v1/drills', { ...DRILL, reason: undefined }, 'reason is missing.'],
    [
      'POST',
      '/v1/drills',
      { ...DRILL, action: 'dran' },
      'action: expected one of drain, fail, weight, blind. Did you mean "drain"?',
    ],
    ['POST', '/v1/drills', { ...DRILL, weight: 70_000 }, 'weight: expected a whole number from 0 to 65535.'],
    ['POST', '/v1/drills', { ...DRILL, weight: 1.5 }, 'weight: expected a whole number from 0 to 65535.'],
    ['POST', '/v1/drills', { ...DRILL, force: 'yes' }, 'force: expected true or false.'],
    [
      'POST',
      '/v1/drills',
      { ...DRILL, ramp: { steps: [1, 101], every: '1s' } },
      'ramp.steps[1]: expected a whole number from 1 to 100.',
    ],
    ['POST', '/v1/drills', { ...DRILL, ramp: { steps: [], every: '1s' } }, 'ramp.steps: expected at least 1'],
    ['POST', '/v1/drills', { ...DRILL, ramp: { steps: [1] } }, 'ramp.every is missing.'],
    ['POST', '/v1/drills', { ...DRILL, abort: [] }, 'abort: expected a JSON object.'],
    ['POST', '/v1/drills', [DRILL], 'The body: expected a JSON object.'],
    [
      'POST',
      '/v1/drills',
      { ...DRILL, scope: { hostnames: ['a b'] } },
      'scope.hostnames[0]: expected text without blanks',
    ],
    [
      'POST',
      '/v1/drills',
      { ...DRILL, scope: { hostnames: [''] } },
      'scope.hostnames[0]: expected at least 1 character',
    ],
    ['PUT', '/v1/overrides/o', { ...OVERRIDE, percent: 0 }, 'percent: expected a whole number from 1 to 100.'],
    [
      'POST',
      '/v1/rollouts',
      { ...ROLLOUT, hostnames: ['A.example'] },
      'hostnames[0]: expected a hostname in lower case',
    ],
    ['POST', '/v1/plan', { lose: ['a', 'a'] }, 'lose: expected each one once.'],
    ['POST', '/v1/plan', { load: 0 }, 'load: expected a number above 0'],
    ['POST', '/v1/plan', { by: 'x' }, 'by: expected one of addresses, queries.'],
  ])('%s %s with %j', async (method, path, body, detail) => {
    const reply = await sendBody(path, body, method);
    expect([reply.status, reply.json()]).toMatchObject([
      400,
      { code: 'request-invalid', detail: expect.stringContaining(detail) },
    ]);
  });

  it.each([
    [
      '/v1/events?types=monitor,nothing',
      'types: expected monitor, override, rollout, drill, finding, breaker, snapshot',
    ],
    ['/v1/hostnames?limit=0', 'limit: expected a number from 1 to 1000.'],
    ['/v1/hostnames?limit=1&limit=2', 'limit: expected it once.'],
    ['/v1/hostnames?clutser=x', 'There is no parameter "clutser" here. Did you mean "cluster"?'],
    ['/v1/findings?severity=fatal', 'severity: expected one of error, warning, info.'],
    ['/v1/findings?cursor=x', 'cursor: expected the `next` of the page before.'],
    ['/v1/overrides?cursor=x', 'cursor: expected the `next` of the page before.'],
    ['/v1/audit?cursor=x', 'cursor: expected the `next` of the page before.'],
    ['/v1/explain', 'name is missing.'],
    ['/v1/explain?name=a&dice=-1', 'dice: expected a number of at most ten digits.'],
    ['/v1/explain?name=a&type=A-B', 'type: expected a record type like A or TYPE65280.'],
  ])('%s', async (path, detail) => {
    const reply = await ask(path);
    expect([reply.status, reply.json()]).toMatchObject([
      400,
      { code: 'request-invalid', detail: expect.stringContaining(detail) },
    ]);
  });

  it('a key with control characters is shown escaped, and cut', async () => {
    const reply = await sendBody(DRAIN, { reason: 'x', [`\u001b[31m${'y'.repeat(500)}`]: 1 });
    expect(reply.text).not.toContain('\u001b');
    expect(reply.text).toContain('\\\\u001b[31myyy');
    expect(reply.text.length).toBeLessThan(600);
  });

  it('a header is named as one', async () => {
    const reply = await ask('/v1/events', { headers: { 'last-event-id': 'x'.repeat(65) } });
    expect(reply.json()).toMatchObject({ detail: 'The header last-event-id: expected at most 64 characters.' });
  });

  it('every pattern of every route has words', async () => {
    const document = (await ask('/v1/openapi.json')).text;
    const patterns = [...document.matchAll(/"pattern":("(?:[^"\\]|\\.)*")/g)].map(([, text = '']) =>
      String(JSON.parse(text)),
    );
    expect(patterns.length).toBeGreaterThan(5);
    for (const pattern of patterns) expect([pattern, expectedBy(pattern)]).toEqual([pattern, expect.any(String)]);
  });
});

describe('times', () => {
  it.each([
    ['from', 'POST', DRAIN, { reason: 'x' }],
    ['from', 'PUT', '/v1/overrides/o', OVERRIDE],
    ['until', 'PUT', '/v1/overrides/o', OVERRIDE],
    ['at', 'POST', '/v1/drills', DRILL],
  ])(
    '%s of %s %s: one that is out of range, one that there is not, and what is none',
    async (field, method, path, body) => {
      const detailOf = async (time: string) => {
        const reply = await sendBody(path, { ...body, [field]: time }, method);
        expect(reply.status).toBe(400);
        return reply.json();
      };
      const range = `${field}: the year must be from 1000 to 2999.`;
      expect(await detailOf('9999-12-31T23:59:59Z')).toMatchObject({ detail: range });
      expect(await detailOf('0001-01-01T00:00:00Z')).toMatchObject({ detail: range });
      expect(await detailOf('2027-02-30T00:00:00Z')).toMatchObject({ detail: `${field}: there is no such time.` });
      const none = `${field}: expected a time like "2027-01-31T18:00:00Z".`;
      expect(await detailOf('tomorrow')).toMatchObject({ detail: none });
      expect(await detailOf('2027-01-31')).toMatchObject({ detail: none });
    },
  );
});

describe('a key that stands twice', () => {
  it.each([
    ['{"reason":"a","force":true,"reason":"b"}', 'reason'],
    ['{"reason":"a","r\\u0065ason":"b"}', 'reason'],
    ['{"reason":{"x":[{"y":1,"y":2}]}}', 'y'],
  ])('%s is refused by its name', async (body, key) => {
    const reply = await sendBody(DRAIN, body);
    const detail = `The key "${key}" stands twice in one object.`;
    expect([reply.status, reply.json()]).toMatchObject([400, { code: 'body-malformed', detail }]);
    expect(admin.orders).toEqual([]);
  });

  it('is found wherever it stands, and only there', () => {
    expect(doubleKey('{"a":"a","b":{"a":[{"a":1},{"a":"\\"a\\":1,"}]},"c":"{\\"a\\":1,\\"a\\":2}"}')).toBeUndefined();
    // What is written by JSON.stringify has no key twice.
    fc.assert(
      fc.property(fc.json({ maxDepth: 6 }), (text) => {
        expect(doubleKey(text)).toBeUndefined();
      }),
    );
    // Any object with members gets its first one again, at the end, somewhere deep.
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue(), { minKeys: 1 }), fc.jsonValue(), (object, around) => {
        const [key = ''] = Object.keys(object);
        const twice = `${JSON.stringify(object).slice(0, -1)} , ${JSON.stringify(key)} : null}`;
        expect(doubleKey(`[${JSON.stringify(around)}, {"in": ${twice}}]`)).toBe(key);
      }),
    );
  });
});

describe('bodies and heads', () => {
  it.each(['gzip', 'br', 'identity, gzip'])('Content-Encoding: %s is 415, and says what is taken', async (encoding) => {
    const body = '{"reason":"x"}';
    const headers = { 'content-encoding': encoding, 'content-length': String(body.length) };
    for (const method of ['POST', 'DELETE']) {
      const reply = await ask(DRAIN, { method, body, headers });
      expect([reply.status, reply.json()]).toMatchObject([415, { code: 'media-type-unsupported' }]);
      expect(reply.headers['accept-encoding']).toBe('identity');
    }
    expect(admin.orders).toEqual([]);
  });

  it('Content-Encoding: identity says nothing, and is taken', async () => {
    const reply = await ask('/v1/plan', { method: 'POST', body: '{}', headers: { 'content-encoding': 'Identity' } });
    expect(reply.status).toBe(200);
  });

  it('octets that are no UTF-8 are refused, and not replaced', async () => {
    const head = `POST ${DRAIN} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${OPERATE}\r\nConnection: close\r\n`;
    const reply = await askRaw(
      admin.port,
      Buffer.from(`${head}Content-Type: application/json\r\nContent-Length: 14\r\n\r\n{"reason":"\xff"}`, 'latin1'),
    );
    expect(reply).toMatch(/^HTTP\/1.1 400 /);
    expect(reply).toContain('body-malformed');
    expect(admin.orders).toEqual([]);
  });

  it.each(['/healthz', '/v1/status', '/v1/nothing'])('two Host headers are 400 (RFC 9112 §3.2): %s', async (path) => {
    for (const hosts of ['Host: localhost\r\nHost: other.example', 'Host: localhost\r\nhost: localhost']) {
      const reply = await askRaw(admin.port, `GET ${path} HTTP/1.1\r\n${hosts}\r\nConnection: close\r\n\r\n`);
      expect(reply).toMatch(/^HTTP\/1.1 400 /);
      expect(reply).toContain('request-malformed');
    }
  });
});

describe('a body where none is looked at', () => {
  const remove = (path: string, body: string) =>
    ask(path, { method: 'DELETE', body, headers: { 'content-length': String(body.length) } });

  it.each(['{"force":true}', '[]', '"x"', 'true', '0'])('is refused: %s', async (body) => {
    const reply = await remove(DRAIN, body);
    const detail = 'There is nothing to say in a body here.';
    expect([reply.status, reply.json()]).toMatchObject([400, { code: 'request-invalid', detail }]);
    expect(admin.orders).toEqual([]);
  });

  it('is taken where it says nothing, as clients send it that are generated', async () => {
    expect((await remove('/v1/clusters/mars/drain', '{}')).status).toBe(404);
  });

  it('is of no matter where there is no route, or no such method', async () => {
    expect((await remove('/v1/nothing', '{"force":true}')).status).toBe(404);
    expect((await remove('/v1/status', '{"force":true}')).status).toBe(405);
  });
});

describe('parameters that there are not', () => {
  it('are refused by every route', async () => {
    const paths = new Map<string, string>([
      ['/v1/hostnames/:name', '/v1/hostnames/shop.gslb.example'],
      ['/v1/explain', '/v1/explain?name=a.b'],
    ]);
    const { routes } = JSON.parse((await ask('/v1')).text);
    expect(routes.length).toBeGreaterThan(30);
    for (const { method, path } of routes) {
      if (path === '/healthz' || path === '/readyz') continue;
      const asked = (paths.get(path) ?? path).replace(':name', 'us-east');
      const reply = await ask(`${asked}${asked.includes('?') ? '&' : '?'}forse=true`, {
        method,
        ...(method === 'POST' || method === 'PUT' ? { body: '{}' } : {}),
      });
      expect([method, path, reply.status, reply.text]).toEqual([method, path, 400, expect.any(String)]);
    }
    expect(admin.orders).toEqual([]);
  });

  it.each(['__proto__', 'constructor', 'toString', ''])('%j is one of them', async (name) => {
    for (const path of ['/v1/status', '/v1/hostnames']) {
      const reply = await ask(`${path}?${name}=1`);
      expect([reply.status, reply.json()]).toMatchObject([400, { code: 'request-invalid' }]);
    }
  });

  it('are named; where there are none at all, that is said', async () => {
    const reply = await ask('/v1/status?x=1', { token: READ });
    expect(reply.json()).toMatchObject({ detail: 'There is no parameter "x" here, and no other.' });
  });

  it('do not make a probe fail: a process must not be ended for them', async () => {
    expect((await ask('/healthz?verbose')).status).toBe(200);
    expect((await ask('/readyz?x=1')).status).toBe(200);
  });
});
