/**
 * A small real gateway as a process of its own, for the demo and for tests:
 *
 *     node examples/gateways/gateway.ts --name eu-west --address 127.0.0.2 --http 8080 --https 8443 --cert FILE --key FILE
 *
 * It answers every GET with 200 and a line that names the cluster and the host asked for, and prints one line of JSON
 * when it listens. Port 0 is any free port. It ends at once on SIGTERM and SIGINT, and with a parent that forked it.
 */
import { readFileSync } from 'node:fs';
import { createServer as createHttpServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { parseArgs } from 'node:util';

const ARGUMENTS = {
  name: { type: 'string' },
  address: { type: 'string', default: '127.0.0.1' },
  http: { type: 'string', default: '0' },
  https: { type: 'string', default: '0' },
  cert: { type: 'string' },
  key: { type: 'string' },
} as const;

async function main(): Promise<void> {
  const { name, address, http, https, cert, key } = parseArgs({ options: ARGUMENTS }).values;
  if (name === undefined || cert === undefined || key === undefined)
    throw new Error('--name, --cert, --key are needed');
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    response.setHeader('content-type', 'text/plain; charset=utf-8');
    response.end(`${name} answers for ${request.headers.host ?? 'nobody'}\n`);
  };
  const certificate = { cert: readFileSync(cert), key: readFileSync(key) };
  const ports = {
    http: await listen(createHttpServer(answer), address, http),
    https: await listen(createHttpsServer(certificate, answer), address, https),
  };
  process.stdout.write(`${JSON.stringify({ ready: true, name, address, ...ports, pid: process.pid })}\n`);
}

async function listen(server: Server, address: string, port: string): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(Number(port), address, resolve);
  });
  const bound = server.address();
  return typeof bound === 'object' && bound !== null ? bound.port : Number(port);
}

function end(): void {
  process.exit(0);
}

process.on('SIGTERM', end).on('SIGINT', end).on('disconnect', end);
try {
  await main();
} catch (error) {
  process.stderr.write(`gateway: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
