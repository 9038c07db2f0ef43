import { describe, expect, it } from 'vitest';
import type { OwnLog } from '../../../src/log/log.ts';
import { startLog } from './written.ts';

const WINDOW = 60_000;

/** Somebody knocks at the admin API, from the nth /24. */
const knock = ({ log }: OwnLog, network: number, code = 'token-wrong') =>
  log('admin-refused', { address: `10.${network >> 8}.${network & 255}.1`, code });

describe('a flood', () => {
  it('about one subject is counted after ten lines of a minute, and told when it is over', async () => {
    const own = startLog();
    for (let n = 0; n < 1_000; n++) knock(own, 7);
    expect(own.lines()).toHaveLength(10);
    await own.clock.advance(WINDOW - 1);
    expect(own.lines()).toHaveLength(10);
    await own.clock.advance(1);
    expect(own.lines().slice(10)).toMatchObject([
      {
        event: 'log-lines-left-out',
        level: 'warn',
        of: 'admin-refused',
        subject: '10.0.7.0/24',
        lines: 990,
        span: WINDOW,
        msg: '990 lines of admin-refused were not written',
      },
    ]);
    knock(own, 7);
    expect(own.lines().at(-1)).toMatchObject({ event: 'admin-refused' });
  });

  it('about ever new subjects is counted after 500 lines', async () => {
    const own = startLog();
    for (let n = 0; n < 20_000; n++) knock(own, n);
    expect(own.lines()).toHaveLength(500);
    await own.clock.advance(WINDOW);
    expect(own.lines().slice(500)).toMatchObject([{ event: 'log-lines-left-out', of: 'admin-refused', lines: 19_500 }]);
    expect(own.lines().at(-1)).not.toHaveProperty('subject');
  });

  it('of one event or about one subject leaves the others alone', () => {
    const own = startLog();
    for (let n = 0; n < 100; n++) knock(own, 1);
    knock(own, 2);
    own.log('stopping', { signal: 'SIGTERM' });
    expect(own.lines().slice(10)).toMatchObject([{ address: '10.0.2.0/24' }, { event: 'stopping' }]);
  });

  it('every line is written or counted, whatever the order', async () => {
    const own = startLog();
    let sent = 0;
    for (let minute = 0; minute < 5; minute++) {
      for (let n = 0; n < 3_000; n++, sent++) knock(own, (n * n + minute) % 700);
      await own.clock.advance(WINDOW / 2 + minute * 1_000);
    }
    own.close();
    const written = own.lines().filter(({ event }) => event === 'admin-refused').length;
    const counted = own.lines().reduce((sum, { lines }) => sum + Number(lines ?? 0), 0);
    expect(written + counted).toBe(sent);
    expect(own.clock.pending()).toBe(0);
  });

  it('cannot be written longer than a minute by setting the clock', () => {
    const own = startLog();
    for (let n = 0; n < 100; n++) knock(own, 1);
    own.clock.setWall(0);
    knock(own, 1);
    own.clock.setWall(Date.UTC(2040, 0, 1));
    knock(own, 1);
    expect(own.lines()).toHaveLength(10);
  });

  it('is told of at the end of the run', () => {
    const own = startLog();
    for (let n = 0; n < 12; n++) knock(own, 1);
    own.close();
    expect(own.lines().at(-1)).toMatchObject({ event: 'log-lines-left-out', lines: 2 });
  });
});
