import { describe, expect, test } from 'vitest';
import { desire } from '../../../../src/core/desired/desire.ts';
import { readObject } from '../../../../src/core/desired/gateway-api/objects.ts';
import { liveOrigin } from '../../../../src/core/desired/live-origin.ts';
import type { Model } from '../../../../src/core/desired/model.ts';
import { type ObjectVerdict, verdictsOf } from '../../../../src/core/desired/object-verdicts.ts';
import type { Picture } from '../../../../src/core/desired/picture.ts';
import { declare, gateway, listenerSet, namespace, route } from './pictures.ts';

const LIVE = new Map(['eu', 'us'].map((cluster) => [liveOrigin(cluster).file, cluster]));

/** A picture as a live source makes it. */
function livePicture(cluster: string, ...values: readonly unknown[]): Picture {
  const read = values.map((value) => readObject(value, liveOrigin(cluster)));
  const objects = read.flatMap((one) => (one.kind === 'object' ? [one.object] : []));
  return { cluster, objects, findings: read.flatMap((one) => (one.kind === 'foreign' ? [] : one.findings)) };
}

const modelOf = (...pictures: readonly Picture[]): Model => desire(declare(), pictures);
const shown = (verdicts: readonly ObjectVerdict[] | undefined) =>
  Object.fromEntries(
    (verdicts ?? []).map(({ kind, name, state, hostnames, findings }) => {
      return [`${kind} ${name}`, [state, hostnames.join(' '), findings.map(({ code }) => code).join(' ')]];
    }),
  );
const eu = (...values: readonly unknown[]) => shown(verdictsOf(modelOf(livePicture('eu', ...values)), LIVE).get('eu'));

describe('the verdict of an object', () => {
  test('is accepted with the hostnames that it asks for, or that its addresses answer', () => {
    expect(
      eu(gateway('edge'), route('r', ['b.gslb.example', 'a.gslb.example']), route('s', ['c.gslb.example'])),
    ).toEqual({
      'Gateway edge': ['accepted', 'a.gslb.example b.gslb.example c.gslb.example', ''],
      'HTTPRoute r': ['accepted', 'a.gslb.example b.gslb.example', ''],
      'HTTPRoute s': ['accepted', 'c.gslb.example', ''],
    });
  });

  test('names a hostname once, however many addresses and listeners answer it', () => {
    const listeners = [80, 443].map((port) => ({ name: `l${port}`, port, protocol: 'HTTP' }));
    const addresses = ['192.0.2.1', '192.0.2.2', '2001:db8::1'];
    const found = eu(gateway('edge', { listeners, addresses }), route('r', ['a.gslb.example']));
    expect(found['Gateway edge']?.[1]).toBe('a.gslb.example');
    expect(found['HTTPRoute r']?.[1]).toBe('a.gslb.example');
  });

  test('is invalid where something in it cannot be used, and says what is served all the same', () => {
    const odd = route('r', ['a.gslb.example'], { annotations: { weight: 'much' } });
    expect(eu(gateway('edge'), odd)['HTTPRoute r']).toEqual(['invalid', 'a.gslb.example', 'annotation-invalid']);
  });

  test('is invalid for a Gateway without addresses, and its Routes are not served', () => {
    expect(eu(gateway('edge', { addresses: [] }), route('r', ['a.gslb.example']))).toEqual({
      'Gateway edge': ['invalid', '', 'gateway-no-address'],
    });
  });

  test('is conflicted where clusters disagree, for the object that did not prevail', () => {
    const pictures = (['eu', 'us'] as const).map((cluster) =>
      livePicture(
        cluster,
        gateway('edge'),
        route('r', ['a.gslb.example'], { annotations: { steering: cluster === 'eu' ? 'weighted' : 'failover' } }),
      ),
    );
    const verdicts = verdictsOf(modelOf(...pictures), LIVE);
    const states = ['eu', 'us'].map((cluster) => shown(verdicts.get(cluster))['HTTPRoute r']?.[0]);
    expect(new Set(states)).toEqual(new Set(['accepted', 'conflicted']));
  });

  test('is unserved where it is in order and has no Gateway', () => {
    expect(eu(route('r', ['a.gslb.example']))).toEqual({ 'HTTPRoute r': ['unserved', '', 'route-no-parent'] });
  });

  test('is none for objects that ask for nothing in our zones', () => {
    expect(eu(gateway('edge'), route('r', ['a.example.net']))).toEqual({});
    const both = eu(gateway('edge'), route('r', ['a.example.net', 'a.gslb.example']));
    expect(both['HTTPRoute r']).toEqual(['accepted', 'a.gslb.example', 'hostname-outside-zones']);
  });

  test('is there for whatever kind has a finding', () => {
    const set = listenerSet('more', [{ name: 'l', port: 80, protocol: 'HTTP', hostname: 'c.gslb.example' }]);
    const found = eu(gateway('edge'), set, namespace('web', {}, { 'azimuth.dev/weight': '7' }));
    expect(found).toEqual({
      'ListenerSet more': ['unserved', '', 'listener-set-not-allowed'],
      'Namespace web': ['unserved', '', 'annotation-misplaced'],
    });
  });

  test('is for live clusters alone, and for what this cluster answers', () => {
    const [one, two] = [livePicture('eu', gateway('edge', { addresses: [] }), route('r', ['a.gslb.example'])), 'us'];
    const other = livePicture(two, gateway('edge'), route('r', ['a.gslb.example']));
    const verdicts = verdictsOf(modelOf(one, other), new Map([[liveOrigin('eu').file, 'eu']]));
    expect([...verdicts.keys()]).toEqual(['eu']);
    expect(shown(verdicts.get('eu'))).toEqual({ 'Gateway edge': ['invalid', '', 'gateway-no-address'] });
  });
});

test('what a director wrote on an object is no unknown annotation', () => {
  const noted = gateway('edge', { annotations: { status: '{"state":"accepted"}' } });
  const model = modelOf(livePicture('eu', noted, route('r', ['a.gslb.example'], { annotations: { status: 'x' } })));
  expect(model.findings).toEqual([]);
});
