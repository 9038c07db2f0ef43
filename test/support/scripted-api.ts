import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** One question that came, and what is to be answered. */
export type ApiCall = {
  readonly path: string;
  readonly query: URLSearchParams;
  /** How many calls of the same kind, list or watch, came for Gateways before. */
  readonly nth: number;
  readonly response: ServerResponse;
};

/** A server that speaks as an API server may when it is broken or means harm; a real one cannot be made to. */
export type ScriptedApi = {
  /** A kubeconfig with the context `here`. */
  readonly kubeconfig: string;
  /** Calls for Gateways: lists and watches in their order, with the version that each went on from. */
  readonly calls: readonly string[];
  close(): Promise<void>;
};

const GROUP = 'gateway.networking.k8s.io';

/** A frame of a watch. */
export function frame(type: string, object: unknown): string {
  return `${JSON.stringify({ type, object })}\n`;
}

/** A Gateway as an API server gives it. */
export function rawGateway(name: string, version: number): object {
  return {
    apiVersion: `${GROUP}/v1`,
    kind: 'Gateway',
    metadata: { name, namespace: 'web', resourceVersion: String(version) },
    spec: { listeners: [] },
  };
}

/** Serves Gateways, which the script answers for, and empty HTTPRoutes and Namespaces. */
export async function startScriptedApi(script: {
  onList(call: ApiCall): void;
  onWatch(call: ApiCall): void;
}): Promise<ScriptedApi> {
  const calls: string[] = [];
  const counts = { list: 0, watch: 0 };
  const server = createServer((request, response) => {
    const { pathname: path, searchParams: query } = new URL(request.url ?? '', 'http://localhost');
    const json = (value: unknown): void => void response.end(JSON.stringify(value));
    if (path === '/readyz') response.end('ok');
    else if (path === `/apis/${GROUP}`) json({ versions: [{ version: 'v1' }] });
    else if (path === `/apis/${GROUP}/v1`) {
      json({ resources: ['gateways', 'httproutes'].map((name) => ({ name, verbs: ['list', 'watch'] })) });
    } else if (path === `/apis/${GROUP}/v1/gateways`) {
      const kind = query.has('watch') ? 'watch' : 'list';
      const call = { path, query, nth: counts[kind]++, response };
      calls.push(`${kind} ${query.get('resourceVersion') ?? query.get('continue') ?? ''}`.trim());
      if (kind === 'watch') script.onWatch(call);
      else script.onList(call);
    } else if (path === `/apis/${GROUP}/v1/httproutes` || path === '/api/v1/namespaces') {
      if (query.has('watch')) response.flushHeaders();
      else json({ metadata: { resourceVersion: '1' }, items: [] });
    } else {
      response.statusCode = 404;
      response.end();
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const folder = await mkdtemp(join(tmpdir(), 'azimuth-api-'));
  const kubeconfig = join(folder, 'kubeconfig');
  const cluster = { server: `http://127.0.0.1:${port}`, 'insecure-skip-tls-verify': true };
  const users = [{ name: 'me', user: { token: 'x' } }];
  const contexts = [{ name: 'here', context: { cluster: 'here', user: 'me' } }];
  await writeFile(kubeconfig, JSON.stringify({ clusters: [{ name: 'here', cluster }], users, contexts }));
  return {
    kubeconfig,
    calls,
    async close() {
      server.closeAllConnections();
      server.close();
      await rm(folder, { recursive: true });
    },
  };
}
