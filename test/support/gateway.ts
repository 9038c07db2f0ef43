import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer as createHttpServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { TLSSocket } from 'node:tls';
import { fileURLToPath } from 'node:url';
import type { ServerCertificate } from './certificates.ts';

/** What the gateway does with a request. `trickle`: one octet of the body every 20 ms without an end. */
type Behaviour =
  | {
      readonly kind: 'answer';
      readonly status?: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: string | Buffer;
      readonly delayMs?: number;
    }
  | { readonly kind: 'reset' | 'hang' | 'trickle' }
  /** Octets that may be no HTTP at all. */
  | { readonly kind: 'raw'; readonly octets: string };

/** A request as the gateway saw it. */
type SeenRequest = {
  readonly method: string;
  readonly path: string;
  readonly host: string;
  /** Server name of the TLS handshake; undefined where there was none. */
  readonly sni: string | undefined;
  readonly headers: IncomingMessage['headers'];
};

/** A gateway in this process: HTTP, or HTTPS where it has a certificate. */
export type TestGateway = {
  readonly address: string;
  readonly port: number;
  readonly seen: readonly SeenRequest[];
  /** Connections that were ever accepted, and those still open. */
  connections(): { readonly accepted: number; readonly open: number };
  behave(behaviour: Behaviour): void;
  /** Ends all connections and refuses new ones. */
  stop(): Promise<void>;
  /** Listens again on the same address and port. */
  start(): Promise<void>;
};

/** Starts a gateway on `address` (127.0.0.1) and `port` (any free one). It answers 200 until told otherwise. */
export async function startTestGateway(
  options: { readonly address?: string; readonly port?: number; readonly certificate?: ServerCertificate } = {},
): Promise<TestGateway> {
  const address = options.address ?? '127.0.0.1';
  const open = new Set<Socket>();
  const seen: SeenRequest[] = [];
  let accepted = 0;
  let behaviour: Behaviour = { kind: 'answer' };
  const listener: RequestListener = (request, response) => {
    seen.push(seenRequest(request));
    act(behaviour, response, open);
  };
  const { certificate } = options;
  const server =
    certificate === undefined ? createHttpServer(listener) : createHttpsServer({ ...certificate }, listener);
  server.on('connection', (socket: Socket) => {
    accepted += 1;
    open.add(socket);
    socket.on('error', () => {}).once('close', () => open.delete(socket));
  });
  const port = await listen(server, address, options.port ?? 0);

  return {
    address,
    port,
    seen,
    connections: () => ({ accepted, open: open.size }),
    behave(next) {
      behaviour = next;
    },
    async stop() {
      if (!server.listening) return;
      const closed = once(server, 'close');
      server.close();
      for (const socket of open) socket.destroy();
      await closed;
    },
    async start() {
      await listen(server, address, port);
    },
  };
}

async function listen(server: Server, address: string, port: number): Promise<number> {
  server.listen(port, address);
  await once(server, 'listening');
  const bound = server.address();
  return typeof bound === 'object' && bound !== null ? bound.port : port;
}

function seenRequest(request: IncomingMessage): SeenRequest {
  const { socket, headers } = request;
  const sni = socket instanceof TLSSocket && 'servername' in socket ? String(socket.servername) : undefined;
  return { method: request.method ?? '', path: request.url ?? '', host: headers.host ?? '', sni, headers };
}

function act(behaviour: Behaviour, response: Parameters<RequestListener>[1], open: ReadonlySet<Socket>): void {
  switch (behaviour.kind) {
    case 'answer': {
      const { status = 200, headers = {}, body = 'ok\n', delayMs = 0 } = behaviour;
      const answer = (): void => void response.writeHead(status, headers).end(body);
      if (delayMs === 0) answer();
      else setTimeout(answer, delayMs);
      return;
    }
    case 'reset':
      for (const socket of open) socket.resetAndDestroy();
      return;
    case 'hang':
      return;
    case 'trickle': {
      response.writeHead(200);
      const timer = setInterval(() => response.write('.'), 20);
      response.on('error', () => {}).once('close', () => clearInterval(timer));
      return;
    }
    case 'raw':
      response.socket?.end(behaviour.octets);
  }
}

/** The gateway of the demo as a process of its own. */
export type GatewayProcess = {
  readonly http: number;
  readonly https: number;
  readonly pid: number;
  /** Ends it and settles with its exit code when it is gone. */
  stop(signal?: 'SIGTERM' | 'SIGKILL'): Promise<number | null>;
};

/** Starts the demo's gateway and settles when it listens; rejects where it ends before. Port 0 is any free port. */
export async function startGatewayProcess(options: {
  readonly name: string;
  readonly address: string;
  readonly http?: number;
  readonly https?: number;
  readonly certFile: string;
  readonly keyFile: string;
}): Promise<GatewayProcess> {
  const { name, address, http = 0, https = 0, certFile, keyFile } = options;
  const script = fileURLToPath(new URL('../../examples/gateways/gateway.ts', import.meta.url));
  const settings = { name, address, http, https, cert: certFile, key: keyFile };
  const args = Object.entries(settings).flatMap(([key, value]) => [`--${key}`, String(value)]);
  const child = spawn(process.execPath, [script, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const exited = once(child, 'exit').then(() => child.exitCode);
  const ready = await firstLine(child);
  return {
    http: Number(ready['http']),
    https: Number(ready['https']),
    pid: Number(ready['pid']),
    async stop(signal = 'SIGTERM') {
      child.kill(signal);
      return await exited;
    },
  };
}

async function firstLine(child: ChildProcess): Promise<Readonly<Record<string, unknown>>> {
  if (child.stdout === null) throw new Error('the gateway has no output');
  let complaint = '';
  child.stderr?.on('data', (chunk) => {
    complaint += String(chunk);
  });
  for await (const line of createInterface({ input: child.stdout })) {
    const ready: unknown = JSON.parse(line);
    if (typeof ready === 'object' && ready !== null) return { ...ready };
  }
  throw new Error(`the gateway did not start: ${complaint}`);
}
