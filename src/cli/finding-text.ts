import type { Finding } from '../core/desired/finding.ts';
import { dim, paintState } from './colour.ts';

/** One finding for a person: `file:line: severity code: message`, and what to do on a line of its own. */
export function findingText(finding: Finding, stream: NodeJS.WriteStream = process.stdout): string {
  const { file, line, object } = finding.origin;
  const place = line === undefined ? file : `${file}:${line}`;
  const about = object === undefined ? '' : ` ${dim(`(${object})`, stream)}`;
  const head = `${place}: ${paintState(finding.severity, stream)} ${finding.code}: ${finding.message}${about}`;
  return finding.suggestion === undefined ? head : `${head}\n    ${dim('try:', stream)} ${finding.suggestion}`;
}
