/** The audit for commands that read it without a director. */
export { type AuditVerdict, verifyAudit } from '../state/audit/verify.ts';
