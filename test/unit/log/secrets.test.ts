import { describe, expect, it } from 'vitest';
import { startLog } from './written.ts';

const SECRET = 'S3cr3t-of-these-tests';
const BASIC = Buffer.from(`ops:${SECRET}`).toString('base64');
const JWT = `eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJvcHMifQ.${SECRET}`;

/** What is written where a text is quoted by an error. */
function written(text: string): string {
  const { log, text: lines } = startLog();
  log('start-failed', { reason: text });
  log('admin-failed', { method: 'GET', error: new Error(text, { cause: new Error(text) }) });
  log('finding-error', { code: 'x', message: text, file: text, suggestion: text });
  log('note', { line: text });
  return lines().join('');
}

describe('secrets', () => {
  it.each([
    ['a bearer token', `401 for Authorization: Bearer ${SECRET}`],
    ['a bearer token elsewhere', `sent "bearer ${SECRET}" and was refused`],
    ['a login', `Basic ${BASIC}`],
    ['a cookie', `cookie: session=${SECRET}; theme=dark`],
    ['a header of JSON', `{"authorization":"Bearer ${SECRET}"}`],
    ['the user of a URL', `cannot reach https://ops:${SECRET}@prometheus.example/api`],
    ['a query', `GET /x?token=${SECRET}&a=1`],
    ['a password', `login failed (password=${SECRET})`],
    ['a field of JSON', `{"users":[{"token": "${SECRET}","client-key-data":"${SECRET}"}]}`],
    ['a JSON web token', `the token ${JWT} has expired`],
    ['a private key', `-----BEGIN EC PRIVATE KEY-----\n${SECRET}\n-----END EC PRIVATE KEY-----`],
    ['half of a private key', `-----BEGIN PRIVATE KEY-----\n${SECRET}`],
  ])('%s in a text is not written', (_what, text) => {
    const lines = written(text);
    expect(lines).toContain('[redacted]');
    expect(lines).not.toContain(SECRET);
    expect(lines).not.toContain(BASIC);
  });

  it('what only looks a little like one is', () => {
    const texts = ['token: expected 20 to 512 letters', 'https://a.example/x@y is down', 'basic needs', 'headers-file'];
    for (const text of texts) expect(written(text)).toContain(text);
  });

  it('a monitor is known by its URL, without the token that it is probed with', () => {
    const { log, lines, text } = startLog();
    const monitor = `https://192.0.2.1:443/health?access_token=${SECRET}&key=${SECRET}&a=1 host=a.example every=10000ms`;
    log('monitor-changed', {
      monitor,
      from: 'up',
      to: 'down',
      last: { outcome: `GET ${monitor}`, accessToken: SECRET },
    });
    expect(lines()).toMatchObject([
      {
        monitor: 'https://192.0.2.1:443/health?access_token=[redacted]&key=[redacted]&a=1 host=a.example every=10000ms',
      },
    ]);
    expect(text().join('')).not.toContain(SECRET);
  });

  it('fields of their names are not written, at any depth', () => {
    const { log, text } = startLog();
    const names = ['token', 'Authorization', 'cookie', 'Set-Cookie', 'headers', 'password', 'client-key-data'];
    const spellings = ['access_token', 'X-Api-Key', 'privateKey', 'db.password', 'tokens', 'sessionId'];
    for (const name of [
      ...names,
      ...spellings,
      'kubeconfig',
      'secret',
      'clientSecret',
      'apiKey',
      'proxy-authorization',
    ]) {
      const held = { [name]: SECRET };
      log('ready', { version: name, pid: 1, listening: { ...held, a: [held, { b: { c: held } }] } });
    }
    expect(text()).toHaveLength(18);
    for (const line of text()) expect(line.match(/\[redacted\]/g)).toHaveLength(3);
    expect(text().join('')).not.toContain(SECRET);
  });
});
