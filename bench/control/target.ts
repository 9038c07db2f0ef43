/** What the probers of the bench probe: a thread with one server per protocol. It posts their ports. */

import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer as createHttp } from 'node:http';
import { createServer as createHttps } from 'node:https';
import { createServer as createTcp, type Server } from 'node:net';
import { parentPort, workerData } from 'node:worker_threads';

const { certFile, keyFile } = workerData;
const https = createHttps({ cert: readFileSync(certFile), key: readFileSync(keyFile) }, (_, response) =>
  response.end(),
);
const http = createHttp((_, response) => response.end());
const tcp = createTcp((socket) => socket.on('error', () => undefined).end());
parentPort?.postMessage({ tcp: await portOf(tcp), http: await portOf(http), https: await portOf(https) }, []);

async function portOf(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}
