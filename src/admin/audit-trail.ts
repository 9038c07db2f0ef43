import type { FastifyRequest } from 'fastify';
import { messageOf } from '../core/error-message.ts';
import type { Log } from '../core/log-events.ts';
import type { Audit, AuditAction, AuditEntry, Refusal } from '../core/ports.ts';
import { problem } from './problems.ts';

/** Most items of a list that an entry names. */
const MAX_NAMED = 100;

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What the audit calls that which the route does; without it, its method and path. */
    action?: AuditAction;
  }
  interface FastifyRequest {
    /** Whether the route's own code took care of the audit of it. `to-sum-up`: it did, and the disk is full. */
    audit: 'nothing-yet' | 'its-own' | 'to-sum-up';
  }
}

/** What was done, or refused: the part of an audit entry that a route knows. */
export type Deed = Pick<AuditEntry, 'target' | 'before' | 'after' | 'outcome'>;

/** Where it is written down. Without an audit nothing is. */
export type AuditTrail = {
  readonly audit?: Audit | undefined;
  /** Told of refusals, by their codes. */
  readonly onRefusal?: (code: string) => void;
  readonly now: () => number;
  readonly log: Log;
};

/**
 * Writes a deed into the audit, before it is acknowledged. Where that fails, what was done stays done and the caller is told
 * (`not-recorded`); a refusal stays the refusal that it is.
 */
export async function audited(trail: AuditTrail, request: FastifyRequest, deed: Deed): Promise<void> {
  const { audit, onRefusal, now, log } = trail;
  request.audit = 'its-own';
  if (deed.outcome !== 'done') onRefusal?.(deed.outcome);
  if (audit === undefined) return;
  const { target } = deed;
  const action = actionOf(request);
  try {
    const entry = { at: now(), who: request.caller?.name ?? '', from: request.ip, action, ...deed };
    await audit.record(entry, deed.outcome === 'done' ? 'order' : 'spare');
  } catch (error) {
    const reason = messageOf(error);
    log('audit-unwritable', { target, action, reason });
    if (deed.outcome !== 'done' && isFull(error)) request.audit = 'to-sum-up';
    if (deed.outcome === 'done') {
      onRefusal?.('not-recorded');
      throw problem('not-recorded', `The change took effect, and it could not be written to the audit: ${reason}`);
    }
  }
}

/** Whether an entry was refused as what room is left is for orders. */
export function isFull(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'disk-full';
}

/** What the audit calls that which a request would do. */
export function actionOf({ method, routeOptions }: FastifyRequest): AuditAction {
  const { config, url = '' } = routeOptions;
  return config.action ?? `${verbOf(method)} /${url.replace(/^\//, '')}`;
}

/** The methods of routes that change something. */
function verbOf(method: string): 'POST' | 'PUT' | 'PATCH' | 'DELETE' {
  return method === 'PUT' || method === 'PATCH' || method === 'DELETE' ? method : 'POST';
}

/** The outcome of an order, as an entry has it. */
export function outcomeOf(result: Refusal | 'done'): string {
  return result === 'done' ? 'done' : result.code;
}

/** The first of a list, and how many there are. */
export function named(list: readonly string[]): { readonly count: number; readonly first: readonly string[] } {
  return { count: list.length, first: list.slice(0, MAX_NAMED) };
}
