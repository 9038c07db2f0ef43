/**
 * Somebody did something, or was refused it. `at` in ms since the epoch; `who` by the name of the token, `from` the address.
 * `before` and `after` are JSON, null where there was nothing; `outcome` is `done`, or the stable code of the refusal
 * (`left-out`: of several, which have no entries). `found-in-force`: it was done, and had no entry when the director started
 * or took over; `who` is as it was saved, `from` is not known, and `at` is when it was found. `found-taken-back`: the same of what
 * was taken back; `who` is not known either.
 */
export type AuditEntry = {
  readonly at: number;
  readonly who: string;
  readonly from: string;
  readonly action: AuditAction;
  readonly target: string;
  readonly before: unknown;
  readonly after: unknown;
  readonly outcome: string;
};

/**
 * What is audited: stable codes; what drills and overrides add follows the same form. `request.refused`: requests without an
 * entry of their own, summed up. A method and a route: what has no name of its own, and was refused.
 */
export type AuditAction =
  | 'cluster.drain'
  | 'cluster.undrain'
  | 'cluster.failback'
  | 'breaker.close'
  | `rollout.${string}`
  | `drill.${string}`
  | `override.${string}`
  | 'request.refused'
  | `${'POST' | 'PUT' | 'PATCH' | 'DELETE'} /${string}`;

/** An entry as it was read, with its number, which counts up. Other versions may have other actions. */
export type AuditRecord = Omit<AuditEntry, 'action'> & { readonly seq: number; readonly action: string };

/** A part of the audit, newest first. `next`: the number below which the next part begins; undefined at the end. */
export type AuditPage = { readonly items: readonly AuditRecord[]; readonly next: number | undefined };

/** Whether an entry is of an order that took effect, or `spare`: of what was refused, and of no order. */
export type AuditKind = 'order' | 'spare';

/**
 * The audit. `record` resolves when the entry is on stable storage behind all earlier ones, and rejects where it cannot be;
 * `kind` absent: `order`. A spare one is refused (code `disk-full`) while the disk is full, for what room is left is for orders.
 * `list` gives entries with numbers below `before`.
 */
export type Audit = {
  record(entry: AuditEntry, kind?: AuditKind): Promise<void>;
  list(options: { readonly before?: number; readonly limit: number }): Promise<AuditPage>;
};
