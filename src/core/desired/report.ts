import { type Finding, type FindingCode, finding, type Origin } from './finding.ts';
import { compareOrigins, compareText } from './order.ts';

/** Collects findings. */
export type Report = {
  add(code: FindingCode, origin: Origin, message: string, suggestion?: string): void;
  /** What was added since it was taken last. */
  take(): readonly Finding[];
};

const NOTHING: readonly Finding[] = Object.freeze([]);

/** An empty report. */
export function createReport(): Report {
  let found: Finding[] | undefined;
  return {
    add(code, origin, message, suggestion) {
      found ??= [];
      found.push(finding(code, origin, message, suggestion));
    },
    take() {
      const taken = found ?? NOTHING;
      found = undefined;
      return taken;
    },
  };
}

/** Findings ordered by file, line, object, code and message, each once. Lists that are in order cost little. */
export function ordered(findings: readonly Finding[]): readonly Finding[] {
  const sorted = findings.toSorted(compareFindings);
  return sorted.filter((one, index) => {
    const before = sorted[index - 1];
    return before === undefined || compareFindings(before, one) !== 0;
  });
}

function compareFindings(a: Finding, b: Finding): number {
  return compareOrigins(a.origin, b.origin) || compareText(a.code, b.code) || compareText(a.message, b.message);
}
