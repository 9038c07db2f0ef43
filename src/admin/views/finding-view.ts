import { type Static, Type } from 'typebox';
import type { Finding } from '../../core/desired/finding.ts';

/** How bad a finding is. */
export const SEVERITY = Type.Union([Type.Literal('error'), Type.Literal('warning'), Type.Literal('info')]);

/** A finding in a list. */
export const FINDING_VIEW = Type.Object({
  code: Type.String(),
  severity: SEVERITY,
  message: Type.String(),
  file: Type.String(),
  line: Type.Optional(Type.Integer()),
  object: Type.Optional(Type.String()),
  suggestion: Type.Optional(Type.String()),
});

/** A finding as the API shows it. */
export function viewFinding({ code, severity, message, origin, suggestion }: Finding): Static<typeof FINDING_VIEW> {
  return { code, severity, message, ...origin, ...(suggestion === undefined ? {} : { suggestion }) };
}
