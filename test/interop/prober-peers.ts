import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeTestCertificates, type TestCertificates } from '../support/certificates.ts';
import { listening } from '../unit/prober/servers.ts';

/** The hostname that all peers serve. */
export const HOST = 'shop.gslb.example';

/** The certificates that a web server shows, each on a port of its own. */
export const CERTIFICATES = ['good', 'expired', 'wrongName', 'untrusted', 'selfSigned'] as const;

/** The ports of a web server: cleartext, one for each certificate, and one that speaks HTTP/1.1 alone over TLS. */
export type Ports = Readonly<Record<'plain' | 'old' | (typeof CERTIFICATES)[number], number>>;

/** What a peer is started with. Files of certificates are `NAME.pem`, `NAME.key`, and `NAME.both` with both in one. */
type Site = { readonly address: string; readonly folder: string; readonly ports: Ports };

/** A web server of Debian: how it is called, configured and started. */
export type WebServer = {
  readonly name: 'nginx' | 'haproxy' | 'caddy';
  /** Undefined where it is not installed. */
  readonly program: string | undefined;
  readonly address: string;
  config(site: Site): string;
  arguments(config: string, folder: string): readonly string[];
};

const TLS_PORTS = [...CERTIFICATES, 'old'] as const;

/** The certificate of a port. */
function certificateOf(port: (typeof TLS_PORTS)[number]): string {
  return port === 'old' ? 'good' : port;
}

/** All answer `/healthz` with 200, `x-ready: yes` and `all is well`; `/moved` with 302; the rest with 503. */
export const WEB_SERVERS: readonly WebServer[] = [
  {
    name: 'nginx',
    program: find('/usr/sbin/nginx'),
    address: '127.0.0.21',
    config: nginxConfig,
    arguments: (config, folder) => ['-p', folder, '-e', 'stderr', '-c', config],
  },
  {
    name: 'haproxy',
    program: find('/usr/sbin/haproxy'),
    address: '127.0.0.22',
    config: haproxyConfig,
    arguments: (config) => ['-db', '-f', config],
  },
  {
    name: 'caddy',
    program: find('/usr/bin/caddy'),
    address: '127.0.0.23',
    config: caddyConfig,
    arguments: (config) => ['run', '--adapter', 'caddyfile', '--config', config],
  },
];

function nginxConfig({ address, folder, ports }: Site): string {
  const site = `server_name _; add_header x-ready yes always;
    location = /healthz { return 200 "all is well"; }
    location = /moved { return 302 /healthz; }
    location / { return 503; }`;
  const secure = TLS_PORTS.map(
    (port) => `server {
    listen ${address}:${ports[port]} ssl${port === 'old' ? '' : ' http2'};
    ssl_certificate ${folder}/${certificateOf(port)}.pem; ssl_certificate_key ${folder}/${certificateOf(port)}.key;
    ${site}
  }`,
  );
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((kind) => `${kind}_temp_path ${folder};`);
  return `daemon off; master_process off; pid ${folder}/nginx.pid;
events { worker_connections 64; }
http {
  access_log off; ${temporary.join(' ')}
  server { listen ${address}:${ports.plain}; ${site} }
  ${secure.join('\n  ')}
}
`;
}

function haproxyConfig({ address, folder, ports }: Site): string {
  const binds = TLS_PORTS.map((port) => {
    const protocols = port === 'old' ? 'http/1.1' : 'h2,http/1.1';
    return `  bind ${address}:${ports[port]} ssl crt ${folder}/${certificateOf(port)}.both alpn ${protocols}`;
  });
  return `global
  maxconn 64
defaults
  mode http
  timeout client 10s
  timeout connect 10s
  timeout server 10s
frontend all
  bind ${address}:${ports.plain}
${binds.join('\n')}
  http-request return status 200 content-type text/plain string "all is well" hdr x-ready yes if { path /healthz }
  http-request redirect location /healthz code 302 if { path /moved }
  http-request return status 503
`;
}

function caddyConfig({ address, folder, ports }: Site): string {
  const site = `bind ${address}
  header x-ready yes
  respond /healthz "all is well"
  redir /moved /healthz 302
  respond 503`;
  const secure = TLS_PORTS.map((port) => {
    const protocols = port === 'old' ? '\n    alpn http/1.1' : '';
    const files = `${folder}/${certificateOf(port)}.pem ${folder}/${certificateOf(port)}.key`;
    return `https://:${ports[port]} {\n  tls ${files} {${protocols}\n  }\n  ${site}\n}`;
  });
  return `{
  admin off
  auto_https off
  default_sni ${HOST}
}
http://:${ports.plain} {\n  ${site}\n}
${secure.join('\n')}
`;
}

function find(path: string): string | undefined {
  return existsSync(path) ? path : undefined;
}

/** A peer as a process of its own. */
export type Peer = { stop(): Promise<void> };

/** Makes the certificates and their files in the folder. */
export async function certificatesIn(folder: string): Promise<TestCertificates> {
  const made = await makeTestCertificates(folder, HOST);
  for (const name of CERTIFICATES) {
    const { cert, key } = made[name];
    await writeFile(join(folder, `${name}.pem`), cert);
    await writeFile(join(folder, `${name}.key`), key);
    await writeFile(join(folder, `${name}.both`), `${cert}\n${key}`);
  }
  return made;
}

/** Starts a web server with its files in the folder, and settles when it listens on all ports. */
export async function startWebServer(server: WebServer, folder: string): Promise<Peer & { readonly ports: Ports }> {
  const own = join(folder, server.name);
  await mkdir(own);
  await certificatesIn(own);
  const numbers = await freePorts(CERTIFICATES.length + 2);
  const [plain = 0, old = 0, ...rest] = numbers;
  const [good = 0, expired = 0, wrongName = 0, untrusted = 0, selfSigned = 0] = rest;
  const ports: Ports = { plain, old, good, expired, wrongName, untrusted, selfSigned };
  const config = join(own, 'config');
  await writeFile(config, server.config({ address: server.address, folder: own, ports }));
  const env = { ...process.env, HOME: own, XDG_DATA_HOME: own, XDG_CONFIG_HOME: own };
  const child = spawn(server.program ?? '', server.arguments(config, own), {
    stdio: ['ignore', 'ignore', 'pipe'],
    env,
  });
  const peer = peerOf(child);
  await peer.listens(server.address, numbers);
  return { ...peer, ports };
}

const PYTHON = '/usr/bin/python3';

/** Whether the gRPC library of Python is there. */
export function hasGrpc(): boolean {
  return existsSync(PYTHON) && spawnSync(PYTHON, ['-c', 'import grpc']).status === 0;
}

const GRPC_SERVER = `
import grpc, sys
from concurrent import futures
address, key, cert = sys.argv[1:]
def check(request, context):
    if request == b'':
        return b'\\x08\\x01'
    if request == b'\\x0a\\x04down':
        return b'\\x08\\x02'
    context.abort(grpc.StatusCode.NOT_FOUND, 'nobody knows it')
class Health(grpc.GenericRpcHandler):
    def service(self, call):
        if call.method == '/grpc.health.v1.Health/Check':
            return grpc.unary_unary_rpc_method_handler(check)
server = grpc.server(futures.ThreadPoolExecutor(2))
server.add_generic_rpc_handlers((Health(),))
secret = grpc.ssl_server_credentials([(open(key, 'rb').read(), open(cert, 'rb').read())])
print(server.add_insecure_port(address + ':0'), server.add_secure_port(address + ':0', secret), flush=True)
server.start()
server.wait_for_termination()
`;

/** Starts the gRPC library's own server with a health service; the certificate is `NAME.pem` in the folder. */
export async function startGrpcServer(
  address: string,
  folder: string,
  certificate: (typeof CERTIFICATES)[number],
): Promise<Peer & { readonly plain: number; readonly secure: number }> {
  const files = [join(folder, `${certificate}.key`), join(folder, `${certificate}.pem`)];
  const child = spawn(PYTHON, ['-c', GRPC_SERVER, address, ...files], { stdio: ['ignore', 'pipe', 'pipe'] });
  const peer = peerOf(child);
  const [line] = await Promise.race([once(createInterface({ input: child.stdout }), 'line'), peer.ended]);
  const [plain = 0, secure = 0] = String(line).split(' ').map(Number);
  await peer.listens(address, [plain, secure]);
  return { ...peer, plain, secure };
}

/** Starts any other program that listens on one port of an address. */
export async function startProgram(
  program: string,
  args: readonly string[],
  address: string,
  port: number,
): Promise<Peer> {
  const peer = peerOf(spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'] }));
  await peer.listens(address, [port]);
  return peer;
}

/** Ports that are free at this moment. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  const ports = await Promise.all(servers.map(listening));
  for (const server of servers) server.close();
  return ports;
}

function peerOf(child: ChildProcess) {
  let complaint = '';
  child.stderr?.on('data', (chunk) => {
    complaint = `${complaint}${String(chunk)}`.slice(-4000);
  });
  const exit = once(child, 'exit');
  const ended = exit.then(() => Promise.reject(new Error(`${child.spawnfile} ended: ${complaint}`)));
  ended.catch(() => undefined);
  return {
    ended,
    async listens(address: string, ports: readonly number[]): Promise<void> {
      await Promise.race([Promise.all(ports.map((port) => opens(address, port))), ended]);
    },
    async stop(): Promise<void> {
      child.kill();
      await exit;
    },
  };
}

/** How often a peer is looked for, and the pause between, in ms: ten seconds in all. */
const LOOKS = 200;
const PAUSE_MS = 50;

async function opens(host: string, port: number): Promise<void> {
  for (let look = 0; look < LOOKS; look++) {
    const socket = connect({ host, port });
    try {
      await once(socket, 'connect');
      return;
    } catch {
      await sleep(PAUSE_MS);
    } finally {
      socket.destroy();
    }
  }
  throw new Error(`nobody listens on ${host} port ${port}`);
}
