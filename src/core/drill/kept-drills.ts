/** The drills as they are, and as they are kept on stable storage. */
import { createSavedChanges, type Unsaved } from '../orders/saved-changes.ts';
import type { DrillProgress } from './advance.ts';
import type { Drills } from './drill.ts';
import { drillsOf, type Progresses } from './orders.ts';

/** What an order makes of the drills that there are: others, or why they stay what they are. */
type DrillChange<R> = (all: Progresses) => Progresses | R | 'done';

/**
 * Drills, changed in two ways: what is ordered is saved first, then in force, then acknowledged; what goes on by itself is in
 * force first. That waits for no order that is being saved: a disk that hangs keeps no drill from ending.
 */
export type KeptDrills = {
  all(): Progresses;
  /** `next` is asked when the orders before are done. What it gives is asked once more where drills went on meanwhile. */
  order<R extends { readonly code: string }>(next: () => DrillChange<R> | R): Promise<R | Unsaved | 'done'>;
  /** In force at once; saved by `keep`. */
  replace(update: (progress: DrillProgress) => DrillProgress): 'same' | 'other';
  /** The same for all of them. */
  set(all: Progresses): void;
  /** Saves what is in force, after the orders that are being saved. */
  keep(): void;
  /** When what could not be saved is to be saved again, in steady ms; Infinity where all is saved. */
  againAt(): number;
};

/** What it needs. `steady` in ms; `onOrdered` is told after each order, refused ones too, `onUnsaved` of another `againAt`. */
export type KeptDrillsOptions = {
  readonly save: (drills: Drills) => Promise<void>;
  readonly steady: () => number;
  readonly onOrdered: () => void;
  readonly onUnsaved: () => void;
};

/** No drills. */
export function createKeptDrills({ save, steady, onOrdered, onUnsaved }: KeptDrillsOptions): KeptDrills {
  let all: Progresses = new Map();
  /** What is being saved: what it was made of, and how. */
  let base = all;
  let change: DrillChange<{ readonly code: string }> = () => 'done';
  let saved: 'all' | 'older' = 'all';
  const changes = createSavedChanges<Progresses>({
    save: (wanted) => save(drillsOf(wanted)),
    apply(wanted) {
      // What went on meanwhile is kept after it.
      const next = all === base ? wanted : change(all);
      if (next !== 'done' && !('code' in next)) all = next;
    },
    steady,
    onOrdered() {
      if (saved === 'older' && changes.state() === 'still') keep();
      onOrdered();
    },
    onUnsaved,
  });
  function keep(): void {
    saved = changes.state() === 'saving' ? 'older' : 'all';
    if (saved === 'all') changes.keep(all);
  }
  return {
    all: () => all,
    order: <R extends { readonly code: string }>(next: () => DrillChange<R> | R) =>
      changes.order<R>(() => {
        const wanted = next();
        if (typeof wanted !== 'function') return wanted;
        [base, change] = [all, wanted];
        return wanted(all);
      }),
    replace(update) {
      const next = new Map([...all].map(([name, progress]) => [name, update(progress)]));
      const isOther = [...next].some(([name, progress]) => progress !== all.get(name));
      if (isOther) all = next;
      return isOther ? 'other' : 'same';
    },
    set(wanted) {
      all = wanted;
    },
    keep,
    againAt: () => changes.againAt(),
  };
}
