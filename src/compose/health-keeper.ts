import { type Finding, finding } from '../core/desired/finding.ts';
import { createHealthMemory, type HealthMemory } from '../core/health/health-memory.ts';
import type { Clock, HealthStore } from '../core/ports.ts';

/** How long changes are collected before they are saved, in ms. */
const COLLECT_MS = 1_000;
/** How often it is saved that what is remembered is still so, in ms. */
const ALIVE_MS = 60_000;
/** How soon it is tried again to save what could not be saved, in ms. */
const SAVE_AGAIN_MS = 10_000;
/** For how long what was saved waits for its monitor to be watched again, in ms; then it is forgotten. */
const UNCLAIMED_MS = 3_600_000;

/** Keeps what is believed of monitors over restarts. */
export type HealthKeeper = {
  /** What the director remembers by. */
  readonly memory: HealthMemory;
  /** Hands over what was saved, before the start. Never rejects. */
  restore(): Promise<readonly Finding[]>;
  /** Saves what waits. Never rejects. */
  close(): Promise<void>;
};

/** What it takes. `onFindings` hears whether it can be saved. */
export type HealthKeeperOptions = {
  readonly clock: Clock;
  readonly store: HealthStore;
  readonly onFindings: (findings: readonly Finding[]) => void;
};

/** A keeper that saves when something is other than before: never for a probe, and nobody waits for it. */
export function createHealthKeeper({ clock, store, onFindings }: HealthKeeperOptions): HealthKeeper {
  let cancelSave: (() => void) | undefined;
  let cancelAlive = (): void => {};
  let cancelForget = (): void => {};
  let saving: Promise<void> = Promise.resolve();
  let trouble: 'none' | 'told' = 'none';
  let phase: 'open' | 'closed' = 'open';

  const saveAfter = (ms: number): void => {
    if (phase === 'open') cancelSave ??= clock.after(ms, () => void save('changes'));
  };
  const memory = createHealthMemory(() => saveAfter(COLLECT_MS));

  async function write(what: 'changes' | 'alive'): Promise<void> {
    const changes = memory.take();
    if (changes.size === 0 && (what === 'changes' || memory.size() === 0)) return;
    try {
      await store.save(changes, clock.now());
      if (trouble === 'told') onFindings([]);
      trouble = 'none';
    } catch (error) {
      memory.giveBack(changes);
      if (trouble === 'none') onFindings([notWritten(error)]);
      trouble = 'told';
      saveAfter(SAVE_AGAIN_MS);
    }
  }

  function save(what: 'changes' | 'alive'): Promise<void> {
    cancelSave?.();
    cancelSave = undefined;
    saving = saving.then(() => write(what));
    return saving;
  }

  function stayAlive(): void {
    cancelAlive = clock.after(ALIVE_MS, () => {
      void save('alive');
      stayAlive();
    });
  }

  return {
    memory,
    async restore() {
      const { monitors, aliveAt, findings } = await store.load();
      memory.restore(monitors, aliveAt);
      cancelForget = clock.after(UNCLAIMED_MS, () => memory.forgetUnclaimed());
      stayAlive();
      return findings;
    },
    async close() {
      cancelAlive();
      cancelForget();
      const saved = save('alive');
      phase = 'closed';
      await saved;
      cancelSave?.();
    },
  };
}

function notWritten(error: unknown): Finding {
  const message = `What is believed of monitors cannot be written: ${error instanceof Error ? error.message : String(error)}.`;
  return finding('journal-not-written', { file: 'journal' }, message, 'Answers do not suffer. It is tried again.');
}
