import { type Finding, type FindingCode, finding, type Origin } from './finding.ts';
import type { Say } from './precedence.ts';

/** Something that is to be said of each hostname of a kind; the hostname is not in it. */
export type Remark = {
  readonly code: FindingCode;
  readonly origin: Origin;
  readonly message: string;
  readonly suggestion: string | undefined;
};

/** Collects remarks, each once. */
export function noteInto(remarks: Remark[]): Say {
  return (code, origin, message, suggestion) => {
    const isKnown = remarks.some((one) => one.code === code && one.origin === origin && one.message === message);
    if (!isKnown) remarks.push(Object.freeze({ code, origin, message, suggestion }));
  };
}

/** Counts hostnames by what is said of them: equal remarks on many hostnames become one finding. */
export type Tally = {
  /** Hostnames come in their order. */
  count(hostname: string, remark: Remark): void;
  findings(): readonly Finding[];
};

type Count = { readonly remark: Remark; readonly first: string; last: string; hostnames: number };

/** An empty tally. */
export function createTally(): Tally {
  const counts = new Map<string, Count>();
  const known = new Map<Remark, Count>();
  const countOf = (hostname: string, remark: Remark): Count => {
    const { code, origin, message } = remark;
    const key = `${code} ${origin.file}:${origin.line ?? 0} ${origin.object ?? ''} ${message}`;
    const count = counts.get(key) ?? { remark, first: hostname, last: '', hostnames: 0 };
    counts.set(key, count);
    known.set(remark, count);
    return count;
  };
  return {
    count(hostname, remark) {
      const count = known.get(remark) ?? countOf(hostname, remark);
      if (count.last === hostname) return;
      count.last = hostname;
      count.hostnames += 1;
    },
    findings() {
      return [...counts.values()].map(({ remark, first, hostnames }) => {
        const names = hostnames === 1 ? first : `${first} and ${hostnames - 1} more`;
        return finding(remark.code, remark.origin, `${names}: ${remark.message}`, remark.suggestion);
      });
    },
  };
}
