import { asInteger, asText, at } from '../../core/desired/gateway-api/untrusted.ts';
import type { ClusterEvent, ClusterObject, SeenStatus, WriteOutcome } from '../../core/ports.ts';
import { apiErrorOf } from './api-error.ts';
import type { Connection } from './connection.ts';
import { EVENTS, eventBody, eventName, seriesPatch } from './event-body.ts';
import { apiVersionOf } from './kinds.ts';
import type { Reflector } from './reflector.ts';

/** The name under which the API server notes who wrote what. */
const FIELD_MANAGER = 'azimuth';

/** Writes into one cluster. The contract is that of `ClusterWriter`. */
export type ClusterPen = {
  seenStatus(object: ClusterObject): SeenStatus;
  statuses(): readonly ClusterObject[];
  annotate(object: ClusterObject, status: string | undefined): Promise<WriteOutcome>;
  record(event: ClusterEvent): Promise<WriteOutcome>;
};

/** What a pen writes with. */
export type ClusterPenOptions = {
  readonly connection: Connection;
  readonly signal: AbortSignal;
  readonly statusKey: string | undefined;
  readonly reflectors: readonly Reflector[];
};

const GONE: WriteOutcome = Object.freeze({ kind: 'gone', problem: 'there is no such object' });
const DONE: WriteOutcome = Object.freeze({ kind: 'done' });

/** A pen for the objects that the reflectors know. */
export function createClusterPen({ connection, signal, statusKey, reflectors }: ClusterPenOptions): ClusterPen {
  const byKind = Map.groupBy(reflectors, (reflector) => reflector.kind.kind);
  const of = (kind: string): readonly Reflector[] => byKind.get(kind) ?? [];

  /** Before that nobody made a picture of what is on the shelves. */
  const isSettled = (): boolean => reflectors.every((reflector) => reflector.readiness() === 'settled');

  /** The path of an object by the version that is served; undefined where its kind is not. */
  function pathOf({ kind, namespace, name }: ClusterObject): string | undefined {
    const plural = of(kind)[0]?.kind.plural;
    const apiVersion = apiVersionOfKind(kind);
    if (plural === undefined || apiVersion === undefined) return undefined;
    const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
    return `${root}/${namespace === '' ? '' : `namespaces/${namespace}/`}${plural}/${name}`;
  }

  function apiVersionOfKind(kind: string): string | undefined {
    return of(kind)
      .map((reflector) => reflector.view().apiVersion)
      .find((version) => version !== undefined);
  }

  async function countOn(path: string, at: number): Promise<void> {
    const count = seriesCount(await connection.read({ path }, signal));
    await connection.write({ method: 'PATCH', path, query: AS_US, body: seriesPatch(count + 1, at) }, signal);
  }

  return {
    seenStatus({ kind, namespace, name }) {
      if (!isSettled()) return { state: 'unseen' };
      for (const reflector of of(kind)) {
        const seen = reflector.shelf.seenStatus(namespace, name);
        if (seen.state === 'seen') return seen;
      }
      return { state: 'unseen' };
    },
    statuses: () =>
      !isSettled()
        ? []
        : reflectors.flatMap(({ kind: { kind }, shelf }) =>
            [...shelf.statuses()].map(({ namespace, name }) => ({ kind, namespace, name })),
          ),
    annotate(object, status) {
      const path = pathOf(object);
      if (path === undefined || statusKey === undefined) return Promise.resolve(GONE);
      // A merge patch takes null for "away"; it never makes an object that is gone.
      const body = { metadata: { annotations: { [statusKey]: status ?? null } } };
      return outcomeOf(() => connection.write({ method: 'PATCH', path, query: AS_US, body }, signal));
    },
    record(event) {
      const path = pathOf(event.object);
      const apiVersion = apiVersionOfKind(event.object.kind);
      if (path === undefined || apiVersion === undefined) return Promise.resolve(GONE);
      return outcomeOf(async () => {
        // kubectl finds the Events of an object by its uid.
        const uid = asText(at(await connection.read({ path }, signal), 'metadata', 'uid')) ?? '';
        const name = eventName(event, uid);
        const all = `/apis/${apiVersionOf(EVENTS.group, EVENTS.version)}/namespaces/${namespaceOf(event)}/events`;
        const body = eventBody(event, { name, namespace: namespaceOf(event), apiVersion, uid });
        try {
          await connection.write({ method: 'POST', path: all, query: AS_US, body }, signal);
        } catch (error) {
          if (apiErrorOf(error).code !== 409) throw error;
          await countOn(`${all}/${name}`, event.at);
        }
      });
    },
  };
}

const AS_US = { fieldManager: FIELD_MANAGER };

/** Events on what is in no namespace are in this one. */
function namespaceOf({ object }: ClusterEvent): string {
  return object.namespace === '' ? 'default' : object.namespace;
}

/** How often an Event was seen: one without a series once. */
function seriesCount(event: unknown): number {
  return asInteger(at(event, 'series', 'count'), 1, 2 ** 31 - 2) ?? 1;
}

async function outcomeOf(write: () => Promise<void>): Promise<WriteOutcome> {
  try {
    await write();
    return DONE;
  } catch (thrown) {
    const { failure, code, message: problem } = apiErrorOf(thrown);
    if (failure === 'missing') return { kind: 'gone', problem };
    if (failure === 'forbidden' || failure === 'unauthorized') return { kind: 'denied', problem };
    const isOurs = code !== undefined && code >= 400 && code < 500 && code !== 409 && code !== 429 && code !== 408;
    return { kind: isOurs ? 'rejected' : 'failed', problem };
  }
}
