import { describe, expect, it } from 'vitest';
import type { Endpoint, Model } from '../../../../src/core/desired/model.ts';
import { asked, type DrillSpec } from '../../../../src/core/drill/drill.ts';
import { failing } from '../../../../src/core/drill/effects.ts';
import { reachOf, touches } from '../../../../src/core/drill/reach.ts';
import { outlookOf } from '../../../../src/core/drill/rehearsal.ts';
import { UNSEEN } from '../../../../src/core/health/judge.ts';
import { compile } from '../../../../src/core/snapshot/compile.ts';
import { EMPTY_PLACES } from '../../../../src/core/snapshot/empty-places.ts';
import { MODEL } from '../../admin/director-fixture.ts';
import { SHOP, specOf } from './world.ts';

/** The fixture with other monitors for the endpoints of `shop`, which are in `eu-west` and `us-east`. */
function modelWith(monitors: readonly [eu: string, us: string], more: Partial<Model> = {}): Model {
  const hostnames = MODEL.hostnames.map((hostname) => {
    if (hostname.name !== 'shop.gslb.example') return hostname;
    const endpoints = hostname.endpoints.map(
      (endpoint, index): Endpoint => ({ ...endpoint, monitor: monitors[index]! }),
    );
    return { ...hostname, endpoints };
  });
  return { ...MODEL, named: [], ...more, hostnames };
}

function reached(model: Model, scope = { clusters: ['eu-west'] }) {
  const { monitors, shared, hostnames, clusters } = reachOf({ scope }, model);
  return { monitors, shared, hostnames: hostnames.map(({ name }) => name), clusters: [...clusters] };
}

describe('what a drill is about', () => {
  it('is the endpoints that fit, and the probed monitors that watch nothing else', () => {
    expect(reached(modelWith(['eu', 'us']))).toEqual({
      monitors: ['eu'],
      shared: [],
      hostnames: ['*.apps.gslb.example', 'api.gslb.example', 'shop.gslb.example'],
      clusters: ['eu-west'],
    });
    const model = modelWith(['eu', 'us']);
    const [apps, , shop] = model.hostnames;
    const isMeant = touches({ scope: { hostnames: ['shop.*'] } }, model);
    expect([isMeant(apps!), isMeant(shop!)]).toEqual([false, true]);
  });

  it('leaves alone what others are watched by as well', () => {
    expect(reached(modelWith(['eu', 'eu']))).toMatchObject({ monitors: [], shared: ['eu'] });
    const model = modelWith(['eu', 'eu']);
    expect(reached(model, { clusters: ['*'] })).toMatchObject({ monitors: ['eu'], shared: [] });
  });

  it('is what a monitor is made of, but for monitors of the configuration', () => {
    const calculated = [
      { id: 'inner', kind: 'any', need: 1, members: ['eu', 'monitor:load'] },
      { id: 'outer', kind: 'all', need: 2, members: ['inner', 'us'] },
    ] as const;
    expect(reached(modelWith(['outer', 'unchecked'], { calculated }))).toMatchObject({ monitors: ['eu', 'us'] });
    // Of one endpoint and of the other: neither is touched for the other one.
    expect(reached(modelWith(['outer', 'us'], { calculated }))).toMatchObject({ monitors: ['eu'], shared: ['us'] });
    const named = [{ name: 'n', id: 'eu', source: { kind: 'external', expiresMs: 1, whenExpired: 'down' } }] as const;
    expect(reached(modelWith(['outer', 'unchecked'], { calculated, named }))).toMatchObject({
      monitors: ['us'],
      shared: ['eu'],
    });
  });

  it('fails more and more of the monitors step by step, the same ones again', () => {
    const ids = Array.from({ length: 40 }, (_, index) => `m${index}`);
    const reach = { hostnames: [], endpoints: [], monitors: ids, shared: [], clusters: new Set<string>() };
    const ramp = { steps: [10, 50, 100], everyMs: 1000 };
    const drill = asked(specOf({ action: { kind: 'fail' }, ramp }), 0, 'ops');
    const at = (step: number) => failing({ ...drill, state: 'running', step }, reach);
    expect([at(0).size, at(1).size, at(2).size]).toEqual([4, 20, 40]);
    expect(at(0).isSubsetOf(at(1))).toBe(true);
    // Of one step it is worked out once, whatever is noted of the drill meanwhile.
    const last = at(2);
    expect(at(2)).toBe(last);
    expect(failing({ ...drill, state: 'rolling-back', step: 2 }, reach).size).toBe(0);
  });

  it('would do through calculated monitors what it does through others', () => {
    const calculated = [{ id: 'either', kind: 'any', need: 1, members: ['eu', 'us'] }] as const;
    const model = modelWith(['either', 'us'], { calculated });
    const up = { ...UNSEEN, state: 'up' } as const;
    const health = new Map(['eu', 'us', 'either'].map((id) => [id, up] as const));
    const now = compile({ model, health, places: EMPTY_PLACES, serial: 1, now: 0 });
    const stage = { now, written: model, overrides: new Map(), drilled: [], lay: (laid: Model) => laid };
    const usable = (scope: DrillSpec['scope']) =>
      outlookOf(specOf({ scope, action: { kind: 'fail' } }), stage).worst.find(({ name }) => name === SHOP)?.usable;
    // Its other member is up, and nothing changes; without both of them nobody is left.
    expect(usable({ clusters: ['eu-west'], hostnames: [SHOP] })).toBeUndefined();
    expect(usable({ hostnames: [SHOP] })).toEqual({ before: 2, after: 0 });
  });
});
