import type { HostnameOutcome } from './hostname-pairs.ts';
import type { Outcome, Trouble } from './outcome.ts';

/** All troubles, the worst first. */
const TROUBLES = [
  'residency-breach',
  'not-served',
  'no-cluster',
  'residents-without-answer',
  'clients-without-answer',
  'last-resort',
  'one-cluster',
] as const satisfies readonly Trouble[];

/** What nobody does on purpose: clients would be lost. The last resort, or a single cluster left, still serve them. */
const HARMFUL: ReadonlySet<Trouble> = new Set<Trouble>([
  'residency-breach',
  'not-served',
  'no-cluster',
  'residents-without-answer',
  'clients-without-answer',
]);

/** The hostnames that one trouble would meet. */
export type Affected = {
  readonly trouble: Trouble;
  /** How many hostnames it would meet that it does not meet before. */
  readonly count: number;
  /** How many others it meets before, too. */
  readonly already: number;
  /** The first of those that are new to it, by name. */
  readonly first: readonly string[];
};

/** What would be wrong afterwards, trouble by trouble, those without any hostname left out. */
export function affectedBy(all: readonly HostnameOutcome[], listed: number): readonly Affected[] {
  return TROUBLES.flatMap((trouble) => {
    const met = all.filter(({ outcome }) => outcome.after.troubles.has(trouble));
    const fresh = met.filter(({ outcome }) => isNew(trouble, outcome));
    const first = fresh.map(({ name }) => name).toSorted();
    const already = met.filter(
      ({ outcome }) => !isNew(trouble, outcome) && outcome.before.troubles.has(trouble),
    ).length;
    if (fresh.length + already === 0) return [];
    return [{ trouble, count: fresh.length, already, first: first.slice(0, listed) }];
  });
}

/** Whether the change does harm: what was so before does not count, but for a breach, which may never be. */
export function isHarm({ trouble, count, already }: Affected): boolean {
  return HARMFUL.has(trouble) && (count > 0 || (trouble === 'residency-breach' && already > 0));
}

/** How bad a trouble is: 0 is the worst. */
export function rankOf(trouble: Trouble): number {
  return TROUBLES.indexOf(trouble);
}

/** Whether a hostname meets a trouble afterwards that it did not meet before. More clients than before are new, too. */
export function isNew(trouble: Trouble, { before, after }: Outcome): boolean {
  if (!after.troubles.has(trouble)) return false;
  // Who had none has gained one.
  if (trouble === 'one-cluster') return before.usable > 1;
  if (trouble === 'clients-without-answer' && after.nobody > before.nobody + ROUNDING) return true;
  return !before.troubles.has(trouble);
}

/** Fractions are sums: what differs by less is the same. */
const ROUNDING = 1e-9;
