/** A change that could not be saved, and so is not in force. */
export type Unsaved = { readonly code: 'not-saved'; readonly message: string };

/** What is ordered, one after the other: saved first, then in force, then acknowledged. And what goes on by itself. */
export type SavedChanges<T extends object> = {
  /** `next` is asked when those before are done: for what is to be saved, a refusal, or `done` where nothing is to change. */
  order<R extends { readonly code: string }>(next: () => T | R | 'done'): Promise<R | Unsaved | 'done'>;
  /** Saves what is in force already. Where that fails it is to be done again at `againAt`. */
  keep(value: T): void;
  /** `saving`: orders are being saved; meanwhile nothing may go on by itself. */
  state(): 'still' | 'saving';
  /** When what could not be saved is to be saved again, in steady ms; Infinity where all is saved. */
  againAt(): number;
};

/** What it needs. `steady` in ms. */
export type SavedChangesOptions<T> = {
  readonly save: (value: T) => Promise<void>;
  /** Puts in force what was saved. */
  readonly apply: (value: T) => void;
  readonly steady: () => number;
  /** After each order, refused ones too. */
  readonly onOrdered: () => void;
  /** `againAt` is another. */
  readonly onUnsaved?: () => void;
};

/** How soon it is tried again to save what went on by itself, in ms. */
const SAVE_AGAIN_MS = 30_000;

/** A queue of changes, empty. */
export function createSavedChanges<T extends object>(options: SavedChangesOptions<T>): SavedChanges<T> {
  const { save, apply, steady, onOrdered, onUnsaved } = options;
  let tail: Promise<unknown> = Promise.resolve();
  let waiting = 0;
  let againAt = Number.POSITIVE_INFINITY;
  return {
    order<R extends { readonly code: string }>(next: () => T | R | 'done') {
      waiting += 1;
      const done = tail.then(async (): Promise<R | Unsaved | 'done'> => {
        const wanted = next();
        if (wanted === 'done' || isRefusal(wanted)) return wanted;
        try {
          await save(wanted);
        } catch (error) {
          return { code: 'not-saved', message: `The change could not be saved: ${String(error)}` };
        }
        apply(wanted);
        againAt = Number.POSITIVE_INFINITY;
        return 'done';
      });
      // An order that fails by a fault of ours is no reason to fail all behind it.
      tail = done.catch(() => undefined);
      return done.finally(() => {
        waiting -= 1;
        onOrdered();
      });
    },
    keep(value) {
      againAt = Number.POSITIVE_INFINITY;
      save(value).catch(() => {
        againAt = steady() + SAVE_AGAIN_MS;
        onUnsaved?.();
      });
    },
    state: () => (waiting > 0 ? 'saving' : 'still'),
    againAt: () => againAt,
  };
}

function isRefusal<R extends { readonly code: string }>(wanted: object | R): wanted is R {
  return 'code' in wanted;
}
