import { type Finding, finding } from '../../core/desired/finding.ts';

/** The audit is not as it was written; `what` in words, without an end. */
export function brokenFinding(file: string, what: string): Finding {
  const message = `The audit is not as it was written: ${what}.`;
  const advice =
    'Nothing of it was changed: run "azimuth audit verify", and compare with a backup. What follows is written behind it.';
  return finding('audit-broken', { file }, message, advice);
}
