import type { FastifyRequest } from 'fastify';
import type { AuditEntry, Clock } from '../core/ports.ts';
import { type AuditTrail, actionOf } from './audit-trail.ts';
import { isChange } from './changes/is-change.ts';
import { MAX_REFUSED_PATH, REFUSAL_ENTRIES_MS } from './limits.ts';
import type { ProblemCode } from './problems.ts';
import { createRefusalWindow, type RefusalWindow } from './refusal-window.ts';

/** Writes down the requests to change something that were refused before their route wrote an entry. */
export type RefusalAudit = {
  /** Told of every request that is answered with a problem. Returns at once and never throws: nobody waits for the disk. */
  note(request: FastifyRequest, code: ProblemCode): void;
  /** Sums up what was left out so far. */
  close(): void;
};

type Window = { readonly since: number; readonly refusals: RefusalWindow; readonly cancel: () => void };

/**
 * Makes it. What has no entry of its own (`refusal-window.ts`) is summed up in one, at most `REFUSAL_ENTRIES_MS` later. An
 * entry that cannot be written is lost, and a line of the log says so.
 */
export function createRefusalAudit(trail: AuditTrail & { readonly after: Clock['after'] }): RefusalAudit {
  const { onRefusal, now, after } = trail;
  let window: Window | undefined;

  const end = (): void => {
    const ended = window;
    window = undefined;
    ended?.cancel();
    const leftOut = ended?.refusals.leftOut();
    if (ended === undefined || leftOut === undefined) return;
    const { count, ...rest } = leftOut;
    const since = new Date(ended.since).toISOString();
    const target = count === 1 ? '1 request' : `${count} requests`;
    const counted = { before: null, after: { since, count, ...rest }, outcome: 'left-out' };
    write(trail, { at: now(), who: '', from: '', action: 'request.refused', target, ...counted });
  };
  const begin = (): Window => ({
    since: now(),
    refusals: createRefusalWindow(),
    cancel: after(REFUSAL_ENTRIES_MS, end),
  });

  return {
    note(request, code) {
      // A route that works on behind `timed-out` may write what became of it as well: both are true.
      if (request.audit === 'its-own' || !isChange(request)) return;
      onRefusal?.(code);
      window ??= begin();
      const [who, from] = [request.caller?.name ?? '', request.ip];
      if (window.refusals.take({ who, from, code }) === 'left-out') return;
      const refused = { target: pathOf(request), before: null, after: null, outcome: code };
      write(trail, { at: now(), who, from, action: actionOf(request), ...refused });
    },
    close: end,
  };
}

/** The path as it came, cut: printable ASCII, as HTTP has it. Without a query, where somebody may have put a token. */
function pathOf({ url }: FastifyRequest): string {
  const [path = ''] = url.split('?', 1);
  return path.slice(0, MAX_REFUSED_PATH);
}

function write({ audit, log }: AuditTrail, entry: AuditEntry): void {
  audit?.record(entry).catch((error: unknown) => {
    const reason = error instanceof Error ? error.message : String(error);
    log('audit-unwritable', { target: entry.target, action: entry.action, reason });
  });
}
