import { join } from 'node:path';
import { Type } from 'typebox';
import { Check } from 'typebox/value';
import type { MonitorId } from '../core/desired/model.ts';
import type { RememberedHealth } from '../core/health/remembered.ts';
import type { HealthStore } from '../core/ports.ts';
import { createJournalStore } from './journal/journal-store.ts';
import { sizeOf } from './journal/values.ts';
import type { StateRoom } from './override-store.ts';

/** Most monitors in one line of the journal: the rest of the process gets its turn between them. */
const MAX_MONITORS_A_LINE = 500;

/** Most octets that monitors take in the journal: whatever falls, there is room for orders. What does not fit is measured anew. */
const MAX_HEALTH_OCTETS = 24 * 2 ** 20;

const REMEMBERED = Type.Object({
  version: Type.Literal(1),
  standing: Type.Union([Type.Literal('serving'), Type.Literal('down'), Type.Literal('held')]),
  since: Type.Number({ minimum: 0 }),
  falls: Type.Integer({ minimum: 0 }),
  until: Type.Optional(Type.Union([Type.Number(), Type.Literal('operator')])),
  why: Type.Optional(Type.Union([Type.Literal('failback'), Type.Literal('operator'), Type.Literal('flapping')])),
  calmSince: Type.Optional(Type.Number()),
});

/** What is remembered of monitors, in the journal. */
export function createHealthStore({ directory, journal, now }: StateRoom): HealthStore {
  const unreadable = { code: 'health-unreadable', what: 'monitors', file: join(directory, 'journal') } as const;
  const monitors = createJournalStore<RememberedHealth>({
    journal,
    now,
    kind: 'health',
    changes: 'spare',
    read,
    unreadable,
  });
  const alive = createJournalStore<number>({
    journal,
    now,
    kind: 'health-alive',
    changes: 'spare',
    read: readTime,
    unreadable,
  });
  return {
    async load() {
      const { values, findings } = await monitors.load();
      const times = await alive.load();
      return { monitors: values, aliveAt: times.values.get('at') ?? 0, findings };
    },
    async save(changes, aliveAt) {
      await journal.open();
      const all = fitting(changes, MAX_HEALTH_OCTETS - octetsOf(journal.values('health')));
      const saved = [alive.put('at', aliveAt)];
      for (let from = 0; from < all.length; from += MAX_MONITORS_A_LINE) {
        const part = all.slice(from, from + MAX_MONITORS_A_LINE);
        saved.push(monitors.change(new Map(part.flatMap(known)), part.flatMap(unknown)));
      }
      await Promise.all(saved);
    },
  };
}

type Change = readonly [MonitorId, RememberedHealth | undefined];

/** What takes something away, then holds and falls, then what is merely down, as far as there is room. */
function fitting(changes: ReadonlyMap<MonitorId, RememberedHealth | undefined>, room: number): readonly Change[] {
  let left = room;
  return [...changes]
    .toSorted(([, a], [, b]) => rankOf(a) - rankOf(b))
    .map(([id, health]) => {
      if (health === undefined) return [id, health];
      left -= sizeOf(id, JSON.stringify(health));
      // What was saved of it before is not true any more.
      return left >= 0 ? [id, health] : [id, undefined];
    });
}

function rankOf(health: RememberedHealth | undefined): number {
  if (health === undefined) return 0;
  return health.standing === 'down' ? 2 : 1;
}

function octetsOf(values: ReadonlyMap<string, string>): number {
  let octets = 0;
  for (const [key, text] of values) octets += sizeOf(key, text);
  return octets;
}

function known([id, health]: Change): [MonitorId, RememberedHealth][] {
  return health === undefined ? [] : [[id, health]];
}

function unknown([id, health]: Change): MonitorId[] {
  return health === undefined ? [id] : [];
}

function read(saved: unknown): RememberedHealth | undefined {
  return Check(REMEMBERED, saved) ? Object.freeze(saved) : undefined;
}

function readTime(saved: unknown): number | undefined {
  return typeof saved === 'number' ? saved : undefined;
}
