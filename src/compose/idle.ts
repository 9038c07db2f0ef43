import type { Hostname } from '../core/desired/model.ts';
import type { QueryCounts } from '../core/dns-ports.ts';
import { isUnderWay } from '../core/drill/drill.ts';
import { touches } from '../core/drill/reach.ts';
import { createSteadyTime } from '../core/health/steady-time.ts';
import type { Clock, Director, Prober } from '../core/ports.ts';
import { concerns } from '../core/rollout/reach.ts';
import type { Rollout } from '../core/rollout/rollout.ts';
import type { DirectorControl } from '../director.ts';
import type { Stage } from '../lifecycle.ts';
import type { Rooms } from './rooms.ts';

/** From one look at what was asked to the next, in ms: so late at most is it noticed that somebody asks again. */
const SWEEP_MS = 1_000;
/** Most time that counts from one look to the next, in ms: while the process stood still nobody could ask. */
const MAX_STEP_MS = 5_000;

/** What the stage needs of the rooms. */
type IdleRooms = Pick<Rooms, 'idle'> & {
  readonly director: Pick<DirectorControl, 'snapshot' | 'health' | 'breaker' | 'rollouts' | 'drills' | 'onPace'>;
  readonly prober: Pick<Prober, 'pace'>;
  readonly counting: { readonly asked: () => Pick<QueryCounts, 'ofName'> };
  readonly edges: { readonly clock: Clock };
};

/** Comes after the first probe round: looks who is asked for, and has the others probed less often. */
export function idleStage({ idle, director, prober, counting, edges: { clock } }: IdleRooms): readonly Stage[] {
  if (idle === undefined) return [];
  const time = createSteadyTime(() => clock.steady?.() ?? clock.now());
  let cancel = (): void => {};
  let [seenAt, awakeMs] = [time.now(), 0];

  function sweep(): void {
    const now = time.now();
    awakeMs += Math.min(now - seenAt, MAX_STEP_MS);
    seenAt = now;
    const counts = counting.asked();
    const changes = idle!.sweep(
      {
        model: director.snapshot().model,
        health: director.health(),
        asked: (hostname) => counts.ofName(hostname),
        isKept: keptBy(director),
        prober: director.breaker().state,
      },
      awakeMs,
    );
    if (changes.length > 0) {
      director.onPace(changes);
      prober.pace(changes);
    }
    cancel = clock.after(SWEEP_MS, sweep);
  }

  const stage: Stage = {
    name: 'idle',
    waitsFor: 'the first look at what is asked for',
    async start() {
      seenAt = time.now();
      sweep();
    },
    stop: async () => cancel(),
  };
  return [stage];
}

/** Whose part of the clients grows while it is up, and what a drill is about, is looked at as if it was asked for; undefined: nobody's does. */
function keptBy(
  director: Pick<Director, 'rollouts' | 'drills' | 'snapshot'>,
): ((hostname: Hostname) => boolean) | undefined {
  const { rollouts, drills } = director;
  const growing = rollouts.list().flatMap(({ rollout }) => (isGuarded(rollout) ? [rollout.spec] : []));
  const drilled = drills.list().filter(isUnderWay);
  if (growing.length === 0 && drilled.length === 0) return undefined;
  const { model } = director.snapshot();
  const touched = drilled.map(({ spec }) => touches(spec, model));
  return (hostname) => growing.some((spec) => concerns(spec, hostname)) || touched.some((fits) => fits(hostname));
}

function isGuarded({ spec, state }: Rollout): boolean {
  return spec.plan.kind === 'canary' && (state === 'running' || state === 'held' || state === 'paused');
}
