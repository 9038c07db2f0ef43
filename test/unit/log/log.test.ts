import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LOG_EVENTS, type LogCode } from '../../../src/core/log-events.ts';
import { START, startLog } from './written.ts';

const TIME = '2026-11-26T08:00:00.000Z';

describe('a line of the log', () => {
  it('has time, level, event and message, and the fields of the table', () => {
    const { log, text } = startLog();
    log('cluster-drain', { cluster: 'eu', at: START, by: 'ops', reason: 'kernel', force: false, result: 'done' });
    expect(text()).toEqual([
      `{"level":"info","time":"${TIME}","name":"azimuth","event":"cluster-drain","cluster":"eu","at":"${TIME}",` +
        '"by":"ops","reason":"kernel","force":false,"result":"done","msg":"cluster drain"}\n',
    ]);
  });

  it('fills in the message, and leaves absent fields out', () => {
    const { log, lines } = startLog();
    log('finding-error', { code: 'manifest-syntax', message: 'No YAML.', file: 'a.yaml', line: 3 });
    log('rollout-order', { rollout: 'green', order: 'pause', by: 'ops', result: 'done' });
    expect(lines()).toMatchObject([
      { level: 'error', msg: 'manifest-syntax: No YAML.', line: 3 },
      { level: 'info', msg: 'rollout pause' },
    ]);
    expect(lines()[0]).not.toHaveProperty('object');
  });

  it('has no field that the table does not name', () => {
    const { log, text } = startLog();
    const more = { by: 'ops', withheld: 1, result: 'closed', request: { url: 'https://elsewhere' } };
    log('breaker-order', more);
    expect(text().join('')).not.toContain('elsewhere');
  });

  it('is written from its level up', () => {
    const { log, lines } = startLog({ level: 'warn' });
    log('stopping', { signal: 'SIGTERM' });
    log('cli-token-unusable', { reason: 'no space' });
    log('admin-refused', { address: '192.0.2.1', code: 'token-wrong' });
    expect(lines().map(({ event }) => event)).toEqual(['cli-token-unusable', 'admin-refused']);
    const all = startLog({ level: 'trace' });
    all.log('published', { version: 1, serial: 2, compileMs: 3 });
    expect(all.lines()).toMatchObject([{ level: 'debug', event: 'published' }]);
  });

  it('as text: time, level, event, message, fields', () => {
    const { log, text } = startLog({ format: 'text' });
    log('stop-late', { stages: 'dns, admin' });
    log('audit-unwritable', { target: 'a=b', action: 'cluster.drain', reason: 'no\nspace' });
    log('ready', { version: '1', pid: 7, listening: { dns: [] } });
    expect(text()).toEqual([
      `${TIME} WARN  stop-late not stopped in time: dns, admin\n`,
      `${TIME} ERROR audit-unwritable the audit cannot be written target="a=b" action=cluster.drain reason="no\\nspace"\n`,
      `${TIME} INFO  ready ready version=1 pid=7 listening={"dns":[]}\n`,
    ]);
  });

  it('tells an error with its cause, and no end of it', () => {
    const { log, lines } = startLog();
    const error = new Error('outer', { cause: new TypeError('inner') });
    log('admin-failed', { method: 'GET', route: '/v1/x', error });
    error.cause = error;
    log('admin-failed', { method: 'GET', error });
    log('admin-failed', { method: 'GET', error: 'thrown text' });
    const [first, second, third] = lines();
    expect(first).toMatchObject({ error: { type: 'Error', message: 'outer', cause: { type: 'TypeError' } } });
    expect(first).toMatchObject({ error: { stack: expect.stringContaining('log.test.ts') } });
    expect(second).toMatchObject({ error: { cause: { cause: { message: 'outer' } } } });
    expect(third).toMatchObject({ error: 'thrown text' });
  });
});

describe('hostile values', () => {
  it('stay one line, within bounds, and never throw', () => {
    const anything = fc.oneof(fc.anything(), fc.string({ unit: 'binary', maxLength: 20_000 }));
    fc.assert(
      fc.property(anything, fc.constantFrom('json', 'text'), (value, format) => {
        const { log, text, close } = startLog({ format });
        const named = typeof value === 'string' ? value : 'x';
        log('crashed', { error: value });
        log('ready', { version: named, pid: Number.NaN, listening: { value } });
        log('dns-worker-trouble', { reason: named, engine: named });
        log('cluster-drain', { cluster: named, at: Number.NaN, by: '', reason: '', force: true, result: '' });
        close();
        expect(text()).toHaveLength(4);
        for (const line of text()) {
          expect(line.indexOf('\n')).toBe(line.length - 1);
          expect(line).not.toMatch(/[^\P{Cc}\n]|\p{Zl}|\p{Zp}|\p{Bidi_Control}/u);
        }
      }),
      { numRuns: 200 },
    );
  });

  it('are cut', () => {
    const { log, text } = startLog();
    log('crashed', { error: new Error('x'.repeat(1_000_000)) });
    const wide = Object.fromEntries(Array.from({ length: 1_000 }, (_, n) => [`key${n}`, Array(1_000).fill(n)]));
    log('ready', { version: '', pid: 1, listening: wide });
    const deep: { next?: object } = {};
    deep.next = deep;
    log('ready', { version: '', pid: 2, listening: deep });
    expect(text().map(({ length }) => length < 20_000)).toEqual([true, true, true]);
  });

  it('whose reading throws leave the rest of the line as it is', () => {
    const { log, lines } = startLog();
    const trap = {
      get here(): string {
        throw new Error('no');
      },
    };
    log('ready', { version: '1', pid: 3, listening: trap });
    expect(lines()).toMatchObject([{ event: 'ready', version: '1', listening: '[unreadable]' }]);
  });
});

describe('addresses of clients', () => {
  const written = (address: string, clientAddresses?: 'full' | 'masked' | 'none') => {
    const { log, lines } = startLog(clientAddresses === undefined ? {} : { clientAddresses });
    log('admin-refused', { address, code: 'token-wrong' });
    return lines()[0]?.['address'];
  };

  it.each([
    ['192.0.2.77', '192.0.2.0/24', '192.0.2.77'],
    ['::ffff:192.0.2.77', '192.0.2.0/24', '192.0.2.77'],
    ['2001:db8:1:2ff:3:4:5:6', '2001:db8:1:200::/56', '2001:db8:1:2ff:3:4:5:6'],
    ['fe80::1%eth0', 'fe80::/56', 'fe80::1'],
    ['::1', '::/56', '::1'],
    ['nonsense 192.0.2.77', undefined, undefined],
    ['', undefined, undefined],
  ])('%s is %s, and in full %s', (address, masked, full) => {
    expect([written(address), written(address, 'full'), written(address, 'none')]).toEqual([masked, full, undefined]);
  });

  it('masked, no two clients of a network differ', () => {
    fc.assert(
      fc.property(fc.ipV4(), fc.nat(255), (address, other) => {
        const sibling = address.replace(/\d+$/, String(other));
        expect(written(sibling)).toBe(written(address));
      }),
    );
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 16, maxLength: 16 }),
        fc.bigInt({ min: 0n, max: (1n << 72n) - 1n }),
        (octets, rest) => {
          const whole = BigInt(`0x1${Buffer.from(octets).toString('hex')}`);
          const textOf = (value: bigint) => value.toString(16).slice(1).match(/.{4}/g)!.join(':');
          expect(written(textOf(((whole >> 72n) << 72n) | rest))).toBe(written(textOf(whole)));
        },
      ),
    );
  });
});

describe('the table of events', () => {
  const codes = Object.keys(LOG_EVENTS);

  it('has stable codes, and only fields that are free', () => {
    expect(codes.filter((code) => !/^[a-z]+(-[a-z]+)*$/.test(code))).toEqual([]);
    const taken = ['level', 'time', 'name', 'event', 'msg', 'pid', 'hostname', 'err'];
    const fields = Object.entries(LOG_EVENTS).flatMap(([code, [, , all]]) =>
      Object.keys(all).map((field) => [code, field]),
    );
    expect(fields.length).toBeGreaterThan(60);
    expect(fields.filter(([code, field = '']) => taken.includes(field) && code !== 'ready')).toEqual([]);
  });

  it('names in a message only fields that every line of it has', () => {
    const wrong = Object.entries(LOG_EVENTS).filter(([, [, message, fields]]) => {
      const always = Object.entries(fields).filter(([, kind]) => kind === 'text' || kind === 'number');
      const named = [...message.matchAll(/\{(\w+)\}/g)].map(([, field = '']) => field);
      return !named.every((field) => always.some(([name]) => name === field));
    });
    expect(wrong).toEqual([]);
  });

  it('leaves no other code to its callers', () => {
    const { log, lines } = startLog();
    // The types refuse these; each line here is an assertion for the compiler.
    const refused: readonly [
      'no-such-event' extends LogCode ? never : 'refused',
      Parameters<typeof log<'stopping'>>[1] extends { readonly signal: string } ? 'typed' : never,
    ] = ['refused', 'typed'];
    expect([refused.length, lines()]).toEqual([2, []]);
  });
});
