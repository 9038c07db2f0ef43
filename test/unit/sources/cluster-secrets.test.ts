import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { SYSTEM_CLOCK } from '../../../src/compose/system-clock.ts';
import type { Clock } from '../../../src/core/ports.ts';
import { type ClusterSecrets, createClusterSecrets } from '../../../src/sources/gateway-api/cluster-secrets.ts';
import type { FoundLiveClusters } from '../../../src/sources/gateway-api/secret-book.ts';
import { eventually } from '../../support/eventually.ts';
import { frame } from '../../support/scripted-api.ts';
import { kubeconfigWith, labelledSecret } from './labelled-secret.ts';

/** Rests take a hundredth of their time, what bounds a request all of it. */
const HASTY: Clock = {
  now: () => Date.now(),
  after: (ms, task) => SYSTEM_CLOCK.after(ms < 30_000 ? ms / 100 : ms, task),
};

let server: Server;
let folder = '';
let begin: (firstListMs: number) => ClusterSecrets;
let secrets: ClusterSecrets;
let told: FoundLiveClusters[];
let onList: (response: ServerResponse, page: string) => void;
const watches: ServerResponse[] = [];
const asked: string[] = [];

beforeEach(async () => {
  told = [];
  watches.length = 0;
  asked.length = 0;
  onList = (response) => list(response, 'a', 'b');
  server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://localhost');
    asked.push(`${pathname} ${searchParams.get('labelSelector')}`);
    if (!searchParams.has('watch')) {
      onList(response, searchParams.get('continue') ?? '');
      return;
    }
    response.flushHeaders();
    watches.push(response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  folder = await mkdtemp(join(tmpdir(), 'azimuth-secrets-api-'));
  const file = join(folder, 'kubeconfig');
  const config = kubeconfigWith({ server: `http://127.0.0.1:${port}`, 'insecure-skip-tls-verify': true });
  await writeFile(file, JSON.stringify(config));
  begin = (firstListMs) =>
    createClusterSecrets({
      access: { kind: 'kubeconfig', file, context: undefined },
      namespace: 'azimuth',
      selector: 'azimuth.dev/cluster=true',
      prefix: 'azimuth.dev/',
      taken: [],
      clock: HASTY,
      jitter: () => 0,
      firstListMs,
    });
});
afterEach(async () => {
  await secrets.close();
  server.closeAllConnections();
  server.close();
  await rm(folder, { recursive: true });
});

function list(response: ServerResponse, ...names: readonly string[]): void {
  const items = names.map((name) => labelledSecret(name));
  response.end(JSON.stringify({ metadata: { resourceVersion: '1' }, items }));
}
function start(firstListMs = 60_000): Promise<void> {
  secrets = begin(firstListMs);
  return secrets.start((found) => told.push(found));
}
const last = () => told.at(-1)?.clusters.map(({ name }) => name);
const codes = () => told.at(-1)?.findings.map(({ code }) => code);

test('asks for the labelled Secrets of one namespace, and tells of their clusters once', async () => {
  await start();
  expect(told).toMatchObject([{ membership: 'known', clusters: [{ name: 'a' }, { name: 'b' }], findings: [] }]);
  await eventually(() => expect(watches).toHaveLength(1));
  expect(new Set(asked)).toEqual(new Set(['/api/v1/namespaces/azimuth/secrets azimuth.dev/cluster=true']));
});

test('follows what is created and deleted', async () => {
  await start();
  await eventually(() => expect(watches).toHaveLength(1));
  watches[0]?.write(frame('ADDED', labelledSecret('c')));
  await eventually(() => expect(last()).toEqual(['a', 'b', 'c']));
  watches[0]?.write(frame('DELETED', labelledSecret('a')));
  await eventually(() => expect(last()).toEqual(['b', 'c']));
});

test('a list that fails half way, a server that fails and one that refuses take no cluster away', async () => {
  await start();
  await eventually(() => expect(watches).toHaveLength(1));
  let lists = 0;
  onList = (response, page) => {
    lists += 1;
    if (page === '') {
      response.end(JSON.stringify({ metadata: { resourceVersion: '2', continue: 'two' }, items: [] }));
    } else response.writeHead(500).end();
  };
  watches[0]?.destroy();
  await eventually(() => expect(lists).toBeGreaterThanOrEqual(4));
  expect(told).toHaveLength(1);
  onList = (response) => response.writeHead(403).end('{}');
  await eventually(() => expect(codes()).toEqual(['cluster-kind-forbidden']));
  expect(last()).toEqual(['a', 'b']);
  onList = (response) => list(response, 'b');
  await eventually(() => expect(last()).toEqual(['b']));
  expect(codes()).toEqual([]);
});

test('a server that gives no list at all leaves it unknown which clusters there are, and says why', async () => {
  onList = (response) => response.writeHead(500).end();
  await start(20_000);
  expect(told).toMatchObject([{ membership: 'unknown', clusters: [] }]);
  expect(codes()).toEqual(['cluster-unreachable']);
  onList = (response) => list(response, 'a');
  await eventually(() => expect(told.at(-1)).toMatchObject({ membership: 'known', findings: [] }));
  expect(last()).toEqual(['a']);
});

test.each(['{', '[]', '{"items":5}', '{"metadata":{"resourceVersion":"1"}}'])(
  'the answer %s is no list, and no reason to forget one',
  async (body) => {
    await start();
    await eventually(() => expect(watches).toHaveLength(1));
    let lists = 0;
    onList = (response) => {
      lists += 1;
      response.end(body);
    };
    watches[0]?.destroy();
    await eventually(() => expect(lists).toBeGreaterThanOrEqual(2));
    expect(last()).toEqual(['a', 'b']);
  },
);
