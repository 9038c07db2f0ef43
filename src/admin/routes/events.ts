import { Type } from 'typebox';
import type { RecordedEvent } from '../../core/events.ts';
import type { AdminApp, AdminOptions } from '../app.ts';
import { type EventStream, openStream } from '../events/event-stream.ts';
import { MAX_EVENT_STREAMS, MAX_RECENT_EVENTS, RECONNECT_MS } from '../limits.ts';
import { FORMS } from '../patterns.ts';
import { problem } from '../problems.ts';
import type { Caller } from '../tokens.ts';
import { EVENT_VIEW, viewEvent } from '../views/event-view.ts';

const TYPES = Type.Optional(
  Type.String({
    maxLength: 200,
    pattern: FORMS.eventTypes.pattern,
    description: 'Only events of these types, parted by commas.',
    examples: ['monitor,finding'],
  }),
);

const STREAM = Type.Object({ types: TYPES }, { additionalProperties: false });

const HEADERS = Type.Object({
  'last-event-id': Type.Optional(
    Type.String({ maxLength: 64, description: 'The id of the last event that was seen: the stream goes on after it.' }),
  ),
});

const RECENT = Type.Object(
  {
    types: TYPES,
    limit: Type.Optional(
      Type.String({ pattern: FORMS.pageSize.pattern, description: 'Most events, 1–1000; 100 by default.' }),
    ),
  },
  { additionalProperties: false },
);

/** Events where the caller has no wish. */
const RECENT_DEFAULT = 100;

/** `GET /v1/events`, a stream of what happens, and `GET /v1/events/recent`, a list of what happened. */
export function addEventRoutes(app: AdminApp, { events, log, tokens }: AdminOptions): void {
  /** With whoever was let in. */
  const streams = new Map<EventStream, Caller | undefined>();
  const isGone = (caller: Caller | undefined): boolean => caller !== undefined && tokens.isGone(caller);
  tokens.onGone(() => {
    for (const [stream, caller] of streams) if (isGone(caller)) stream.end('token-gone');
  });
  app.addHook('preClose', async () => {
    // Each takes itself out of the map, which a walk over a map allows.
    for (const stream of streams.keys()) stream.end('stopping');
  });

  const stream = { querystring: STREAM, headers: HEADERS };
  app.get('/v1/events', { schema: stream, exposeHeadRoute: false }, (request, reply) => {
    if (streams.size >= MAX_EVENT_STREAMS) {
      const wait = { 'retry-after': String(RECONNECT_MS / 1000) };
      throw problem('streams-full', `There are ${MAX_EVENT_STREAMS} streams of events already.`, wait);
    }
    const given = request.headers['last-event-id'];
    const { caller } = request;
    const by = caller?.name ?? '';
    // It went after the gate had let him in.
    if (isGone(caller)) throw problem('token-wrong', 'The token is not known any more.');
    reply.hijack();
    let opened: EventStream | undefined;
    opened = openStream(reply.raw, {
      events,
      lastId: given === '' ? undefined : given,
      wants: filter(request.query.types),
      onEnd(why) {
        if (opened !== undefined) streams.delete(opened);
        if (why === 'reader-too-slow') log('admin-stream-cut', { by, address: request.ip, code: why });
      },
    });
    streams.set(opened, caller);
  });

  const recent = {
    querystring: RECENT,
    response: { 200: Type.Object({ items: Type.Array(EVENT_VIEW), newest: Type.String() }) },
  };
  app.get('/v1/events/recent', { schema: recent }, async ({ query: { types, limit } }) => {
    const wanted = events.latest(MAX_RECENT_EVENTS).filter(filter(types));
    const most = limit === undefined ? RECENT_DEFAULT : Number(limit);
    return { items: wanted.slice(-most).map(viewEvent), newest: events.newest() };
  });
}

function filter(types: string | undefined): (event: RecordedEvent) => boolean {
  if (types === undefined) return () => true;
  const wanted = new Set(types.split(','));
  return ({ type }) => wanted.has(type);
}
