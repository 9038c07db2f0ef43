import { drainOf, type Overrides } from '../../../src/core/orders/override.ts';
import type { AuditEntry, Clock } from '../../../src/core/ports.ts';
import { type AuditLog, type AuditLogOptions, createAuditLog } from '../../../src/state/audit/audit-log.ts';
import { createState, type State } from '../../../src/state/state.ts';
import { AT, OURS } from './journal-fixture.ts';

const logs = new Set<AuditLog>();
const states = new Set<State>();

/** An audit in a directory. */
export function auditIn(directory: string, options: Partial<AuditLogOptions> = {}): AuditLog {
  const log = createAuditLog({ directory, lock: OURS, now: () => AT, ...options });
  logs.add(log);
  return log;
}

/** Closes all audits of a test. */
export async function closeAudits(): Promise<void> {
  await Promise.all([...logs].map((log) => log.close()));
  logs.clear();
}

/** A director's state before its start. */
export function stateIn(directory: string, clock: Clock): State {
  const state = createState({ directory, clock });
  states.add(state);
  return state;
}

/** The same after its start, with the codes of what it said and the first message. */
export async function startedState(directory: string, clock: Clock) {
  const state = stateIn(directory, clock);
  const findings = await state.open();
  state.admit();
  return { state, codes: findings.map(({ code }) => code), message: findings[0]?.message };
}

/** Closes all states of a test, one after the other. */
export async function closeStates(): Promise<void> {
  for (const state of states) await state.close();
  states.clear();
}

/** All entries of an audit, the newest first: who, what, about what, and what came of it. */
export async function entriesOf({ audit }: State): Promise<readonly string[]> {
  const { items } = await audit.list({ limit: 100 });
  return items.map(({ who, action, target, outcome }) => `${who} ${action} ${target} ${outcome}`);
}

/** The entry of a drain that is done. */
export function auditEntry(target: string): AuditEntry {
  return {
    at: AT,
    who: 'ana',
    from: '192.0.2.1',
    action: 'cluster.drain',
    target,
    before: null,
    after: null,
    outcome: 'done',
  };
}

/** The entry of a drain that was ordered at a moment, and is done. */
export function drainEntry(cluster: string, at = AT): AuditEntry {
  return { ...auditEntry(cluster), at: at + 1, after: { cluster, at, by: 'ana', reason: 'x', force: false } };
}

/** Drains of these clusters, ordered at a moment. */
export function drainsOf(clusters: readonly string[], at = AT): Overrides {
  return new Map(
    clusters.map((cluster) => {
      const order = drainOf({ cluster, at, by: 'ana', reason: 'x' });
      return [order.name, order] as const;
    }),
  );
}
