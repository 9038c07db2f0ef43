import { createHash } from 'node:crypto';
import { hostname } from 'node:os';
import { idOf } from '../../core/desired/gateway-api/metadata.ts';
import type { ClusterEvent } from '../../core/ports.ts';
import { MAX_EVENT_NOTE_OCTETS } from './limits.ts';

/** The API of Events. */
export const EVENTS = { group: 'events.k8s.io', version: 'v1', plural: 'events' } as const;

/** Who reports: a qualified name, as Kubernetes wants it. */
const CONTROLLER = 'azimuth.dev/azimuth';

/** What an Event needs to know beside what it says. */
export type EventPlace = {
  readonly name: string;
  readonly namespace: string;
  /** Of the object, as it is served. */
  readonly apiVersion: string;
  readonly uid: string;
};

/** The same for the same news of the same object, whoever has it: so that one Event counts on, and no second one is made. */
export function eventName({ object, reason, note }: ClusterEvent, uid: string): string {
  const hash = createHash('sha256').update(JSON.stringify([object.kind, idOf(object), uid, reason, note]));
  return `${object.name.slice(0, 200).replace(/[-.]+$/, '')}.${hash.digest('hex').slice(0, 16)}`;
}

/** The body of a new Event (events.k8s.io/v1). */
export function eventBody(event: ClusterEvent, { name, namespace, apiVersion, uid }: EventPlace): object {
  const { kind, namespace: of, name: regarded } = event.object;
  return {
    apiVersion: `${EVENTS.group}/${EVENTS.version}`,
    kind: 'Event',
    metadata: { name, namespace },
    eventTime: microTime(event.at),
    reportingController: CONTROLLER,
    reportingInstance: hostname().slice(0, 128) || 'unknown',
    action: 'Direct',
    reason: event.reason,
    type: 'Warning',
    note: shortened(event.note),
    regarding: { apiVersion, kind, name: regarded, uid, ...(of === '' ? {} : { namespace: of }) },
  };
}

/** A merge patch that counts an Event on: all that may change of it. Counts begin at 2. */
export function seriesPatch(count: number, at: number): object {
  return { series: { count: Math.max(2, count), lastObservedTime: microTime(at) } };
}

/** A time as Kubernetes' MicroTime wants it. */
function microTime(at: number): string {
  return new Date(at).toISOString().replace('Z', '000Z');
}

/** Without half a character at the end. */
function shortened(note: string): string {
  const octets = Buffer.from(note);
  if (octets.length <= MAX_EVENT_NOTE_OCTETS) return note;
  return `${octets
    .subarray(0, MAX_EVENT_NOTE_OCTETS - 6)
    .toString('utf8')
    .replace(/\uFFFD+$/, '')}…`;
}
