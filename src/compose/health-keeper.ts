import { type Finding, finding } from '../core/desired/finding.ts';
import type { MonitorId } from '../core/desired/model.ts';
import { messageOf } from '../core/error-message.ts';
import { createHealthMemory, type HealthMemory } from '../core/health/health-memory.ts';
import type { RememberedHealth } from '../core/health/remembered.ts';
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
  /**
   * Hands over what was saved, before the start. `taken`: another process still saves, and until `succeed` we do not. Never
   * rejects.
   */
  restore(directory?: 'ours' | 'taken'): Promise<readonly Finding[]>;
  /**
   * Reads what the other process saved at last. `take` brings it together with what we measured ourselves; from then on that is
   * saved. Never rejects.
   */
  succeed(): Promise<{ readonly findings: readonly Finding[]; take(): void }>;
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
  let phase: 'open' | 'waiting' | 'closed' = 'open';
  /** What another process had saved when we began. */
  let before: ReadonlyMap<MonitorId, RememberedHealth> = new Map();

  const saveAfter = (ms: number): void => {
    if (phase !== 'closed') cancelSave ??= clock.after(ms, () => void save('changes'));
  };
  const memory = createHealthMemory(() => saveAfter(COLLECT_MS));

  async function write(what: 'changes' | 'alive'): Promise<void> {
    const changes = memory.take();
    if (phase === 'waiting') {
      // Of all that happens until then only the last is kept.
      memory.giveBack(changes);
      return;
    }
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

  function forgetLater(): void {
    cancelForget();
    cancelForget = clock.after(UNCLAIMED_MS, () => memory.forgetUnclaimed());
  }

  return {
    memory,
    async restore(directory = 'ours') {
      if (directory === 'taken') phase = 'waiting';
      const { monitors, aliveAt, findings } = await store.load();
      memory.restore(monitors, aliveAt);
      if (directory === 'taken') before = monitors;
      forgetLater();
      cancelAlive = every(clock, ALIVE_MS, () => void save('alive'));
      return findings;
    },
    async succeed() {
      const { monitors, aliveAt, findings } = await store.load();
      return {
        findings,
        take() {
          if (phase !== 'waiting') return;
          // What is still to be told is told first: it is compared.
          memory.giveBack(memory.take());
          phase = 'open';
          memory.succeed(before, monitors, aliveAt);
          before = new Map();
          forgetLater();
        },
      };
    },
    async close() {
      cancelAlive();
      cancelForget();
      const saved = phase === 'waiting' ? saving : save('alive');
      phase = 'closed';
      await saved;
      cancelSave?.();
    },
  };
}

/** Runs a task again and again; returns what ends it. */
function every(clock: Clock, ms: number, task: () => void): () => void {
  let cancel = clock.after(ms, again);
  function again(): void {
    task();
    cancel = clock.after(ms, again);
  }
  return () => cancel();
}

function notWritten(error: unknown): Finding {
  const message = `What is believed of monitors cannot be written: ${messageOf(error)}.`;
  return finding('journal-not-written', { file: 'journal' }, message, 'Answers do not suffer. It is tried again.');
}
