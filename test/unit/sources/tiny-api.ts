import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { SYSTEM_CLOCK } from '../../../src/compose/system-clock.ts';
import { type Connection, createConnection } from '../../../src/sources/gateway-api/connection.ts';
import { createConnections } from '../../../src/sources/gateway-api/dispatcher.ts';

/** What a test answers to a request: a status and what goes with it as JSON. */
export type Answer = { readonly code: number; readonly body: unknown };

/** An HTTP server that speaks as an API server may when it is odd, and the way to it. */
export type TinyApi = { readonly connection: Connection; readonly calls: readonly string[]; close(): Promise<void> };

/** Answers every request as the test says. Calls are `METHOD path content-type body`. */
export async function startTinyApi(answer: (call: string, request: IncomingMessage) => Answer): Promise<TinyApi> {
  const calls: string[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const parts = [request.method, request.url, request.headers['content-type'], Buffer.concat(chunks).toString()];
      const call = parts.filter((part) => part !== undefined && part !== '').join(' ');
      calls.push(call);
      const { code, body } = answer(call, request);
      response.writeHead(code).end(JSON.stringify(body));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const given = { server: `http://127.0.0.1:${port}`, headers: {}, tls: {}, proxy: undefined };
  const connection = createConnection(
    { current: async () => given, distrust() {} },
    createConnections(2),
    SYSTEM_CLOCK,
  );
  return {
    connection,
    calls,
    async close() {
      await connection.close();
      server.closeAllConnections();
      server.close();
    },
  };
}
