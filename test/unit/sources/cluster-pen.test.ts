import * as fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { createClusterPen } from '../../../src/sources/gateway-api/cluster-pen.ts';
import { eventBody, eventName, seriesPatch } from '../../../src/sources/gateway-api/event-body.ts';
import { WATCHED_KINDS } from '../../../src/sources/gateway-api/kinds.ts';
import type { Reflector } from '../../../src/sources/gateway-api/reflector.ts';
import { createShelf } from '../../../src/sources/gateway-api/shelf.ts';
import { translate } from '../../../src/sources/gateway-api/translate.ts';
import { rawGateway } from '../../support/scripted-api.ts';
import { type Answer, startTinyApi, type TinyApi } from './tiny-api.ts';

const KEY = 'azimuth.dev/status';
const OBJECT = { kind: 'Gateway', namespace: 'web', name: 'edge' };
const EVENT = { object: OBJECT, reason: 'DriftTls', note: 'differs', at: Date.UTC(2026, 10, 26) };
const PATH = '/apis/gateway.networking.k8s.io/v1/namespaces/web/gateways/edge';

let api: TinyApi | undefined;
afterEach(() => api?.close());

async function penFor(answer: (call: string) => Answer, readiness: 'settled' | 'unsettled' = 'settled') {
  api = await startTinyApi(answer);
  const kind = WATCHED_KINDS.find((one) => one.kind === 'Gateway')!;
  const type = { kind: 'Gateway', apiVersion: 'gateway.networking.k8s.io/v1' };
  const translation = { origin: { file: 'cluster east' }, gatewayClasses: undefined, statusKey: KEY };
  const shelf = createShelf((value) => translate(translation, type, value), { left: 10 });
  const counts = { lastHeardAt: 0, objects: 0, lists: 1, watches: 1, problem: undefined };
  const view = { kind: 'Gateway', namespace: '', state: 'watching' as const, apiVersion: type.apiVersion, ...counts };
  const reflector: Reflector = { kind, shelf, run: async () => {}, view: () => view, readiness: () => readiness };
  const signal = new AbortController().signal;
  const pen = createClusterPen({ connection: api.connection, signal, statusKey: KEY, reflectors: [reflector] });
  return { pen, shelf };
}

describe('what was written on an object', () => {
  const noted = (status: string) => ({
    ...rawGateway('edge', 2),
    metadata: { name: 'edge', namespace: 'web', annotations: { [KEY]: status, 'azimuth.dev/weight': '7' } },
  });

  test('is seen, and no part of the object: writing it changes nothing', async () => {
    const { pen, shelf } = await penFor(() => ({ code: 200, body: {} }));
    expect(pen.seenStatus(OBJECT)).toEqual({ state: 'unseen' });
    expect(shelf.put(noted('a'))).toBe(true);
    expect([...shelf.items()]).toMatchObject([{ name: 'edge', annotations: [['azimuth.dev/weight', '7']] }]);
    expect(shelf.put(noted('b')), 'no change to us').toBe(false);
    expect(pen.seenStatus(OBJECT)).toEqual({ state: 'seen', status: 'b' });
    expect(pen.statuses()).toEqual([OBJECT]);
    expect([...shelf.findings()]).toEqual([]);
    shelf.remove(noted('b'));
    expect([pen.seenStatus(OBJECT), pen.statuses()]).toEqual([{ state: 'unseen' }, []]);
  });

  test('survives a new list, and goes with one that lacks it', async () => {
    const { pen, shelf } = await penFor(() => ({ code: 200, body: {} }));
    shelf.put(noted('a'));
    const same = shelf.gather();
    same.add(noted('c'));
    expect(same.done()).toBe(false);
    expect(pen.seenStatus(OBJECT)).toEqual({ state: 'seen', status: 'c' });
    const plain = shelf.gather();
    plain.add({ ...rawGateway('edge', 3), metadata: { name: 'edge', namespace: 'web' } });
    plain.done();
    expect(pen.seenStatus(OBJECT)).toEqual({ state: 'seen', status: undefined });
  });

  test('is not told before all kinds were read once', async () => {
    const { pen, shelf } = await penFor(() => ({ code: 200, body: {} }), 'unsettled');
    shelf.put(noted('a'));
    expect([pen.seenStatus(OBJECT), pen.statuses()]).toEqual([{ state: 'unseen' }, []]);
  });
});

describe('a write', () => {
  test('of a status is a merge patch under our name; taking it away is null', async () => {
    const { pen } = await penFor(() => ({ code: 200, body: {} }));
    expect(await pen.annotate(OBJECT, 'x')).toEqual({ kind: 'done' });
    await pen.annotate(OBJECT, undefined);
    expect(api?.calls).toEqual(
      ['"x"', 'null'].map((value) => {
        return `PATCH ${PATH}?fieldManager=azimuth application/merge-patch+json {"metadata":{"annotations":{"${KEY}":${value}}}}`;
      }),
    );
  });

  test.each([
    [401, 'denied'],
    [403, 'denied'],
    [404, 'gone'],
    [409, 'failed'],
    [413, 'rejected'],
    [422, 'rejected'],
    [429, 'failed'],
    [500, 'failed'],
    [503, 'failed'],
  ])('that is answered by %i is %s, and says why', async (code, kind) => {
    const { pen } = await penFor(() => ({ code, body: { message: 'because' } }));
    const outcome = await pen.annotate(OBJECT, 'x');
    expect(outcome).toMatchObject({ kind, problem: expect.stringMatching(`${code} "because"`) });
  });

  test('on what is of no kind that is served is none', async () => {
    const { pen } = await penFor(() => ({ code: 200, body: {} }));
    expect(await pen.annotate({ ...OBJECT, kind: 'GRPCRoute' }, 'x')).toMatchObject({ kind: 'gone' });
    expect(await pen.record({ ...EVENT, object: { ...OBJECT, kind: 'Secret' } })).toMatchObject({ kind: 'gone' });
    expect(api?.calls).toEqual([]);
  });

  test('of an Event that is there counts it on, whatever its series says', async () => {
    for (const [series, count] of [
      [{ count: 7 }, 8],
      [undefined, 2],
      [{ count: 'many' }, 2],
      [{ count: 2 ** 40 }, 2],
    ]) {
      const { pen } = await penFor((call) => {
        if (call.startsWith('POST')) return { code: 409, body: {} };
        return { code: 200, body: { metadata: { uid: 'u' }, series } };
      });
      expect(await pen.record(EVENT)).toEqual({ kind: 'done' });
      expect(api?.calls.at(-1)).toContain(`{"series":{"count":${JSON.stringify(count)},`);
      await api?.close();
    }
  });
});

describe('an Event', () => {
  const place = { name: 'n', namespace: 'web', apiVersion: 'v1', uid: 'u' };

  test('has a name that Kubernetes takes, and the same one for the same news only', () => {
    const name = fc.stringMatching(/^[a-z0-9]([-a-z0-9]{0,60}[a-z0-9])?(\.[a-z0-9]([-a-z0-9]{0,60}[a-z0-9])?){0,3}$/);
    fc.assert(
      fc.property(name, fc.string(), fc.string(), fc.string(), (object, uid, note, other) => {
        const event = { ...EVENT, object: { ...OBJECT, name: object }, note };
        expect(eventName(event, uid)).toMatch(
          /^(?=.{1,253}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/,
        );
        expect(eventName({ ...event, at: 0 }, uid)).toBe(eventName(event, uid));
        if (other !== note) expect(eventName({ ...event, note: other }, uid)).not.toBe(eventName(event, uid));
      }),
    );
  });

  test('has a note of at most 1024 octets without half a character, and times in microseconds', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 2000 }), (note) => {
        const body = eventBody({ ...EVENT, note }, place);
        expect(body).toMatchObject({ eventTime: '2026-11-26T00:00:00.000000Z' });
        const said = 'note' in body ? String(body.note) : '';
        expect(Buffer.byteLength(said)).toBeLessThanOrEqual(1024);
        expect(note.startsWith(said.replace(/…$/, ''))).toBe(true);
      }),
    );
    expect(seriesPatch(1, EVENT.at)).toEqual({ series: { count: 2, lastObservedTime: '2026-11-26T00:00:00.000000Z' } });
  });
});
