import { describe, expect, test } from 'vitest';
import { desire } from '../../../../src/core/desired/desire.ts';
import { createLocatedDesire } from '../../../../src/core/desired/located-desire.ts';
import type { ClusterSpec, Declaration } from '../../../../src/core/desired/model.ts';
import type { Picture } from '../../../../src/core/desired/picture.ts';
import { cluster, declare, endpointOf, gateway, picture, route } from './pictures.ts';

const byNodes = (name: string): ClusterSpec => ({ ...cluster(name, 'FR'), placedBy: 'nodes' });
const placed = (): Declaration => declare({ clusters: [byNodes('eu'), cluster('us', 'US')] });
const seen = (name: string, region?: string): Picture => ({
  ...picture(name, gateway('edge'), route('r', ['shop.gslb.example'])),
  ...(region === undefined ? {} : { region }),
});

describe('a cluster that is placed by its nodes', () => {
  test('is where it was declared until a picture says a region that is known', () => {
    const locate = createLocatedDesire(placed());
    expect(endpointOf(locate([seen('eu')])).location.country).toBe('FR');
    expect(endpointOf(locate([seen('eu', 'the-moon')])).location.country).toBe('FR');
    expect(endpointOf(locate([seen('eu', 'europe-west3')])).location).toMatchObject({ country: 'DE', continent: 'EU' });
  });

  test('shows its place in the model, and others stay where they were declared whatever their pictures say', () => {
    const model = createLocatedDesire(placed())([seen('eu', 'eu-west-2'), seen('us', 'eu-west-2')]);
    expect(model.clusters.map(({ name, location }) => `${name} ${location.country}`)).toEqual(['eu GB', 'us US']);
    expect(endpointOf(model, 'us').location.country).toBe('US');
  });

  test('stays where it was last known to be while its picture does not say', () => {
    const locate = createLocatedDesire(placed());
    locate([seen('eu', 'europe-west3')]);
    expect(endpointOf(locate([seen('eu')])).location.country).toBe('DE');
    expect(endpointOf(locate([seen('eu', 'eu-west-2')])).location.country).toBe('GB');
  });

  test('gives the same model as one that is declared to be there, and the very same while nothing changes', () => {
    const locate = createLocatedDesire(placed());
    const eu = seen('eu', 'europe-west3');
    const model = locate([eu]);
    const declared = declare({
      clusters: [{ ...byNodes('eu'), location: endpointOf(model).location }, cluster('us', 'US')],
    });
    expect(model).toEqual(desire(declared, [eu]));
    expect(locate([eu])).toBe(model);
  });
});
