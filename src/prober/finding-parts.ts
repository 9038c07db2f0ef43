import type { Finding } from '../core/desired/finding.ts';
import { type TellFindings, tellChanges } from '../core/desired/finding-changes.ts';

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
