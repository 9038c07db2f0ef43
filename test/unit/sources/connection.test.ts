import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { SYSTEM_CLOCK } from '../../../src/compose/system-clock.ts';
import { type Connection, createConnection } from '../../../src/sources/gateway-api/connection.ts';
import { type Connections, createConnections } from '../../../src/sources/gateway-api/dispatcher.ts';

const TIMEOUT_MS = 200;
/** Above the timeout with the second that undici's clock is coarse by. */
const SILENCE_MS = 2500;
const never = new AbortController().signal;

let server: Server;
let connections: Connections;
let connection: Connection;

beforeEach(async () => {
  server = createServer((_, response: ServerResponse) => {
    response.write('{"a":');
    SYSTEM_CLOCK.after(SILENCE_MS, () => response.end('1}'));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const given = { server: `http://127.0.0.1:${port}`, headers: {}, tls: {}, proxy: undefined };
  connections = createConnections(4);
  const credentials = { current: () => Promise.resolve(given), distrust: () => {} };
  connection = createConnection(credentials, connections, SYSTEM_CLOCK, TIMEOUT_MS);
});

afterEach(async () => {
  await connections.close();
  server.close();
  server.closeAllConnections();
});

test('a document that stops in the middle is given up', async () => {
  await expect(connection.read({ path: '/' }, never)).rejects.toThrow('Body Timeout');
});

test('a watch may be silent for longer than any document', async () => {
  const texts: string[] = [];
  for await (const octets of await connection.open({ path: '/' }, never)) texts.push(Buffer.from(octets).toString());
  expect(texts.join('')).toBe('{"a":1}');
});
