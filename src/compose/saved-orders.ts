import type { Finding } from '../core/desired/finding.ts';
import type { Drills } from '../core/drill/drill.ts';
import type { Stage } from '../lifecycle.ts';
import type { Heir, OrderKind } from '../state/succession.ts';
import { type Rooms, report } from './rooms.ts';

/** What is saved of people's orders. */
const ALL: readonly OrderKind[] = ['overrides', 'rollouts', 'drills'];

/** Puts in force what was saved before the start, and takes orders from then on. */
export async function restoreSaved(rooms: Rooms): Promise<void> {
  const { edges, keeper } = rooms;
  report(rooms, 'state', (await edges.state?.open()) ?? []);
  const put = await read(rooms, ALL);
  const isTaken = edges.state?.standing() === 'taken';
  report(rooms, 'saved-health', (await keeper?.restore(isTaken ? 'taken' : 'ours')) ?? []);
  put();
}

/**
 * Where another process has the state directory: goes by what that one writes, and takes over when it ends. From then on it is
 * looked whether what is kept there is in its place.
 */
export function successionStage(rooms: Rooms): readonly Stage[] {
  const { state } = rooms.edges;
  if (state === undefined) return [];
  return [
    {
      name: 'succession',
      waitsFor: 'what another process with this state directory has ordered',
      async start() {
        await state.inherit(heirOf(rooms));
        await state.watch((findings) => report(rooms, 'state-directory', findings));
      },
      stop: () => state.giveUp(),
    },
  ];
}

function heirOf(rooms: Rooms): Heir {
  const { observer, config, keeper } = rooms;
  return {
    async onNews(kinds) {
      const put = await read(rooms, kinds);
      put();
    },
    async onOurs(findings) {
      const put = await read(rooms, ALL);
      const health = await keeper?.succeed();
      report(rooms, 'saved-health', health?.findings ?? []);
      put();
      health?.take();
      report(rooms, 'state', findings);
      observer.log('state-taken-over', { directory: config.state.directory });
    },
  };
}

/**
 * Reads what is saved. What it returns puts it in force in the place of what was, and opens the stores, in one turn: an order
 * that was made of what was known before would take back what was not.
 */
async function read(rooms: Rooms, kinds: readonly OrderKind[]): Promise<() => void> {
  const { director, edges } = rooms;
  const puts: (() => void)[] = [];
  const tell = (room: OrderKind, findings: readonly Finding[]): void => report(rooms, room, findings);
  if (kinds.includes('rollouts')) {
    const { rollouts, findings } = await edges.rollouts.load();
    tell('rollouts', findings);
    puts.push(() => director.restoreRollouts(rollouts));
  }
  if (kinds.includes('drills') && edges.drills !== undefined) {
    const { drills, findings } = await edges.drills.load();
    tell('drills', findings);
    puts.push(() => director.restoreDrills(edges.state?.standing() === 'taken' ? overOf(drills) : drills));
  }
  const { overrides, findings } = await edges.store.load();
  tell('overrides', findings);
  // Last, and whatever changed: it has the answers made anew.
  puts.push(() => director.restore(overrides));
  return () => {
    edges.state?.admit();
    for (const put of puts) put();
  };
}

/** Drills that are under way are the other process's: it runs them, and it ends them. */
function overOf(drills: Drills): Drills {
  return new Map([...drills].filter(([, { state }]) => state === 'over'));
}
