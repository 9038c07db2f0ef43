import { Type } from 'typebox';
import { duration } from '../core/desired/annotations/values.ts';
import { createAllowance } from './allowance.ts';
import type { AdminApp, AdminOptions } from './app.ts';
import { PUSHES_PER_SECOND } from './limits.ts';
import { problem, refused } from './problems.ts';
import { findMonitor } from './routes/monitors.ts';
import { REASON_BODY } from './scope-body.ts';
import type { Caller } from './tokens.ts';
import { MONITOR_VIEW } from './views/monitor-view.ts';

/** Highest load that can be pushed: far above any capacity, and finite. */
const MAX_LOAD = 1e15;

const NAME = Type.Object({ name: Type.String({ maxLength: 63 }) });

const RESULT = Type.Object(
  {
    state: Type.Optional(Type.Union([Type.Literal('up'), Type.Literal('degraded'), Type.Literal('down')])),
    /** Of the cluster, in the unit of its capacity; in the place of a state, where the monitor tells a load. */
    load: Type.Optional(Type.Number({ minimum: 0, maximum: MAX_LOAD })),
    /** In one line, as the reason of a drain: it ends up on terminals. */
    reason: Type.Optional(REASON_BODY),
    /** How long it counts; without it, as long as the configuration lets it. */
    expires: Type.Optional(Type.String({ maxLength: 16 })),
  },
  { additionalProperties: false },
);

/** Shortest and longest time that a pushed result can count, in ms; the configuration's `expires` bounds it further. */
const expiry = duration(1_000, 86_400_000);

/**
 * `POST /v1/monitors/:name/result`: a result, or the load of a cluster, that somebody else found, with a token of scope `push` or `operate`. The last
 * one counts; the same one again makes it last longer.
 */
export function addMonitorResultRoutes(app: AdminApp, options: AdminOptions): void {
  const { director, log, steady } = options;
  const pushes = createAllowance({ most: PUSHES_PER_SECOND, windowMs: 1_000, steady });
  const schema = { params: NAME, body: RESULT, response: { 200: MONITOR_VIEW } };
  app.post('/v1/monitors/:name/result', { config: { access: 'push' }, schema }, async (request) => {
    const { name } = request.params;
    refuseOthers(request.caller, name);
    const before = findMonitor(options, name)?.state;
    // Only what there is is counted: names that are made up would fill the memory of the counts.
    if (before === undefined) throw problem('monitor-unknown', 'The configuration has no monitor of this name.');
    const seconds = pushes.take(name);
    if (seconds > 0) {
      const detail = `At most ${PUSHES_PER_SECOND} results of one monitor in a second.`;
      throw problem('rate-limited', detail, { 'retry-after': String(seconds) });
    }
    const { state, load, reason = '', expires } = request.body;
    const expiresMs = expires === undefined ? undefined : expiry(expires);
    if (expires !== undefined && expiresMs === undefined) {
      throw problem('request-invalid', 'expires: expected a duration from 1s to 24h like "5m".');
    }
    if ((state === undefined) === (load === undefined)) {
      throw problem('request-invalid', 'Expected a state, or the load of a cluster, and not both.');
    }
    const by = request.caller?.name ?? '';
    const given = { name, by, ...(expiresMs === undefined ? {} : { expiresMs }) };
    const result = director.push(state === undefined ? { ...given, rate: load ?? 0 } : { ...given, state, reason });
    if ('code' in result) throw refused(result);
    // Somebody pushes all day: only what is new is worth a line.
    if (state !== undefined && before !== state) log('monitor-result', { monitor: name, state, reason, by });
    const view = findMonitor(options, name);
    if (view === undefined) throw problem('monitor-unknown', 'The monitor is gone from the configuration.');
    return view;
  });
}

/** A token can be bound to some monitors: what one job can push, another cannot undo. */
function refuseOthers(caller: Caller | undefined, name: string): void {
  if (caller?.monitors === undefined || caller.monitors.includes(name)) return;
  throw problem('scope-lacking', 'This token is for other monitors.');
}
