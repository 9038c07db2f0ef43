import type { Finding } from './finding.ts';

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
