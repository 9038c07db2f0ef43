import { BlockList, isIP } from 'node:net';

/** A place in the environment that names a proxy, and what stands there. */
export type NamedProxy = { readonly variable: string; readonly value: string };

/** As Go reads them: in capitals first, and no variable of the other scheme. */
const VARIABLES: Readonly<Record<string, readonly string[]>> = {
  'https:': ['HTTPS_PROXY', 'https_proxy'],
  'http:': ['HTTP_PROXY', 'http_proxy'],
};
const PORTS: Readonly<Record<string, string>> = { 'https:': '443', 'http:': '80' };
const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');

/**
 * The HTTP proxy that the environment names on the way to a server, by the rules of kubectl and every other Go program
 * (golang.org/x/net/http/httpproxy): `HTTPS_PROXY` and `HTTP_PROXY` by the server's scheme, never for this machine itself,
 * nor for what `NO_PROXY` lists. Undefined where the way is direct.
 */
export function proxyFromEnvironment(server: URL, env: NodeJS.ProcessEnv): NamedProxy | undefined {
  const named = firstOf(env, VARIABLES[server.protocol] ?? []);
  if (named === undefined) return undefined;
  const host = server.hostname.replace(/^\[(.*)\]$/, '$1').toLowerCase();
  const port = server.port === '' ? (PORTS[server.protocol] ?? '') : server.port;
  if (host === 'localhost' || isIn(LOOPBACK, host)) return undefined;
  const exempt = firstOf(env, ['NO_PROXY', 'no_proxy'])?.value.split(',') ?? [];
  if (exempt.some((entry) => covers(entry.trim().toLowerCase(), host, port))) return undefined;
  // A host and its port without a scheme will do.
  return { ...named, value: hostOf(named.value) === '' ? `http://${named.value}` : named.value };
}

function firstOf(env: NodeJS.ProcessEnv, variables: readonly string[]): NamedProxy | undefined {
  for (const variable of variables) {
    const value = env[variable]?.trim() ?? '';
    if (value !== '') return { variable, value };
  }
  return undefined;
}

function hostOf(text: string): string {
  return URL.canParse(text) ? new URL(text).host : '';
}

/** Whether an entry of `NO_PROXY` covers a host: an address, a network, a name with the names under it, or `*` for all. */
function covers(entry: string, host: string, port: string): boolean {
  if (entry === '*') return true;
  const [, base = '', length = ''] = /^(.+)\/(\d{1,3})$/.exec(entry) ?? [];
  if (isIP(base) !== 0) return isIn(network(base, Number(length)), host);
  const [, inside, plain, only] = /^(?:\[(.+)\]|([^:]+)):(\d+)$/.exec(entry) ?? [];
  if (only !== undefined && only !== port) return false;
  const name = inside ?? plain ?? entry.replace(/^\[(.*)\]$/, '$1');
  if (isIP(name) !== 0) return isIn(network(name), host);
  const under = name.replace(/^\*\./, '.');
  if (under === '') return false;
  return under.startsWith('.') ? host.endsWith(under) : host === under || host.endsWith(`.${under}`);
}

/** An address, or a network; one of an impossible length holds nothing. */
function network(base: string, length?: number): BlockList {
  const list = new BlockList();
  const family = familyOf(base);
  if (length === undefined) list.addAddress(base, family);
  else if (length <= (family === 'ipv6' ? 128 : 32)) list.addSubnet(base, length, family);
  return list;
}

function isIn(list: BlockList, host: string): boolean {
  return isIP(host) !== 0 && list.check(host, familyOf(host));
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIP(address) === 6 ? 'ipv6' : 'ipv4';
}
