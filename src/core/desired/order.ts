import type { Origin } from './finding.ts';
import { type Asker, idOf } from './gateway-api/metadata.ts';

/** Order by UTF-16 code units: the same on every machine, whatever its language. */
export function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** By file, line and object: the order in which a person reads them. */
export function compareOrigins(a: Origin, b: Origin): number {
  return compareText(a.file, b.file) || (a.line ?? 0) - (b.line ?? 0) || compareText(a.object ?? '', b.object ?? '');
}

/** By file and line, then by kind and `namespace/name`. */
export function compareAskers(a: Asker, b: Asker): number {
  return (
    compareOrigins(a.origin, b.origin) || compareText(a.kind, b.kind) || (a === b ? 0 : compareText(idOf(a), idOf(b)))
  );
}
