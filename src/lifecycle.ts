import type { ReadinessItem } from './core/ports.ts';

/** One room's start and stop. `start` resolves when the room does its work; `stop` within `stopMs` or it is left behind. */
export type Stage = {
  readonly name: string;
  /** What the stage waits for, told by `/readyz` until it is ready. */
  readonly waitsFor: string;
  start(): Promise<void>;
  stop?(): Promise<void>;
};

/** The running whole: stages started in order, stopped in reverse, with the list of who is not ready and why. */
export type Lifecycle = {
  /** Rejects with the first stage's failure, after what had started was stopped again. */
  start(): Promise<void>;
  /** Idempotent; settles within `STOP_STAGE_MS` per stage and names the stages that did not. */
  stop(): Promise<readonly string[]>;
  readiness(): readonly ReadinessItem[];
};

/** How long one stage may take to stop, in ms. */
const STOP_STAGE_MS = 2_000;

type StageState = 'waiting' | 'starting' | 'ready' | 'stopping' | 'failed';

const REASONS: Record<StageState, (stage: Stage) => string> = {
  waiting: () => 'not started yet',
  starting: (stage) => stage.waitsFor,
  ready: () => '',
  stopping: () => 'stopping',
  failed: () => 'failed to start',
};

/** Makes a lifecycle over stages in their start order. */
export function createLifecycle(stages: readonly Stage[]): Lifecycle {
  const states = new Map<string, StageState>(stages.map((stage) => [stage.name, 'waiting']));
  let stopping: Promise<readonly string[]> | undefined;

  const stopAll = async (): Promise<readonly string[]> => {
    const late: string[] = [];
    const started = stages.filter((stage) => states.get(stage.name) !== 'waiting');
    for (const stage of stages) states.set(stage.name, 'stopping');
    for (const stage of started.toReversed()) {
      const outcome = await settlesWithin(STOP_STAGE_MS, stage.stop?.());
      if (outcome === 'late') late.push(stage.name);
    }
    return late;
  };

  const lifecycle: Lifecycle = {
    async start() {
      for (const stage of stages) {
        if (stopping !== undefined) return;
        states.set(stage.name, 'starting');
        try {
          await stage.start();
        } catch (error) {
          states.set(stage.name, 'failed');
          await lifecycle.stop();
          throw error;
        }
        if (stopping === undefined) states.set(stage.name, 'ready');
      }
    },
    stop() {
      stopping ??= stopAll();
      return stopping;
    },
    readiness() {
      return stages.map((stage) => {
        const state = states.get(stage.name) ?? 'waiting';
        return {
          name: stage.name,
          state: state === 'ready' ? ('ready' as const) : ('waiting' as const),
          reason: REASONS[state](stage),
        };
      });
    },
  };
  return lifecycle;
}

/** Waits for `work` at most `ms`. A rejection counts as settled: a room that fails to stop must not keep the others. */
export async function settlesWithin(ms: number, work: Promise<unknown> | undefined): Promise<'settled' | 'late'> {
  if (work === undefined) return 'settled';
  const { promise: late, resolve } = Promise.withResolvers<'late'>();
  const timer = setTimeout(() => resolve('late'), ms);
  try {
    const settled = work.then(
      () => 'settled' as const,
      () => 'settled' as const,
    );
    return await Promise.race([settled, late]);
  } finally {
    clearTimeout(timer);
  }
}
