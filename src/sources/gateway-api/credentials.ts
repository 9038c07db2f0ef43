import { readFile, stat } from 'node:fs/promises';
import type { RequestOptions } from 'node:https';
import { isIPv6 } from 'node:net';
import { dirname, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { KubeConfig } from '@kubernetes/client-node';
import { quote } from '../../core/desired/quote.ts';
import { nearest } from '../../core/desired/suggest.ts';
import { messageOf } from '../../core/error-message.ts';
import { ApiError } from './api-error.ts';
import { createExecPlugin, type ExecPlugin, type ExecProgram, type Issued } from './exec-plugin.ts';
import { execProgramOf, readToken, tokenFileOf } from './kubeconfig-user.ts';
import { MAX_KUBECONFIG_OCTETS } from './limits.ts';
import { proxyFromEnvironment } from './proxy-environment.ts';

/** Where Kubernetes puts what a Pod needs to ask the API server. */
const SERVICE_ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';

/** Where an API server is and who we are to it. `current`: the file's current context. */
export type ClusterAccess =
  | { readonly kind: 'kubeconfig'; readonly file: string; readonly context: string | undefined }
  | { readonly kind: 'in-cluster' }
  /** A kubeconfig that holds all it needs and was checked. What `read` gives may change, for the same server. */
  | { readonly kind: 'given'; readonly server: string; read(): string };

/** What a request needs, as of now. */
export type Credentials = {
  /** URL of the API server without a slash at its end; it may have a path. */
  readonly server: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly tls: Pick<RequestOptions, 'ca' | 'cert' | 'key' | 'rejectUnauthorized' | 'servername'>;
  /** URL of an HTTP proxy on the way. */
  readonly proxy: string | undefined;
};

/** A source of credentials. */
export type CredentialSource = {
  /** Reads what may have changed: files, tokens, programs that issue them. Rejects with words for a person. */
  current(): Promise<Credentials>;
  /** The last ones were refused: forget what was cached of them. */
  distrust(): void;
};

/** A kubeconfig, and what the library does not do of it, or not well enough. */
type Loaded = {
  readonly config: KubeConfig;
  /** Read for each question: it is written anew before its token ends. */
  readonly tokenFile?: string | undefined;
  readonly program?: ExecProgram | undefined;
};

/** The credentials of one cluster. A kubeconfig that changes is read again. */
export function createCredentials(access: ClusterAccess): CredentialSource {
  let loaded: (Loaded & { readonly version: string }) | undefined;
  let reading: Promise<Credentials> | undefined;
  let issuing: { readonly program: ExecProgram; readonly plugin: ExecPlugin } | undefined;

  async function read(): Promise<Credentials> {
    const version = await versionOf(access);
    if (loaded?.version !== version) loaded = { version, ...(await load(access)) };
    const { program } = loaded;
    if (program === undefined) issuing = undefined;
    else if (!isDeepStrictEqual(issuing?.program, program)) issuing = { program, plugin: createExecPlugin(program) };
    return credentialsOf(loaded, (await issuing?.plugin.issued()) ?? {});
  }

  return {
    async current() {
      // One question for all who ask at the same time: it may start a program.
      const mine = reading ?? read();
      reading = mine;
      try {
        return await mine;
      } finally {
        if (reading === mine) reading = undefined;
      }
    },
    distrust() {
      loaded = undefined;
      issuing?.plugin.distrust();
    },
  };
}

async function versionOf(access: ClusterAccess): Promise<string> {
  if (access.kind === 'given') return access.read();
  return access.kind === 'kubeconfig' ? versionOfFile(access.file) : '';
}

async function versionOfFile(file: string): Promise<string> {
  const found = await stat(file).catch((error: unknown) => {
    throw new ApiError('unreachable', `the kubeconfig cannot be read: ${messageOf(error)}`);
  });
  if (!found.isFile()) throw new ApiError('unreachable', 'the kubeconfig is no file');
  if (found.size > MAX_KUBECONFIG_OCTETS)
    throw new ApiError('unreachable', `the kubeconfig has over ${MAX_KUBECONFIG_OCTETS} octets`);
  return `${found.mtimeMs} ${found.size} ${found.ino}`;
}

async function load(access: ClusterAccess): Promise<Loaded> {
  // It takes half a second and 87 MB to load: only where a live cluster is configured.
  const { KubeConfig } = await import('@kubernetes/client-node');
  const config = new KubeConfig();
  if (access.kind === 'in-cluster') {
    config.loadFromClusterAndUser(inCluster(process.env), { name: 'service-account' });
    return { config, tokenFile: join(SERVICE_ACCOUNT, 'token') };
  }
  if (access.kind === 'given') {
    config.loadFromString(access.read());
    return { config };
  }
  const text = await readFile(access.file, 'utf8');
  const folder = dirname(access.file);
  try {
    // An entry of another cluster that is broken is none of ours.
    config.loadFromString(text, { onInvalidEntry: 'filter' });
    config.makePathsAbsolute(folder);
  } catch (error) {
    // The lines after the first quote the file, which holds secrets.
    const [reason = ''] = messageOf(error).split('\n');
    throw new ApiError('unreachable', `the kubeconfig is not valid: ${quote(reason)}`);
  }
  if (access.context !== undefined) config.setCurrentContext(access.context);
  checkContext(config);
  return { config, ...ownPartOf(config, text, folder) };
}

/** The API server as its Pods find it. Not by the library, which speaks in the clear to some ports. */
function inCluster(env: NodeJS.ProcessEnv) {
  const [host = '', port = ''] = [env['KUBERNETES_SERVICE_HOST'], env['KUBERNETES_SERVICE_PORT']];
  if (host === '' || port === '') {
    const words = 'there is no KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT';
    throw new ApiError('unreachable', `this process runs in no cluster: ${words}`);
  }
  const server = `https://${isIPv6(host) ? `[${host}]` : host}:${port}`;
  return { name: 'in-cluster', server, caFile: join(SERVICE_ACCOUNT, 'ca.crt'), skipTLSVerify: false };
}

/** Takes out of the library's hands what is done here. */
function ownPartOf(config: KubeConfig, text: string, folder: string): Omit<Loaded, 'config'> {
  const [cluster, user] = [config.getCurrentCluster(), config.getCurrentUser()];
  if (cluster === null || user === null) return {};
  const program = execProgramOf(user.exec, cluster, folder);
  if (program !== undefined) config.loadFromClusterAndUser(cluster, { ...user, exec: undefined });
  return { program, tokenFile: tokenFileOf(text, user.name, folder) };
}

/** The library would go on without certificates, or fail without words. */
function checkContext(config: KubeConfig): void {
  const name = config.getCurrentContext();
  if (typeof name !== 'string' || name === '')
    throw new ApiError('unreachable', 'the kubeconfig has no current context; name one');
  const context = config.getContextObject(name);
  if (context === null) {
    const near = nearest(
      name,
      config.getContexts().map((one) => one.name),
    );
    const advice = near === undefined ? '' : `; did you mean ${quote(near)}?`;
    throw new ApiError('unreachable', `the kubeconfig has no context ${quote(name)}${advice}`);
  }
  if (config.getCurrentCluster() === null)
    throw new ApiError('unreachable', `the kubeconfig has no cluster ${quote(context.cluster)}`);
  if (config.getCurrentUser() === null)
    throw new ApiError('unreachable', `the kubeconfig has no user ${quote(context.user)}`);
}

async function credentialsOf({ config, tokenFile }: Loaded, issued: Issued): Promise<Credentials> {
  const { server = '', proxyUrl } = config.getCurrentCluster() ?? {};
  if (!/^https?:\/\/[^\s]+$/.test(server) || !URL.canParse(server))
    throw new ApiError('unreachable', `the kubeconfig's server is no URL: ${quote(server)}`);
  const proxy = proxyOf(server, proxyUrl);
  const options: RequestOptions = {};
  try {
    await config.applyToHTTPSOptions(options);
  } catch (error) {
    // The words of this error quote what a program issued.
    if (!(error instanceof SyntaxError)) throw error;
    throw new ApiError('unreachable', 'the program that issues credentials does not write JSON');
  }
  const { ca, rejectUnauthorized, auth } = options;
  const { cert, key } = issued.cert === undefined ? options : issued;
  const servername = config.getCurrentCluster()?.tlsServerName;
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(options.headers ?? {})) headers[name] = String(value);
  if (typeof auth === 'string') headers['Authorization'] ??= `Basic ${Buffer.from(auth).toString('base64')}`;
  const tls = {
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(rejectUnauthorized === undefined ? {} : { rejectUnauthorized }),
    ...(servername === undefined ? {} : { servername }),
  };
  if (issued.token !== undefined) headers['Authorization'] = `Bearer ${issued.token}`;
  if (tokenFile !== undefined) headers['Authorization'] = `Bearer ${await readToken(tokenFile)}`;
  return { server: server.replace(/\/+$/, ''), headers, tls, proxy };
}

/** What the kubeconfig says, else the environment. Its words are never quoted: there may be a password in it. */
function proxyOf(server: string, proxyUrl: string | undefined): string | undefined {
  const given = proxyUrl === undefined || proxyUrl === '' ? undefined : proxyUrl;
  const named = given === undefined ? proxyFromEnvironment(new URL(server), process.env) : undefined;
  const proxy = given ?? named?.value;
  if (proxy === undefined) return undefined;
  const where = named === undefined ? "the kubeconfig's proxy-url" : named.variable;
  if (/^socks/i.test(proxy))
    throw new ApiError('unreachable', `${where}: SOCKS proxies to an API server are not supported`);
  if (!/^https?:\/\//i.test(proxy) || !URL.canParse(proxy))
    throw new ApiError('unreachable', `${where} is no URL of an HTTP proxy`);
  return proxy;
}
