import type { ServerResponse } from 'node:http';
import type { Events, RecordedEvent } from '../../core/events.ts';
import { CLOSE_GRACE_MS, EVENT_BATCH, HEARTBEAT_MS, MAX_STREAM_MS, RECONNECT_MS, STALLED_MS } from '../limits.ts';
import { viewEvent } from '../views/event-view.ts';

/** Why a stream ended. `reader-gone`: by the reader. `token-gone`: the token that he was let in by is none any more. */
type StreamEnd = 'reader-gone' | 'reader-too-slow' | 'stream-too-old' | 'token-gone' | 'stopping';

/** What a stream needs. */
export type StreamOptions = {
  readonly events: Events;
  /** `Last-Event-ID` of a reader who comes back; without it, what happens from now on is sent. */
  readonly lastId: string | undefined;
  readonly wants: (event: RecordedEvent) => boolean;
  /** How long a reader may take nothing, in ms. */
  readonly stalledMs?: number;
  /** From one sign of life to the next, in ms. */
  readonly heartbeatMs?: number;
  readonly onEnd: (end: StreamEnd) => void;
};

/** A stream under way. */
export type EventStream = { end(why: StreamEnd): void };

const HEAD = {
  // The type has no charset parameter: it is always UTF-8 (HTML Living Standard §9.2.5).
  'content-type': 'text/event-stream',
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  // Proxies of nginx's kind would keep events back otherwise.
  'x-accel-buffering': 'no',
};

/**
 * Sends events to one reader (HTML Living Standard §9.2.6) until he goes, or is cut. What waits for him stays in the log,
 * which is bounded: nothing is kept for a reader but his place in it, and who falls out of it is cut.
 */
export function openStream(response: ServerResponse, options: StreamOptions): EventStream {
  const { events, lastId, wants, stalledMs = STALLED_MS, heartbeatMs = HEARTBEAT_MS } = options;
  let place = lastId ?? events.newest();
  /** When the socket took no more, in ms of the process's own clock; undefined while it takes. */
  let stalledAt: number | undefined;
  let scheduled: NodeJS.Immediate | undefined;
  let ended = false;

  const end = (why: StreamEnd): void => {
    if (ended) return;
    ended = true;
    unsubscribe();
    clearInterval(heart);
    clearTimeout(age);
    clearImmediate(scheduled);
    if (why === 'reader-too-slow') response.destroy();
    else if (why !== 'reader-gone')
      endWith(response, `event: end\nid: ${place}\ndata: ${JSON.stringify({ code: why })}\n\n`);
    options.onEnd(why);
  };
  const send = (text: string): void => {
    if (!response.write(text)) stalledAt = performance.now();
  };
  const pump = (): void => {
    scheduled = undefined;
    if (ended) return;
    const { events: next, missed } = events.after(place, EVENT_BATCH);
    const newest = next.at(-1);
    if (missed) end('reader-too-slow');
    if (missed || newest === undefined) return;
    place = newest.id;
    const text = next.filter(wants).map(eventText).join('');
    if (text !== '') send(text);
    // There may be more; others have their turn before it.
    wake();
  };
  const wake = (): void => {
    if (stalledAt === undefined) scheduled ??= setImmediate(pump);
    else if (events.after(place, 0).missed) end('reader-too-slow');
  };
  const beat = (): void => {
    // How far it looked: who wants few of the events is behind by none of the others when he comes back.
    if (stalledAt === undefined) send(`id: ${place}\n: alive\n\n`);
    else if (performance.now() - stalledAt >= stalledMs) end('reader-too-slow');
  };

  const unsubscribe = events.subscribe(wake);
  const heart = setInterval(beat, heartbeatMs);
  const age = setTimeout(() => end('stream-too-old'), MAX_STREAM_MS);
  response.on('drain', () => {
    stalledAt = undefined;
    wake();
  });
  response.on('close', () => end('reader-gone'));
  response.on('error', () => end('reader-gone'));
  // The rule of all other connections, that silence closes them, is in the way here: ours above is kinder and is told.
  response.socket?.setTimeout(0);
  response.writeHead(200, HEAD);
  const hasGap = lastId !== undefined && events.after(lastId, 0).missed;
  if (hasGap) place = beforeOldest(events, lastId);
  const gap = hasGap ? gapText(lastId, place) : '';
  // Who breaks off before the first event comes back with this, and misses nothing.
  send(`retry: ${RECONNECT_MS}\nid: ${place}\n\n${gap}`);
  wake();
  return { end };
}

/** Says a last word. To a reader who takes nothing it never gets, and nothing else would close his connection: it is cut. */
function endWith(response: ServerResponse, text: string): void {
  const cut = setTimeout(() => response.destroy(), CLOSE_GRACE_MS);
  response.on('close', () => clearTimeout(cut));
  response.end(text);
}

function gapText(lastId: string, place: string): string {
  return `event: gap\nid: ${place}\ndata: ${JSON.stringify({ lastEventId: lastId })}\n\n`;
}

/** The place before the oldest event that is kept, for a reader whose own place is forgotten. */
function beforeOldest(events: Events, lost: string): string {
  const [oldest] = events.after(lost, 1).events;
  if (oldest === undefined) return events.newest();
  const [run = '', number = '1'] = oldest.id.split('-');
  return `${run}-${Number(number) - 1}`;
}

/** JSON has no line breaks of its own, so that one `data` line holds it. */
function eventText(event: RecordedEvent): string {
  return `id: ${event.id}\nevent: ${event.type}\ndata: ${JSON.stringify(viewEvent(event))}\n\n`;
}
