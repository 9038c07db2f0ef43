import { parseAddress } from '../core/desired/address.ts';
import { isPublicTarget, type Resolution } from '../core/desired/resolution.ts';
import type { FamilyAnswer, NameAnswer } from './ask.ts';
import * as limits from './limits.ts';

/** What is known of one name, and what the next answer is laid over. */
export type Knowledge = {
  readonly resolution: Resolution;
  readonly v4: FamilyKnowledge;
  readonly v6: FamilyKnowledge;
  /** When both families were last answered, in ms since the epoch. */
  readonly heardAt: number | undefined;
  /** Lookups that failed in a row. */
  readonly failures: number;
  /** Until the next lookup. */
  readonly waitSeconds: number;
};

/** The addresses of one family. */
type FamilyKnowledge = {
  /** Those of the last good answer. */
  readonly fresh: readonly string[];
  /** Those of the good answer before it that are gone. */
  readonly lingering: readonly string[];
};

const NONE: FamilyKnowledge = Object.freeze({ fresh: [], lingering: [] });

/**
 * What is known after one more answer, at `now` in ms since the epoch. A failure takes no address away, and neither does
 * an answer without any: a name that is gone by mistake must not empty a cluster, and health decides about its addresses.
 * An address that is missing in one answer lingers until the next: load balancers change all of theirs at once, and the
 * new ones are to be probed before the old ones go.
 */
export function learn(before: Knowledge | undefined, answer: NameAnswer, now: number): Knowledge {
  const known = { v4: before?.v4 ?? NONE, v6: before?.v6 ?? NONE };
  const [read4, read6] = [readAnswer(answer.v4), readAnswer(answer.v6)];
  const refused = [...read4.refused, ...read6.refused];
  const next = { v4: after(known.v4, read4.addresses), v6: after(known.v6, read6.addresses) };
  const isEmpty = next.v4.fresh.length + next.v6.fresh.length === 0;
  const { v4, v6 } = isEmpty ? known : next;
  const leftOut = refused.length > 0 ? sayLeftOut(refused) : undefined;
  const failure = read4.problem ?? read6.problem ?? (isEmpty ? (leftOut ?? 'the name has no addresses') : undefined);
  const failures = failure === undefined ? 0 : (before?.failures ?? 0) + 1;
  const isKept = isEmpty || isKeptOnly(v4, read4) || isKeptOnly(v6, read6);
  const addresses = shown(v4, v6);
  const state = addresses.length === 0 ? 'failed' : isKept ? 'stale' : 'resolved';
  const since = state === 'stale' ? before?.heardAt : undefined;
  return {
    resolution: same(before?.resolution, { state, addresses, problem: failure ?? leftOut, since }),
    v4,
    v6,
    heardAt: failure === undefined ? now : before?.heardAt,
    failures,
    waitSeconds: failures > 0 ? pauseAfter(failures) : waitFor(Math.min(read4.ttl, read6.ttl), v4, v6),
  };
}

function after(known: FamilyKnowledge, addresses: readonly string[] | undefined): FamilyKnowledge {
  if (addresses === undefined) return known;
  return { fresh: addresses, lingering: known.fresh.filter((text) => !addresses.includes(text)) };
}

/** Whether a family was not answered and has addresses of before. */
function isKeptOnly({ fresh, lingering }: FamilyKnowledge, { addresses }: ReadAnswer): boolean {
  return addresses === undefined && fresh.length + lingering.length > 0;
}

/** Where there are too many, those that linger go first. */
function shown(v4: FamilyKnowledge, v6: FamilyKnowledge): readonly string[] {
  const all = new Set([...v4.fresh, ...v6.fresh, ...v4.lingering, ...v6.lingering]);
  return [...all].slice(0, limits.MAX_NAME_ADDRESSES).toSorted();
}

function pauseAfter(failures: number): number {
  return Math.min(limits.MIN_RETRY_S * 2 ** Math.min(failures - 1, 10), limits.MAX_RETRY_S);
}

function waitFor(ttl: number, v4: FamilyKnowledge, v6: FamilyKnowledge): number {
  const longest = v4.lingering.length + v6.lingering.length > 0 ? limits.CONFIRM_S : limits.MAX_LOOKUP_S;
  return Math.min(longest, Math.max(limits.MIN_LOOKUP_S, ttl));
}

type ReadAnswer = {
  /** Ordered, each once; undefined where there is no answer. */
  readonly addresses: readonly string[] | undefined;
  readonly refused: readonly string[];
  /** In seconds; Infinity where there is no record. */
  readonly ttl: number;
  readonly problem: string | undefined;
};

function readAnswer(answer: FamilyAnswer): ReadAnswer {
  if (answer.kind === 'failure') {
    return { addresses: undefined, refused: [], ttl: Number.POSITIVE_INFINITY, problem: answer.problem };
  }
  const parsed = answer.records.flatMap(({ address }) => parseAddress(address) ?? []);
  const { good = [], bad = [] } = Object.groupBy(parsed, (one) => (isPublicTarget(one) ? 'good' : 'bad'));
  const texts = [...new Set(good.map(({ text }) => text))].toSorted();
  return {
    addresses: texts.slice(0, limits.MAX_NAME_ADDRESSES),
    refused: bad.map(({ text }) => text),
    ttl: Math.min(...answer.records.map(({ ttl }) => ttl)),
    problem: undefined,
  };
}

function sayLeftOut([first = '', ...more]: readonly string[]): string {
  return `it leads to ${first}${more.length > 0 ? ` and ${more.length} more` : ''}, which is no address for clients`;
}

/** The very same as before where nothing differs. */
function same(before: Resolution | undefined, now: Resolution): Resolution {
  const isSame = before !== undefined && JSON.stringify(before) === JSON.stringify(now);
  return isSame ? before : Object.freeze({ ...now, addresses: Object.freeze(now.addresses) });
}
