import { type Finding, finding } from '../finding.ts';
import { type Asker, originOf } from '../gateway-api/metadata.ts';
import type { Remark } from './vocabulary.ts';

/** Most findings of one code about the migration of one cluster; the others are counted in one more. */
const MAX_SHOWN = 1000;

/** Makes findings of remarks about objects, a bounded number of each code. */
export type Summary = { add(asker: Asker, remark: Remark): void; findings(): readonly Finding[] };

/** An empty summary. */
export function createSummary(): Summary {
  const found: Finding[] = [];
  const counts = new Map<Remark['code'], { count: number; next: Asker | undefined }>();
  return {
    add(asker, { code, message, suggestion }) {
      const entry = counts.get(code) ?? { count: 0, next: undefined };
      counts.set(code, entry);
      entry.count += 1;
      if (entry.count <= MAX_SHOWN) found.push(finding(code, originOf(asker), message, suggestion));
      else entry.next ??= asker;
    },
    findings() {
      const rest = [...counts].flatMap(([code, { count, next }]) => {
        if (next === undefined) return [];
        const message = `from here on, ${count - MAX_SHOWN} more annotations of the cluster are not listed one by one`;
        return finding(code, originOf(next), message);
      });
      return [...found, ...rest];
    },
  };
}
