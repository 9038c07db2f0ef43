import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createHealthKeeper } from '../../../src/compose/health-keeper.ts';
import type { Finding } from '../../../src/core/desired/finding.ts';
import { createHealthStore } from '../../../src/state/health-store.ts';
import { eventually } from '../../support/eventually.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import { createStory, judgedBy, moment } from '../core/health/monitored.ts';
import { AT, closeJournals, createDisk, journalIn } from '../state/journal-fixture.ts';

const MANUAL = judgedBy({ failback: 'manual' });
const DOWN = createStory(MANUAL);
DOWN.results('+---');

let directory = '';
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'azimuth-keeper-'));
});
afterEach(async () => {
  await closeJournals();
  await rm(directory, { recursive: true });
});

function createWorld() {
  const clock = createManualClock(AT);
  const disk = createDisk();
  const journal = journalIn(directory, { open: disk.open });
  const told: (readonly Finding[])[] = [];
  const store = createHealthStore({ directory, journal, now: () => clock.now() });
  const keeper = createHealthKeeper({ clock, store, onFindings: (all) => void told.push(all) });
  const note = (id: string): void => keeper.memory.note({ ...MANUAL, id }, DOWN.belief(), moment(40), () => true);
  return { clock, disk, journal, told, keeper, note };
}

describe('the keeper of health', () => {
  it('saves what comes within a second together', async () => {
    const { clock, disk, journal, keeper, note } = createWorld();
    await keeper.restore();
    for (let number = 0; number < 2_000; number++) note(`monitor ${number}`);
    await clock.advance(999);
    expect(disk.syncs).toBe(0);
    await clock.advance(1);
    await eventually(() => expect(journal.values('health').size).toBe(2_000));
    expect(disk.syncs).toBeLessThanOrEqual(8);
    expect(JSON.parse(journal.values('health-alive').get('at')!)).toBe(AT + 1_000);
    await keeper.close();
  });

  it('tells once that nothing can be saved, tries again, and loses nothing by it', async () => {
    const { clock, disk, journal, told, keeper, note } = createWorld();
    await keeper.restore();
    disk.fails = 'sync';
    note('a');
    await clock.advance(1_000);
    await eventually(() => expect(told.map((all) => all.map(({ code }) => code))).toEqual([['journal-not-written']]));
    note('b');
    disk.fails = 'never';
    await clock.advance(10_000);
    await eventually(() => expect(journal.values('health').size).toBe(2));
    await eventually(() => expect(told.at(-1)).toEqual([]));
    expect(told).toHaveLength(2);
    await keeper.close();
  });

  it('saves nothing while another process does, and all that is other than that one left when it takes over', async () => {
    const { clock, disk, journal, keeper, told, note } = createWorld();
    const down = { version: 1, standing: 'down', since: AT, falls: 1 };
    const put = (id: string) => journal.change({ kind: 'health', at: AT, put: [[id, JSON.stringify(down)]], drop: [] });
    await put('theirs');
    await keeper.restore('taken');
    note('ours');
    note('alike');
    const before = disk.syncs;
    for (let minute = 0; minute < 3; minute++) await clock.advance(60_000);
    expect(disk.syncs).toBe(before);
    await put('late');
    const health = await keeper.succeed();
    expect(health.findings).toEqual([]);
    health.take();
    await clock.advance(1_000);
    await eventually(() => expect([...journal.values('health').keys()]).toEqual(['theirs', 'late', 'ours', 'alike']));
    expect(told).toEqual([]);
    await keeper.close();
    expect(clock.pending()).toBe(0);
  });

  it('that never took over saves nothing at its end', async () => {
    const { clock, disk, keeper, told, note } = createWorld();
    await keeper.restore('taken');
    note('ours');
    await clock.advance(1_000);
    note('late');
    await keeper.close();
    expect([disk.syncs, told]).toEqual([0, []]);
    expect(clock.pending()).toBe(0);
  });

  it('saves at its end what waits, and that it was alive then', async () => {
    const { clock, journal, keeper, note } = createWorld();
    await keeper.restore();
    note('a');
    await clock.advance(500);
    await keeper.close();
    expect(journal.values('health').size).toBe(1);
    expect(JSON.parse(journal.values('health-alive').get('at')!)).toBe(AT + 500);
    expect(clock.pending()).toBe(0);
  });

  it('leaves room for orders, whatever falls: holds come first', async () => {
    const { clock, journal, keeper, told } = createWorld();
    await keeper.restore();
    const held = createStory(MANUAL);
    held.results('+---++');
    const long = 'x'.repeat(4_000);
    for (let number = 0; number < 8_000; number++) {
      const [story, kind] = number % 4 === 0 ? [held, 'held'] : [DOWN, 'down'];
      keeper.memory.note({ ...MANUAL, id: `${kind} ${number} ${long}` }, story.belief(), moment(40), () => true);
    }
    await clock.advance(1_000);
    await keeper.close();
    expect(told).toEqual([]);
    const saved = [...journal.values('health').keys()];
    expect(saved.filter((id) => id.startsWith('held'))).toHaveLength(2_000);
    expect(saved.length).toBeGreaterThan(5_000);
    expect(saved.length).toBeLessThan(7_000);
    await journal.change({ kind: 'override', at: AT, put: [['order', JSON.stringify(long.repeat(900))]], drop: [] });
  }, 60_000);

  it('ends also where the disk never comes back', async () => {
    const { clock, disk, keeper, note } = createWorld();
    await keeper.restore();
    disk.fails = 'write';
    note('a');
    await keeper.close();
    expect(clock.pending()).toBe(0);
  });

  it('passes over what is not of its form, and says so', async () => {
    const { journal, keeper } = createWorld();
    const texts = [
      '{"version":2}',
      '7',
      '{"version":1,"standing":"flying","since":1,"falls":0}',
      '{"version":1,"standing":"down","since":1,"falls":-1}',
    ];
    const put = texts.map((text, number) => [`odd ${number}`, text] as const);
    await journal.change({ kind: 'health', at: AT, put, drop: [] });
    await journal.change({ kind: 'health-alive', at: AT, put: [['at', '"now"']], drop: [] });
    expect((await keeper.restore()).map(({ code }) => code)).toEqual(['health-unreadable']);
    expect(keeper.memory.size()).toBe(0);
    await keeper.close();
  });
});
