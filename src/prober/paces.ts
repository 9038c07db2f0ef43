import type { PaceChange } from '../core/health/pace.ts';
import { createCalls } from './calls.ts';
import { beginRhythm, callAt, changeRhythm, keptInterval, type Rhythm } from './rhythm.ts';

/** Its multiples, modulo 1, spread evenly however many there are and whenever they come. */
const GOLDEN_RATIO = 0.618_033_988_749_895;

/** Gives monitors their phases, when they begin and when they change their pace. */
export type Paces = {
  /** The monitors are others: so many are probed in a second, on their own intervals. */
  refill(perSecond: number): void;
  /** Sets the first slot after a probe at `now`, in steady ms. */
  begin(rhythm: Rhythm, now: number): void;
  /** Sets the next slot by another pace; whether it is due at another time by that. */
  change(rhythm: Rhythm, change: PaceChange, now: number): boolean;
};

/** `jitter` is from [0, 1). */
export function createPaces({ jitter }: { readonly jitter: () => number }): Paces {
  const calls = createCalls();
  let phase = 0;
  /** From (0, 1]. */
  const fraction = (): number => {
    phase = (phase + GOLDEN_RATIO) % 1;
    return 1 - phase;
  };
  return {
    refill: (perSecond) => calls.refill(perSecond),
    begin: (rhythm, now) => beginRhythm(rhythm, now, fraction(), jitter()),
    change(rhythm, change, now) {
      const { due, monitor } = rhythm;
      const intervalMs = change.pace === 'idle' ? change.intervalMs : keptInterval(monitor.intervalMs);
      changeRhythm(rhythm, intervalMs, now, { fraction: fraction(), jitter: jitter() });
      if (change.pace === 'own' && change.next === 'at-once') callAt(rhythm, calls.next(now), fraction());
      return rhythm.due !== due;
    },
  };
}
