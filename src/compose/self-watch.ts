import type { Clock, ListenAddress } from '../core/ports.ts';
import type { SelfCheck } from '../metrics/registry.ts';

/** From the answer of one round of questions to our own listeners to the next round, in ms. */
const SELF_WATCH_INTERVAL_MS = 5_000;

/** What asks our own listeners again and again. */
export type SelfWatchOptions = {
  readonly clock: Pick<Clock, 'after'>;
  readonly listeners: readonly ListenAddress[];
  /** Asks one; resolves with 'ok' or why not, within a bound. */
  readonly check: (listener: ListenAddress) => Promise<string>;
  readonly onCheck: (check: SelfCheck) => void;
};

/**
 * Asks every listener now and then, as a client would: that measures the whole way of an answer, the queue of the socket
 * included, and costs the answers to others nothing. Returns what ends it; the listeners are asked side by side, and anew
 * when all have answered.
 */
export function watchListeners({ clock, listeners, check, onCheck }: SelfWatchOptions): () => void {
  let state: 'running' | 'ended' = 'running';
  let cancel = (): void => {};

  async function ask(listener: ListenAddress): Promise<void> {
    const startedAt = performance.now();
    // What the check throws is as bad as no answer.
    const outcome = await check(listener).catch(String);
    if (state === 'ended') return;
    const result = outcome === 'ok' ? 'ok' : 'failed';
    onCheck({ listener: listenerText(listener), result, durationMs: performance.now() - startedAt });
  }
  async function round(): Promise<void> {
    await Promise.all(listeners.map(ask));
    if (state === 'running') plan();
  }
  function plan(): void {
    cancel = clock.after(SELF_WATCH_INTERVAL_MS, () => void round());
  }

  plan();
  return () => {
    state = 'ended';
    cancel();
  };
}

/** A listener as the label `listener` of the metrics has it. */
export function listenerText({ host, port }: ListenAddress): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
