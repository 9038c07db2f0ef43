import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TEAM_VIEW } from '../../../src/admin/views/team-view.ts';
import { finding } from '../../../src/core/desired/finding.ts';
import { type Admin, READ, startAdmin } from './admin-fixture.ts';
import { createDirectorFixture, MODEL } from './director-fixture.ts';

const at = (cluster: string, object: string) => ({ file: `clusters/${cluster}/a.yaml`, line: 1, object });
const FINDINGS = [
  finding('gateway-no-address', at('eu-west', 'Gateway shop/public'), 'one'),
  finding('drift-hostname', at('us-east', 'HTTPRoute shop/web'), 'two'),
  finding('annotation-unknown', at('us-east', 'HTTPRoute app-blue/web'), 'three'),
  // The namespaces of this team are its own in the other cluster only.
  finding('annotation-unknown', at('eu-west', 'HTTPRoute app-blue/web'), 'four'),
  finding('annotation-misplaced', at('eu-west', 'Namespace shop'), 'five'),
  finding('places-unreadable', { file: 'city.mmdb' }, 'six'),
];

let admin: Admin;
beforeAll(async () => {
  const { director } = createDirectorFixture();
  admin = await startAdmin({ director: { ...director, findings: () => FINDINGS } });
});
afterAll(() => admin.server.close());

const get = async (path: string) => {
  const reply = await admin.ask(path, { token: READ });
  expect(reply.status, reply.text).toBe(200);
  return reply.json();
};

const messages = async (path: string): Promise<readonly string[]> => {
  const page = Type.Object({ items: Type.Array(Type.Object({ message: Type.String() })) });
  return Value.Parse(page, await get(path)).items.map(({ message }) => message);
};

describe('teams', () => {
  it('/v1/teams tells how the hostnames, endpoints and objects of each fare', async () => {
    const { items } = Value.Parse(Type.Object({ items: Type.Array(TEAM_VIEW) }), await get('/v1/teams'));
    expect(items).toEqual([
      {
        name: 'shop',
        namespaces: ['shop'],
        clusters: [],
        owns: ['shop.gslb.example', 'cart.gslb.example'],
        hostnames: { total: 1, up: 0, degraded: 1, unseen: 0, down: 0 },
        endpoints: { up: 1, degraded: 0, held: 0, down: 1, unseen: 0, unchecked: 0, drained: 0 },
        findings: { error: 1, warning: 1, info: 0 },
      },
      {
        name: 'apps',
        namespaces: ['app-*'],
        clusters: ['us-east'],
        owns: ['*.apps.gslb.example'],
        hostnames: { total: 1, up: 1, degraded: 0, unseen: 0, down: 0 },
        endpoints: { up: 0, degraded: 0, held: 0, down: 0, unseen: 0, unchecked: 1, drained: 0 },
        findings: { error: 0, warning: 1, info: 0 },
      },
    ]);
  });

  it('/v1/teams/:name lists its hostnames and findings', async () => {
    expect(await get('/v1/teams/shop')).toMatchObject({
      team: { name: 'shop', hostnames: { total: 1 } },
      hostnames: [{ name: 'shop.gslb.example', endpoints: { up: 1, down: 1 } }],
      findings: [{ message: 'one' }, { message: 'two' }],
    });
  });

  it('narrow down hostnames and findings', async () => {
    expect(await get('/v1/hostnames?team=apps')).toMatchObject({ total: 1, items: [{ name: '*.apps.gslb.example' }] });
    expect(await messages('/v1/findings?team=apps')).toEqual(['three']);
    expect(await messages('/v1/findings?team=shop&severity=error')).toEqual(['one']);
  });

  it.each(['/v1/teams/nobody', '/v1/hostnames?team=nobody', '/v1/findings?team=nobody', '/v1/drift?team=nobody'])(
    'that are not known are a problem: %s',
    async (path) => {
      const reply = await admin.ask(path, { token: READ });
      expect([reply.status, reply.json()]).toMatchObject([404, { code: 'team-unknown' }]);
      expect(reply.text).toContain('Known teams: shop, apps.');
    },
  );

  it('need a token', async () => {
    expect((await admin.ask('/v1/teams')).status).toBe(401);
    expect((await admin.ask('/v1/drift')).status).toBe(401);
  });

  it('are none where the configuration has none', async () => {
    const { teams: _, ...model } = MODEL;
    const bare = await startAdmin({ director: createDirectorFixture(model).director });
    expect((await bare.ask('/v1/teams', { token: READ })).json()).toEqual({ items: [] });
    expect((await bare.ask('/v1/teams/shop', { token: READ })).text).toContain('There are no teams.');
    await bare.server.close();
  });
});

describe('drift', () => {
  it('/v1/drift lists the findings on what differs between clusters', async () => {
    expect(await messages('/v1/drift')).toEqual(['two']);
    expect(await messages('/v1/drift?team=apps')).toEqual([]);
  });
});
