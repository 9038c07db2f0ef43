import { describe, expect, it } from 'vitest';
import type { Scope } from '../../../../src/core/orders/scope.ts';
import { unfitIn, unfitText } from '../../../../src/core/orders/unfit.ts';
import { cluster } from '../desired/pictures.ts';
import { endpoint, hostname, model, zone } from '../snapshot/build.ts';

const MODEL = {
  ...model(
    [zone('gslb.example')],
    ['pay.gslb.example', '*.apps.gslb.example'].map((name) =>
      hostname(name, { steering: 'nearest' }, [endpoint('eu-west', '192.0.2.1', { gateway: 'infra/public' })]),
    ),
  ),
  clusters: [cluster('eu-west'), cluster('us-east')],
  teams: [{ name: 'red', namespaces: [], clusters: [], hostnames: [] }],
};

function told(scope: Scope): readonly string[] {
  return unfitIn(scope, MODEL).map(({ list, pattern, meant }) => `${list} ${pattern} ${meant ?? '-'}`);
}

describe('patterns that fit nothing', () => {
  it('are told with what was probably meant', () => {
    expect(told({ hostnames: ['pya.*'] })).toEqual(['hostnames pya.* pay.*']);
    expect(told({ clusters: ['eu-wset', 'eu-wset*', 'mars'] })).toEqual([
      'clusters eu-wset eu-west',
      'clusters eu-wset* eu-west*',
      'clusters mars -',
    ]);
    expect(told({ gateways: ['infra/pubilc', 'infar/*'] })).toEqual([
      'gateways infra/pubilc infra/public',
      'gateways infar/* infra/*',
    ]);
    expect(told({ clusters: ['*'], except: { teams: ['rde'], hostnames: ['nobody*'] } })).toEqual([
      'except.hostnames nobody* -',
      'except.teams rde red',
    ]);
  });

  it('are none that fit in another case or with a dot behind, and no cluster that serves nothing', () => {
    expect(told({ clusters: ['US-East', 'EU-*'], hostnames: ['PAY.gslb.example.', '*.apps.gslb.example'] })).toEqual(
      [],
    );
    expect(told({ gateways: ['Infra/*'], teams: ['*'] })).toEqual([]);
  });

  it('are told in words, ten at most, however many and long they are', () => {
    const many = Array.from({ length: 200 }, (_, index) => 'x'.repeat(index + 1));
    expect(told({ hostnames: many })).toHaveLength(10);
    const [first] = unfitIn({ hostnames: ['pya.*'] }, MODEL);
    expect(unfitText(first!)).toBe('Nothing that there is now fits "pya.*" (`hostnames`): did you mean "pay.*"?');
    expect(unfitText({ list: 'teams', pattern: 'x' })).toBe('Nothing that there is now fits "x" (`teams`).');
  });
});
