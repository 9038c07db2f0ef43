import { type Finding, type FindingCode, finding, type Origin } from './finding.ts';
import { compareOrigins, compareText } from './order.ts';

/** Something about one hostname; equal remarks about many hostnames become one finding that counts them. */
type Remark = {
  readonly code: FindingCode;
  readonly origin: Origin;
  readonly hostname: string;
  readonly message: string;
  readonly suggestion?: string;
};

/** Collects findings during one translation. */
export type Report = {
  add(code: FindingCode, origin: Origin, message: string, suggestion?: string): void;
  addAll(findings: readonly Finding[]): void;
  remark(remark: Remark): void;
  /** All of it, each once, ordered by file, line, object, code and message. */
  findings(): readonly Finding[];
};

/** An empty report. */
export function createReport(): Report {
  const found: Finding[] = [];
  const remarks = new Map<string, { readonly first: Remark; readonly hostnames: Set<string> }>();
  return {
    add: (code, origin, message, suggestion) => void found.push(finding(code, origin, message, suggestion)),
    addAll: (findings) => {
      for (const one of findings) found.push(one);
    },
    remark: (remark) => {
      const key = `${remark.code} ${originKey(remark.origin)} ${remark.message}`;
      const known = remarks.get(key);
      if (known === undefined) remarks.set(key, { first: remark, hostnames: new Set([remark.hostname]) });
      else known.hostnames.add(remark.hostname);
    },
    findings: () => {
      const counted = remarks.values().map(({ first, hostnames }) => {
        return finding(first.code, first.origin, `${namesOf(hostnames)}: ${first.message}`, first.suggestion);
      });
      return eachOnce([...found, ...counted]);
    },
  };
}

function namesOf(hostnames: ReadonlySet<string>): string {
  const [first = ''] = [...hostnames].toSorted(compareText);
  return hostnames.size === 1 ? first : `${first} and ${hostnames.size - 1} more`;
}

function eachOnce(findings: readonly Finding[]): readonly Finding[] {
  const byKey = new Map(findings.map((one) => [`${originKey(one.origin)} ${one.code} ${one.message}`, one]));
  return [...byKey.values()].toSorted(compareFindings);
}

function compareFindings(a: Finding, b: Finding): number {
  return compareOrigins(a.origin, b.origin) || compareText(a.code, b.code) || compareText(a.message, b.message);
}

function originKey(origin: Origin): string {
  return `${origin.file}:${origin.line ?? 0} ${origin.object ?? ''}`;
}
