import { join } from 'node:path';
import { Type } from 'typebox';
import { Check } from 'typebox/value';
import { DRILL_STATES, type Drill, type Drills, MOMENT_KINDS } from '../core/drill/drill.ts';
import { MAX_WEIGHT } from '../core/orders/override.ts';
import type { DrillStore } from '../core/ports.ts';
import { ORDER_KINDS } from './before-the-journal.ts';
import { createJournalStore } from './journal/journal-store.ts';
import type { StateRoom } from './override-store.ts';
import { CLOSED, SAVED_SCOPE } from './scope-schema.ts';

const NAMES = Type.Array(Type.String());
const PERCENTS = Type.Array(Type.Integer({ minimum: 1, maximum: 100 }), { minItems: 1 });
const MS = Type.Number({ minimum: 0 });
const SHIFT = { before: Type.Number(), after: Type.Number() };
const GO_ON = Type.Union([Type.Literal('abort'), Type.Literal('go-on')]);

/** Closed, as what another version adds may change what all the rest means. */
const SPEC = Type.Object(
  {
    name: Type.String(),
    scope: SAVED_SCOPE,
    action: Type.Union([
      Type.Object({ kind: Type.Enum(['drain', 'fail', 'blind']) }, CLOSED),
      Type.Object({ kind: Type.Literal('weight'), weight: Type.Integer({ minimum: 0, maximum: MAX_WEIGHT }) }, CLOSED),
    ]),
    startAt: Type.Optional(Type.Number()),
    lengthMs: MS,
    ramp: Type.Optional(Type.Object({ steps: PERCENTS, everyMs: MS }, CLOSED)),
    abort: Type.Object({ noEndpoint: GO_ON, capacity: GO_ON, healthyShare: Type.Number(), monitors: NAMES }, CLOSED),
    reason: Type.String(),
  },
  CLOSED,
);

const PLAN = Type.Object({
  at: Type.Number(),
  verdict: Type.Union([Type.Literal('fine'), Type.Literal('harm')]),
  changed: Type.Number(),
  moved: Type.Number(),
  nobody: Type.Object(SHIFT),
  cachedSeconds: Type.Number(),
  clusters: Type.Array(Type.Object({ cluster: Type.String(), ...SHIFT })),
  left: Type.Array(Type.Object({ name: Type.String(), ...SHIFT })),
  troubles: Type.Array(Type.Object({ trouble: Type.String(), count: Type.Number(), already: Type.Number() })),
  broken: Type.Array(Type.Enum(['drain-leaves-none', 'min-clusters', 'max-moved', 'max-drills', 'blackout'])),
});

const NUMBERS = Type.Array(Type.Number());

const DRILL = Type.Object({
  spec: SPEC,
  by: Type.String(),
  at: Type.Number(),
  since: Type.Number(),
  state: Type.Enum(DRILL_STATES),
  step: Type.Integer({ minimum: 0 }),
  end: Type.Optional(
    Type.Object({ kind: Type.Enum(['completed', 'stopped', 'aborted', 'interrupted']), why: Type.String() }),
  ),
  timeline: Type.Array(Type.Object({ at: Type.Number(), kind: Type.Enum(MOMENT_KINDS), detail: Type.String() })),
  plan: Type.Optional(PLAN),
  forced: Type.Optional(NAMES),
  shares: Type.Optional(
    Type.Object({
      clusters: NAMES,
      samples: Type.Array(Type.Object({ at: Type.Number(), planned: NUMBERS, answered: NUMBERS })),
    }),
  ),
});

/** Drills in the journal. */
export function createDrillStore({ directory, journal, now }: StateRoom): DrillStore {
  const store = createJournalStore<Drill>({
    journal,
    now,
    kind: ORDER_KINDS.drills,
    read: (saved) => (Check(DRILL, saved) ? Object.freeze(saved) : undefined),
    unreadable: { code: 'drills-unreadable', what: 'drills', file: join(directory, 'journal') },
  });
  let last: Drills = new Map();
  return {
    async load() {
      const { values, findings } = await store.load();
      last = values;
      return { drills: values, findings };
    },
    /** Drills are frozen, and those that are over may hold much: what is the very same is not even compared. */
    async save(drills) {
      const put = new Map([...drills].filter(([name, drill]) => last.get(name) !== drill));
      const drop = [...last.keys()].filter((name) => !drills.has(name));
      await store.change(put, drop);
      last = drills;
    },
    close: () => store.settled(),
  };
}
