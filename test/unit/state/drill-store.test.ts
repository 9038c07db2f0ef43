import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { asked, type Drill, noted } from '../../../src/core/drill/drill.ts';
import { noShares, withSample } from '../../../src/core/drill/drill-shares.ts';
import { createDrillStore } from '../../../src/state/drill-store.ts';
import { specOf } from '../core/drill/world.ts';
import { AT, closeJournals, createDisk, journalIn, roomIn } from './journal-fixture.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'azimuth-drills-'));
});
afterEach(async () => {
  await closeJournals();
  await rm(directory, { recursive: true });
});

const PLANNED = asked(
  specOf({ name: 'planned', startAt: AT + 1000, action: { kind: 'weight', weight: 7 } }),
  AT,
  'ops',
);
const WHOLE: Drill = {
  ...noted(asked(specOf({ name: 'whole', ramp: { steps: [5, 100], everyMs: 1000 } }), AT, 'ops', planMade()), {
    at: AT + 1,
    kind: 'begun',
    detail: '5 %',
  }),
  state: 'over',
  end: { kind: 'aborted', why: 'healthy-share' },
  shares: withSample(noShares(['eu']), { at: AT, planned: new Map([['eu', 0.5]]), answered: new Map([['eu', 3]]) }),
};

function planMade() {
  const shift = { before: 0, after: 0.5 };
  return {
    at: AT,
    verdict: 'harm',
    changed: 2,
    moved: 0.5,
    nobody: shift,
    cachedSeconds: 30,
    clusters: [{ cluster: 'eu', ...shift }],
    left: [{ name: 'shop.gslb.example', before: 2, after: 1 }],
    troubles: [{ trouble: 'one-cluster', count: 1, already: 0 }],
    broken: ['max-moved'],
  } as const;
}

function drills(...all: readonly Drill[]): ReadonlyMap<string, Drill> {
  return new Map(all.map((drill) => [drill.spec.name, drill]));
}

async function reread() {
  await closeJournals();
  return createDrillStore(roomIn(directory)).load();
}

describe('drills in the journal', () => {
  it('are read as they were saved, and those that are gone are gone', async () => {
    const store = createDrillStore(roomIn(directory));
    expect(await store.load()).toEqual({ drills: new Map(), findings: [] });
    await store.save(drills(PLANNED, WHOLE));
    expect(await reread()).toEqual({ drills: drills(PLANNED, WHOLE), findings: [] });
    const again = createDrillStore(roomIn(directory));
    await again.load();
    await again.save(drills(WHOLE));
    expect(await reread()).toEqual({ drills: drills(WHOLE), findings: [] });
  });

  it('that were not written are written with the next ones', async () => {
    const disk = createDisk();
    const journal = journalIn(directory, { open: disk.open });
    const store = createDrillStore({ directory, journal, now: () => AT });
    await store.load();
    disk.fails = 'sync';
    await expect(store.save(drills(PLANNED))).rejects.toThrow('EIO');
    disk.fails = 'never';
    await store.save(drills(PLANNED, WHOLE));
    expect((await reread()).drills).toEqual(drills(PLANNED, WHOLE));
  });

  it('of another form are a finding, and stay where they are', async () => {
    const room = roomIn(directory);
    await room.journal.open();
    const strange = JSON.stringify({ ...PLANNED, spec: { ...PLANNED.spec, wind: 'east' } });
    await room.journal.change({ kind: 'drill', at: AT, put: [['strange', strange]], drop: [] });
    const { drills: read, findings } = await reread();
    expect(read.size).toBe(0);
    expect(findings).toMatchObject([{ code: 'drills-unreadable' }]);
  });
});
