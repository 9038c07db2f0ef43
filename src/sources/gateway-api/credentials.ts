import { readFile, stat } from 'node:fs/promises';
import type { RequestOptions } from 'node:https';
import type { KubeConfig } from '@kubernetes/client-node';
import { quote } from '../../core/desired/quote.ts';
import { nearest } from '../../core/desired/suggest.ts';
import { ApiError } from './api-error.ts';
import { MAX_KUBECONFIG_OCTETS } from './limits.ts';

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

type Loaded = { readonly version: string; readonly config: KubeConfig };

/** The credentials of one cluster. A kubeconfig that changes is read again. */
export function createCredentials(access: ClusterAccess): CredentialSource {
  let loaded: Loaded | undefined;
  let reading: Promise<Credentials> | undefined;

  async function read(): Promise<Credentials> {
    const version = await versionOf(access);
    // The library caches what plug-ins issue inside this object.
    if (loaded?.version !== version) loaded = { version, config: await load(access) };
    return credentialsOf(loaded.config);
  }

  return {
    async current() {
      // A plug-in that hangs is not started a second time.
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
    },
  };
}

async function versionOf(access: ClusterAccess): Promise<string> {
  if (access.kind === 'given') return access.read();
  return access.kind === 'kubeconfig' ? versionOfFile(access.file) : '';
}

async function versionOfFile(file: string): Promise<string> {
  const found = await stat(file).catch((error: unknown) => {
    throw new ApiError(
      'unreachable',
      `the kubeconfig cannot be read: ${error instanceof Error ? error.message : String(error)}`,
    );
  });
  if (!found.isFile()) throw new ApiError('unreachable', 'the kubeconfig is no file');
  if (found.size > MAX_KUBECONFIG_OCTETS)
    throw new ApiError('unreachable', `the kubeconfig has over ${MAX_KUBECONFIG_OCTETS} octets`);
  return `${found.mtimeMs} ${found.size} ${found.ino}`;
}

async function load(access: ClusterAccess): Promise<KubeConfig> {
  // It takes half a second and 87 MB to load: only where a live cluster is configured.
  const { KubeConfig } = await import('@kubernetes/client-node');
  const config = new KubeConfig();
  if (access.kind === 'in-cluster') {
    if (process.env['KUBERNETES_SERVICE_HOST'] === undefined) {
      throw new ApiError('unreachable', 'this process runs in no cluster: there is no KUBERNETES_SERVICE_HOST');
    }
    config.loadFromCluster();
    return config;
  }
  if (access.kind === 'given') {
    config.loadFromString(access.read());
    return config;
  }
  const text = await readFile(access.file, 'utf8');
  try {
    // An entry of another cluster that is broken is none of ours.
    config.loadFromString(text, { onInvalidEntry: 'filter' });
    config.makePathsAbsolute(folderOf(access.file));
  } catch (error) {
    // The lines after the first quote the file, which holds secrets.
    const [reason = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
    throw new ApiError('unreachable', `the kubeconfig is not valid: ${quote(reason)}`);
  }
  if (access.context !== undefined) config.setCurrentContext(access.context);
  checkContext(config);
  return config;
}

function folderOf(file: string): string {
  return file.slice(0, file.lastIndexOf('/') + 1) || '.';
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

async function credentialsOf(config: KubeConfig): Promise<Credentials> {
  const { server = '', proxyUrl } = config.getCurrentCluster() ?? {};
  if (!/^https?:\/\/[^\s]+$/.test(server))
    throw new ApiError('unreachable', `the kubeconfig's server is no URL: ${quote(server)}`);
  if (proxyUrl?.startsWith('socks'))
    throw new ApiError('unreachable', 'SOCKS proxies to an API server are not supported');
  const options: RequestOptions = {};
  try {
    await config.applyToHTTPSOptions(options);
  } catch (error) {
    // The words of this error quote what a program issued.
    if (!(error instanceof SyntaxError)) throw error;
    throw new ApiError('unreachable', 'the program that issues credentials does not write JSON');
  }
  const { ca, cert, key, rejectUnauthorized, auth } = options;
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
  return { server: server.replace(/\/+$/, ''), headers, tls, proxy: proxyUrl };
}
