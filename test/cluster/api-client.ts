import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Agent, request } from 'undici';
import type { OwnKube } from './kube.ts';

/** A client of one API server that keeps its connections: unlike kubectl it costs a millisecond, not a process. */
export type ApiClient = {
  /** Resolves with the server's answer, read to its end. Rejects where that is an error. */
  ask(method: 'GET' | 'POST' | 'DELETE', path: string, body?: string): Promise<string>;
  /** Changes an object by a merge patch (RFC 7396). */
  patch(path: string, change: object): Promise<string>;
  close(): Promise<void>;
};

/** Where the namespaced objects of the Gateway API are. */
export const GATEWAY_API = '/apis/gateway.networking.k8s.io/v1/namespaces';

/** A client with the rights of the server's administrator. */
export async function createApiClient(kube: OwnKube, context: string, connections = 2): Promise<ApiClient> {
  const folder = join(kube.state, context);
  const ca = await readFile(join(folder, 'certs', 'apiserver.crt'), 'utf8');
  const token = (await readFile(join(folder, 'token'), 'utf8')).trim();
  const origin = `https://127.0.0.1:${await kube.port(context)}`;
  const dispatcher = new Agent({ connect: { ca }, connections });
  const send = async (method: string, path: string, type: string, body?: string): Promise<string> => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': type };
    const options = { dispatcher, method, headers, ...(body === undefined ? {} : { body }) };
    const answer = await request(origin + path, options);
    const text = await answer.body.text();
    if (answer.statusCode >= 300) throw new Error(`${method} ${path}: ${answer.statusCode} ${text.slice(0, 300)}`);
    return text;
  };
  return {
    ask: (method, path, body) => send(method, path, 'application/json', body),
    patch: (path, change) => send('PATCH', path, 'application/merge-patch+json', JSON.stringify(change)),
    close: () => dispatcher.close(),
  };
}
