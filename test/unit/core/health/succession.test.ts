import { describe, expect, it } from 'vitest';
import type { MonitorId } from '../../../../src/core/desired/model.ts';
import { createHealthMemory } from '../../../../src/core/health/health-memory.ts';
import { type RememberedHealth, remembered } from '../../../../src/core/health/remembered.ts';
import { createTimedBook } from '../../../../src/core/health/timed-book.ts';
import { createManualClock } from '../../../support/manual-clock.ts';
import { createStory, judgedBy, moment, result, WALL } from './monitored.ts';

const MANUAL = judgedBy({ failback: 'manual' });
const NOTHING: ReadonlyMap<MonitorId, RememberedHealth> = new Map();

/** What another process remembers after these results. */
function savedAfter(signs: string, monitor = MANUAL): ReadonlyMap<MonitorId, RememberedHealth> {
  const story = createStory(monitor);
  story.results(signs);
  const saved = remembered(story.belief(), monitor, moment(story.now()));
  return saved === undefined ? NOTHING : new Map([[monitor.id, saved]]);
}

/** One that waits: it began with what was saved then, and sees results of its own every 10 s. */
function waiting(before: ReadonlyMap<MonitorId, RememberedHealth>, monitors = [MANUAL]) {
  const clock = createManualClock(WALL);
  const memory = createHealthMemory();
  const book = createTimedBook(clock, { onNews: () => {}, memory });
  memory.restore(before, WALL);
  book.watch(monitors);
  const state = () => {
    book.publish();
    return book.published.get(MANUAL.id)?.state ?? 'unseen';
  };
  return {
    memory,
    book,
    state,
    async results(signs: string) {
      for (const sign of signs) {
        await clock.advance(10_000);
        book.take(result(sign === '+', { steady: clock.steady!(), wall: clock.now() }));
      }
      return state();
    },
    /** Takes over, and says how the monitor stands then, and what is saved of it when all is written. */
    succeed(saved: ReadonlyMap<MonitorId, RememberedHealth>) {
      memory.giveBack(memory.take());
      memory.succeed(before, saved, clock.now());
      const journal = new Map<MonitorId, RememberedHealth | undefined>(saved);
      for (const [id, health] of memory.take()) journal.set(id, health);
      return { state: state(), saved: journal.get(MANUAL.id)?.standing };
    },
  };
}

const [HELD, DOWN] = [savedAfter('+---++'), savedAfter('+---')];

describe('who takes over from another process', () => {
  it.each([
    ['up, and the other one never saw it fall', '+++', NOTHING, NOTHING, { state: 'up', saved: undefined }],
    ['up, and the other one began a hold', '+++', NOTHING, HELD, { state: 'held', saved: 'held' }],
    ['up, and the other one holds it since we began', '++', HELD, HELD, { state: 'held', saved: 'held' }],
    ['held, and an operator let go of it there', '++', HELD, NOTHING, { state: 'up', saved: undefined }],
    ['held by us alone', '+---++', NOTHING, NOTHING, { state: 'held', saved: 'held' }],
    ['down, whatever the other one thinks', '---', NOTHING, HELD, { state: 'down', saved: 'down' }],
    ['down, and the other one knows nothing of it', '---', HELD, NOTHING, { state: 'down', saved: 'down' }],
    ['held, and the other one had it down', '---++', NOTHING, DOWN, { state: 'held', saved: 'held' }],
    ['up, and the other one had it down', '+++', NOTHING, DOWN, { state: 'up', saved: undefined }],
    ['nobody looked at yet', '', NOTHING, HELD, { state: 'held', saved: 'held' }],
  ])('and found it %s', async (_, signs, before, saved, wanted) => {
    const heir = waiting(before);
    await heir.results(signs);
    expect(heir.succeed(saved)).toEqual(wanted);
    heir.book.close();
  });

  it('goes on from there by what it measures, and an operator lets go of what was taken over', async () => {
    const heir = waiting(NOTHING);
    await heir.results('++');
    expect(heir.succeed(HELD).state).toBe('held');
    expect(await heir.results('+++')).toBe('held');
    expect(heir.book.release([MANUAL.id])).toEqual([MANUAL.id]);
    expect(heir.state()).toBe('up');
    expect([...heir.memory.take()]).toEqual([[MANUAL.id, undefined]]);
    expect(await heir.results('---')).toBe('down');
    heir.book.close();
  });

  it('keeps for later what the other one remembers of monitors that are not watched here yet', () => {
    const heir = waiting(NOTHING, []);
    heir.memory.succeed(NOTHING, HELD, WALL);
    expect(heir.memory.take().size).toBe(0);
    heir.book.watch([MANUAL]);
    expect(heir.state()).toBe('held');
    heir.memory.forgetUnclaimed();
    // It was asked for: what is saved of it stays.
    expect([...heir.memory.take().values()].every((health) => health?.standing === 'held')).toBe(true);
    heir.book.close();
  });

  it('forgets of a monitor that was taken away here nothing that the other one says of it', async () => {
    const heir = waiting(HELD);
    await heir.results('+');
    heir.book.watch([]);
    heir.memory.giveBack(heir.memory.take());
    heir.memory.succeed(HELD, HELD, WALL);
    expect(heir.memory.take().size).toBe(0);
    heir.memory.forgetUnclaimed();
    expect([...heir.memory.take()]).toEqual([[MANUAL.id, undefined]]);
    heir.book.close();
  });
});
