import type { Finding } from '../core/desired/finding.ts';

/** Who is told of findings: all of them, each time. */
export type TellFindings = (findings: readonly Finding[]) => void;

/** Passes findings on where they are others than the last ones; at first there are none. */
export function tellChanges(tell: TellFindings): TellFindings {
  let told = '[]';
  return (findings) => {
    const text = JSON.stringify(findings);
    if (text === told) return;
    told = text;
    tell(findings);
  };
}

/**
 * Findings that come from several places, told together: each `part` replaces its own. Nothing is told after `close`.
 */
export function createFindingParts(tell: TellFindings): { part(): TellFindings; close(): void } {
  const parts: (readonly Finding[])[] = [];
  let state: 'open' | 'closed' = 'open';
  return {
    part() {
      const index = parts.push([]) - 1;
      return tellChanges((findings) => {
        parts[index] = findings;
        if (state === 'open') tell(parts.flat());
      });
    },
    close() {
      state = 'closed';
    },
  };
}
