import { join } from 'node:path';
import { type Finding, finding } from '../core/desired/finding.ts';
import type { Clock } from '../core/ports.ts';
import type { KeptAudit } from './audit/kept-audit.ts';
import type { Journal } from './journal/journal.ts';
import type { JournalLook } from './journal/journal-state.ts';
import type { Reserve } from './reserve.ts';

/** How often it is looked whether the files of the state directory are in their place, in ms: some system calls. */
const LOOK_MS = 60_000;

/** Looks after a state directory while the director runs. */
export type Upkeep = {
  /** Looks at once, and then each `LOOK_MS`; resolves after the first look. */
  begin(tell: (findings: readonly Finding[]) => void): Promise<void>;
  /** Tells what is so now, where it is something else than before. */
  tell(): void;
  /** Looks no more. Settles when nothing of it is under way. */
  end(): Promise<void>;
};

/** What is looked after. Nothing of it is touched while the directory is another process's. */
export type UpkeepOptions = {
  readonly directory: string;
  readonly clock: Pick<Clock, 'after'>;
  readonly journal: Pick<Journal, 'look'>;
  readonly audit: Pick<KeptAudit, 'look'>;
  readonly reserve: Pick<Reserve, 'refill' | 'findings'>;
  readonly isOurs: () => boolean;
};

/** One that has not begun. */
export function createUpkeep({ directory, clock, journal, audit, reserve, isOurs }: UpkeepOptions): Upkeep {
  let hear = (_findings: readonly Finding[]): void => {};
  let phase: 'idle' | 'looking-after' | 'ended' = 'idle';
  let cancel = (): void => {};
  let looking: Promise<void> = Promise.resolve();
  let told = '';
  /** What stands until the process ends: it is nothing that passes. */
  let journalIs: JournalLook = 'in-place';
  let ofAudit: readonly Finding[] = [];

  function tell(): void {
    if (phase !== 'looking-after') return;
    const all = [...takenAway(journalIs, join(directory, 'journal')), ...ofAudit, ...reserve.findings()];
    const text = all.map(({ message }) => message).join('\n');
    if (text === told) return;
    told = text;
    hear(all);
  }

  async function look(): Promise<void> {
    if (isOurs()) {
      await reserve.refill();
      const found = await journal.look();
      if (found !== 'in-place') journalIs = found;
      ofAudit = await audit.look();
      tell();
    }
    if (phase === 'looking-after') cancel = clock.after(LOOK_MS, () => void lookOnce());
  }

  function lookOnce(): Promise<void> {
    looking = look();
    return looking;
  }

  return {
    async begin(to) {
      if (phase !== 'idle') return;
      [hear, phase] = [to, 'looking-after'];
      await lookOnce();
    },
    tell,
    async end() {
      phase = 'ended';
      cancel();
      await looking;
    },
  };
}

function takenAway(found: JournalLook, file: string): readonly Finding[] {
  if (found === 'in-place') return [];
  const what =
    found === 'anew'
      ? 'It was written anew of what is in force.'
      : 'It cannot be written anew: what is in force would be gone after a restart.';
  const message = `The journal was moved away, removed or replaced while the director ran. ${what}`;
  return [finding('journal-taken-away', { file }, message, 'See who does that.')];
}
