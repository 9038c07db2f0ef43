import { describe, expect, it } from 'vitest';
import { createDrillNews } from '../../../src/compose/drill-events.ts';
import { asked, noted } from '../../../src/core/drill/drill.ts';
import type { NewEvent } from '../../../src/core/events.ts';
import { specOf } from '../core/drill/world.ts';

describe('events of drills', () => {
  it('are the entries of their timelines, each once, and that one is forgotten', () => {
    const told: NewEvent[] = [];
    const hear = createDrillNews((event) => told.push(event), 1_500);
    const old = asked(specOf({ name: 'old' }), 1_000, 'ops');
    hear([old]);
    // It stood when the director was started.
    expect(told).toEqual([]);
    const fresh = asked(specOf({ name: 'new' }), 2_000, 'ops');
    hear([old, fresh]);
    hear([old, fresh]);
    const ended = noted(fresh, { at: 9_000, kind: 'ended', detail: 'stopped: by ops' });
    // What is known late comes before it in the timeline.
    const late = noted(ended, { at: 5_000, kind: 'last-old-answer', detail: 'eu' });
    hear([old, ended]);
    hear([old, late]);
    hear([old]);
    expect(told.map(({ subject, change }) => `${subject} ${change}`)).toEqual([
      'new planned',
      'new ended',
      'new last-old-answer',
      'new forgotten',
    ]);
    expect(told[1]).toMatchObject({
      type: 'drill',
      text: 'drill new: ended: stopped: by ops',
      data: { action: 'drain', moment: '1970-01-01T00:00:09.000Z' },
    });
  });

  it('tell of what the start itself did to a drill', () => {
    const told: string[] = [];
    const hear = createDrillNews(({ change }) => told.push(change), 5_000);
    hear([noted(asked(specOf(), 1_000, 'ops'), { at: 5_000, kind: 'ended', detail: 'interrupted' })]);
    expect(told).toEqual(['ended']);
  });

  it('of another drill of the same name are all told', () => {
    const told: string[] = [];
    const hear = createDrillNews(({ change }) => told.push(change), 500_000);
    hear([asked(specOf(), 1_000, 'ops')]);
    hear([asked(specOf(), 1_000_000, 'ops')]);
    expect(told).toEqual(['planned']);
  });
});
