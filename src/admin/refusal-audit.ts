import type { FastifyRequest } from 'fastify';
import { messageOf } from '../core/error-message.ts';
import type { AuditEntry, Clock } from '../core/ports.ts';
import { type AuditTrail, actionOf, isFull } from './audit-trail.ts';
import { isChange } from './changes/is-change.ts';
import { MAX_REFUSED_PATH, REFUSAL_ENTRIES_MS } from './limits.ts';
import type { ProblemCode } from './problems.ts';
import { createRefusalWindow, type LeftOut, type RefusalWindow } from './refusal-window.ts';

/** Writes down the requests to change something that were refused before their route wrote an entry. */
export type RefusalAudit = {
  /** Told of every request that is answered with a problem. Returns at once and never throws: nobody waits for the disk. */
  note(request: FastifyRequest, code: ProblemCode): void;
  /** Sums up what was left out so far. */
  close(): void;
};

type Window = { since: number; readonly refusals: RefusalWindow; readonly cancel: () => void };

/**
 * Makes it. What has no entry of its own (`refusal-window.ts`) is summed up in one, at most `REFUSAL_ENTRIES_MS` later. An
 * entry that cannot be written is lost, and a line of the log says so; while the disk is full, it is summed up as well, until
 * there is room for the sum.
 */
export function createRefusalAudit(trail: AuditTrail & { readonly after: Clock['after'] }): RefusalAudit {
  const { onRefusal, now, after } = trail;
  let window: Window | undefined;
  let phase: 'open' | 'closed' = 'open';

  const end = (): void => {
    const ended = window;
    window = undefined;
    ended?.cancel();
    const leftOut = ended?.refusals.leftOut();
    if (ended === undefined || leftOut === undefined) return;
    const { since } = ended;
    write(trail, sumOf(leftOut, since, now()), () => keep(() => begun(since).add(leftOut)));
  };
  /** The window that is open. `since`: of what is to be in it. */
  function begun(since: number): RefusalWindow {
    window ??= { since, refusals: createRefusalWindow(), cancel: after(REFUSAL_ENTRIES_MS, end) };
    window.since = Math.min(window.since, since);
    return window.refusals;
  }
  /** For the next sum, if there will be one. */
  function keep(add: () => void): 'kept' | 'lost' {
    if (phase === 'closed') return 'lost';
    add();
    return 'kept';
  }

  return {
    note(request, code) {
      // A route that works on behind `timed-out` may write what became of it as well: both are true.
      if (request.audit === 'its-own' || !isChange(request)) return;
      const [who, from, at] = [request.caller?.name ?? '', request.ip, now()];
      const leave = (): void => begun(at).leave({ who, from, code });
      // Its route counted it.
      if (request.audit === 'to-sum-up') return leave();
      onRefusal?.(code);
      if (begun(at).take({ who, from, code }) === 'left-out') return;
      const refused = { target: pathOf(request), before: null, after: null, outcome: code };
      write(trail, { at, who, from, action: actionOf(request), ...refused }, () => keep(leave));
    },
    close() {
      phase = 'closed';
      end();
    },
  };
}

/** The path as it came, cut: printable ASCII, as HTTP has it. Without a query, where somebody may have put a token. */
function pathOf({ url }: FastifyRequest): string {
  const [path = ''] = url.split('?', 1);
  return path.slice(0, MAX_REFUSED_PATH);
}

/** The entry of what was left out. Times are in ms since the epoch. */
function sumOf({ count, ...rest }: LeftOut, began: number, at: number): AuditEntry {
  const since = new Date(began).toISOString();
  const target = count === 1 ? '1 request' : `${count} requests`;
  const counted = { before: null, after: { since, count, ...rest }, outcome: 'left-out' };
  return { at, who: '', from: '', action: 'request.refused', target, ...counted };
}

/** `onFull`: whether it is summed up while the disk is full. */
function write({ audit, log }: AuditTrail, entry: AuditEntry, onFull: () => 'kept' | 'lost'): void {
  audit?.record(entry, 'spare').catch((error: unknown) => {
    if (isFull(error) && onFull() === 'kept') return;
    const reason = messageOf(error);
    log('audit-unwritable', { target: entry.target, action: entry.action, reason });
  });
}
