import { afterEach, describe, expect, test } from 'vitest';
import { SYSTEM_CLOCK } from '../../../src/compose/system-clock.ts';
import { liveOrigin } from '../../../src/core/desired/live-origin.ts';
import type { Clock } from '../../../src/core/ports.ts';
import { createNodeRegions, type NodeRegions } from '../../../src/sources/gateway-api/node-regions.ts';
import { eventually } from '../../support/eventually.ts';
import { type Answer, startTinyApi, type TinyApi } from './tiny-api.ts';

const SOON = { timeout: 10_000 };
const LABEL = 'topology.kubernetes.io/region';
const HASTY: Clock = { now: () => Date.now(), after: (ms, task) => SYSTEM_CLOCK.after(ms / 1000, task) };

let api: TinyApi;
let closing: AbortController;
let running: Promise<void>;
afterEach(async () => {
  closing.abort();
  await running;
  await api.close();
});

async function start(answer: () => Answer): Promise<NodeRegions> {
  api = await startTinyApi(answer);
  closing = new AbortController();
  const { connection } = api;
  const origin = liveOrigin('east');
  const nodes = createNodeRegions({ connection, clock: HASTY, jitter: () => 0, origin, onChange() {} });
  running = nodes.run(closing.signal);
  await eventually(() => expect(nodes.readiness()).toBe('settled'), SOON);
  return nodes;
}
const list = (...regions: readonly unknown[]): Answer => {
  const items = regions.map((region) => ({ metadata: { labels: { [LABEL]: region } } }));
  return { code: 200, body: { metadata: { resourceVersion: '1' }, items } };
};
const shown = (nodes: NodeRegions) => [nodes.region(), ...nodes.findings().map(({ code }) => code)];

describe('the region of the nodes', () => {
  test.each([
    ['is that of all of them', ['eu-west-1', 'eu-west-1'], ['eu-west-1']],
    [
      'is that of most of them, and a finding',
      ['a-1', 'eu-west-1', 'eu-west-1'],
      ['eu-west-1', 'cluster-regions-mixed'],
    ],
    ['is the first by name where two have as many', ['us-east-1', 'eu-west-1'], ['eu-west-1', 'cluster-regions-mixed']],
    ['is of no use where the table lacks it', ['mars'], ['mars', 'cluster-location-unknown']],
    ['is unknown where no node has the label', ['', undefined], [undefined, 'cluster-location-unknown']],
    ['is unknown where labels are odd', [7, null, {}, []], [undefined, 'cluster-location-unknown']],
    ['is unknown without nodes', [], [undefined, 'cluster-location-unknown']],
  ])('%s', async (_, regions, expected) => {
    expect(shown(await start(() => list(...regions)))).toEqual(expected);
  });

  test('is cut short and told apart so many times only where labels mean harm', async () => {
    const odd = Array.from({ length: 5000 }, (_, index) => `${'x'.repeat(100)}${index}`);
    const nodes = await start(() => list(...odd.map((text, index) => `${index}${text}`), 'eu-west-1'));
    expect(nodes.region()?.length).toBeLessThanOrEqual(63);
    expect(nodes.findings().every(({ message }) => message.length < 500)).toBe(true);
  });

  test.each([403, 404, 500])(
    'is unknown while the nodes cannot be read (%i), and found when they can',
    async (code) => {
      let answer: Answer = { code, body: { message: 'no' } };
      const nodes = await start(() => answer);
      expect(shown(nodes)).toEqual([undefined, 'cluster-location-unknown']);
      expect(nodes.findings()[0]?.message).toContain(`${code}`);
      answer = list('eu-west-1');
      await eventually(() => expect(shown(nodes)).toEqual(['eu-west-1']), SOON);
      answer = { code, body: {} };
      const asked = api.calls.length;
      await eventually(() => expect(api.calls.length).toBeGreaterThan(asked + 1), SOON);
      expect(shown(nodes), 'what was known stands').toEqual(['eu-west-1']);
    },
  );
});
