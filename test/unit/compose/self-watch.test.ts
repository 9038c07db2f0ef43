import { describe, expect, it } from 'vitest';
import { watchListeners } from '../../../src/compose/self-watch.ts';
import type { ListenAddress } from '../../../src/core/ports.ts';
import type { SelfCheck } from '../../../src/metrics/registry.ts';
import { createManualClock } from '../../support/manual-clock.ts';

const LISTENERS: readonly ListenAddress[] = [
  { host: '192.0.2.53', port: 53 },
  { host: '2001:db8::53', port: 5353 },
];

/** A watch whose questions are answered when the test says so. */
function startWatch(answer: (listener: ListenAddress) => Promise<string>) {
  const clock = createManualClock(0);
  const asked: ListenAddress[] = [];
  const told: SelfCheck[] = [];
  const end = watchListeners({
    clock,
    listeners: LISTENERS,
    check: (listener) => {
      asked.push(listener);
      return answer(listener);
    },
    onCheck: (each) => told.push(each),
  });
  return { clock, asked, told, end };
}

describe('the watch over our own listeners', () => {
  it('asks each of them every five seconds, and tells what came of it', async () => {
    const { clock, asked, told } = startWatch(async ({ port }) => (port === 53 ? 'ok' : 'no SOA came'));
    expect(asked).toEqual([]);
    await clock.advance(5_000);
    expect(asked).toEqual(LISTENERS);
    expect(told.map(({ listener, result }) => [listener, result])).toEqual([
      ['192.0.2.53:53', 'ok'],
      ['[2001:db8::53]:5353', 'failed'],
    ]);
    for (const { durationMs } of told) expect(durationMs).toBeGreaterThanOrEqual(0);
    await clock.advance(5_000);
    expect(asked).toHaveLength(4);
  });

  it('takes what throws for a failure, and goes on', async () => {
    const { clock, asked, told } = startWatch(() => Promise.reject(new Error('no socket')));
    await clock.advance(5_000);
    expect(told.map(({ result }) => result)).toEqual(['failed', 'failed']);
    await clock.advance(5_000);
    expect(asked).toHaveLength(4);
  });

  it('does not ask again before all have answered, and says nothing after its end', async () => {
    const answers = Promise.withResolvers<string>();
    const { clock, asked, told, end } = startWatch(() => answers.promise);
    await clock.advance(20_000);
    expect(asked).toHaveLength(2);
    end();
    answers.resolve('ok');
    await clock.advance(20_000);
    expect(told).toEqual([]);
    expect(asked).toHaveLength(2);
  });
});
