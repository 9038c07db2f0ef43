import type { Finding } from '../core/desired/finding.ts';
import type { Clock } from '../core/ports.ts';

/** From one try for the directory to the next, in ms. */
const TRY_MS = 1_000;
/** After a reading that took long the next one comes so many times as late: readings cost at most a twentieth of the time. */
const REST_TIMES = 20;

/** What is ordered, as the journal keeps it. */
export type OrderKind = 'overrides' | 'rollouts' | 'drills';

/** Who waits for a directory that another process has. Both are told one after the other, and must not reject. */
export type Heir = {
  /** The other process wrote some of these: the stores give what stands there now. */
  onNews(kinds: readonly OrderKind[]): Promise<void>;
  /** The directory is ours, and read anew: the stores give what the other process left. Changes are refused until `admit`. */
  onOurs(findings: readonly Finding[]): Promise<void>;
};

/** The wait for a directory. */
export type Succession = {
  /** Tries at once, and then once a second until the directory is ours; resolves after the first try. */
  begin(heir: Heir): Promise<void>;
  /** Waits no more, and settles when nothing of it is under way: from then on nobody is told. */
  end(): Promise<void>;
};

/** What it takes: a try for the directory, the journal read once more as another process's, and all taken over. */
export type SuccessionOptions = {
  readonly clock: Pick<Clock, 'now' | 'steady' | 'after'>;
  readonly tryAgain: () => Promise<'ours' | 'taken'>;
  readonly reread: () => Promise<readonly OrderKind[]>;
  readonly takeOver: () => Promise<readonly Finding[]>;
};

/** A wait that has not begun. */
export function createSuccession({ clock, tryAgain, reread, takeOver }: SuccessionOptions): Succession {
  let phase: 'waiting' | 'ended' = 'waiting';
  let cancel = (): void => {};
  let looking: Promise<void> = Promise.resolve();
  /** No reading before then, in steady ms. */
  let readAt = Number.NEGATIVE_INFINITY;
  const steady = (): number => clock.steady?.() ?? clock.now();
  const isEnded = (): boolean => phase === 'ended';

  async function look(heir: Heir): Promise<void> {
    if ((await tryAgain()) === 'ours') {
      const findings = await takeOver();
      if (isEnded()) return;
      phase = 'ended';
      await heir.onOurs(findings);
      return;
    }
    if (steady() >= readAt) await read(heir);
    if (!isEnded()) cancel = clock.after(TRY_MS, () => void lookOnce(heir));
  }

  async function read(heir: Heir): Promise<void> {
    const began = steady();
    const kinds = await reread();
    const now = steady();
    readAt = now + (now - began) * REST_TIMES;
    if (kinds.length > 0 && !isEnded()) await heir.onNews(kinds);
  }

  function lookOnce(heir: Heir): Promise<void> {
    looking = look(heir);
    return looking;
  }

  return {
    begin: (heir) => (isEnded() ? looking : lookOnce(heir)),
    async end() {
      phase = 'ended';
      cancel();
      await looking.catch(() => {});
    },
  };
}
