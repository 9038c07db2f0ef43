import { beforeEach, describe, expect, it } from 'vitest';
import type { Finding } from '../../../src/core/desired/finding.ts';
import type { Monitor } from '../../../src/core/desired/model.ts';
import { type CertificateBook, createCertificateBook } from '../../../src/prober/certificate-book.ts';
import { createManualClock, type ManualClock } from '../../support/manual-clock.ts';
import { monitorOf } from './probe-once.ts';

const DAY = 86_400_000;
const NOW = Date.UTC(2027, 0, 1);

let clock: ManualClock;
let told: (readonly Finding[])[];
let book: CertificateBook;

beforeEach(() => {
  clock = createManualClock(NOW);
  told = [];
  book = createCertificateBook({ clock, warningMs: 14 * DAY, onFindings: (findings) => told.push(findings) });
});

const at = (host: string, address = '192.0.2.1'): Monitor =>
  monitorOf({ id: `${host} ${address}`, protocol: 'https', host, address, port: 443 });
const ending = (days: number, fingerprint = 'A') => ({ fingerprint, endsAt: NOW + days * DAY });
const messages = (): readonly string[] => (told.at(-1) ?? []).map(({ message }) => message);

describe('certificates that end soon', () => {
  it('are one finding each, whatever shows them, the first to end first', async () => {
    book.take(at('b.example'), ending(9.5));
    book.take(at('a.example'), ending(9.5));
    book.take(at('a.example', '2001:db8::1'), ending(9.5));
    book.take(at('c.example'), ending(3.5, 'B'));
    book.take(at('d.example'), ending(14, 'C'));
    expect(told).toEqual([]);
    await clock.advance(1000);
    expect(told).toHaveLength(1);
    expect(told[0]).toMatchObject([
      { code: 'certificate-expires-soon', severity: 'warning', origin: { file: 'c.example at 192.0.2.1 port 443' } },
      { code: 'certificate-expires-soon', origin: { file: 'a.example at 192.0.2.1 port 443' } },
    ]);
    expect(messages()).toEqual([
      'the certificate of c.example ends in 3 days',
      'the certificate of a.example and of 1 more hostname ends in 9 days',
    ]);
  });

  it.each([
    [1.5, 'ends in 1 day'],
    [0.5, 'ends within a day'],
    [-0.5, 'ended 1 day ago'],
    [-3.5, 'ended 4 days ago'],
  ])('%f days ahead are put into words', async (days, words) => {
    book.take(at('a.example'), ending(days));
    await clock.advance(1000);
    expect(messages()).toEqual([`the certificate of a.example ${words}`]);
  });

  it('are told again when the days are others, and not before', async () => {
    book.take(at('a.example'), ending(9.5));
    await clock.advance(1000);
    for (let hour = 0; hour < 48; hour++) {
      book.take(at('a.example'), ending(9.5));
      await clock.advance(DAY / 24);
    }
    expect(told.flat().map(({ message }) => message)).toEqual(
      [9, 8, 7].map((days) => `the certificate of a.example ends in ${days} days`),
    );
  });

  it('are gone when they are renewed, or nobody looks at them any more', async () => {
    book.take(at('a.example'), ending(1));
    book.take(at('b.example'), ending(1));
    await clock.advance(1000);
    book.take(at('a.example'), ending(90, 'B'));
    await clock.advance(1000);
    expect(messages()).toEqual(['the certificate of b.example ends within a day']);
    book.keep([at('a.example')]);
    await clock.advance(1000);
    expect(told.at(-1)).toEqual([]);
    expect(told).toHaveLength(3);
    expect(clock.pending()).toBe(0);
  });

  it('are bounded in number, and those that are not named are counted', async () => {
    for (let n = 0; n < 300; n++) book.take(at(`h${n}.example`), ending(1 + n / 1000, `${n}`));
    await clock.advance(1000);
    expect(told.at(-1)).toHaveLength(101);
    expect(messages().at(-1)).toBe('200 more certificates end soon');
  });

  it('are not told after the end, nor where nobody wants to know', async () => {
    book.take(at('a.example'), ending(1));
    book.close();
    const never = createCertificateBook({ clock, warningMs: 0, onFindings: (findings) => told.push(findings) });
    never.take(at('a.example'), ending(1));
    await clock.advance(1000);
    expect(told).toEqual([]);
    expect(clock.pending()).toBe(0);
  });
});
