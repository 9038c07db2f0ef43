import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Agent, request } from 'undici';
import { type ApiClient, createApiClient } from './api-client.ts';
import { type CuttableProxy, startCuttableProxy } from './cuttable-proxy.ts';
import { type OwnKube, STANDARD_CRDS } from './kube.ts';
import { run } from './kube-tools.ts';
import { USED_CRDS } from './objects.ts';

/** A client certificate and its key, as PEM. */
type ClientCertificate = { readonly cert: string; readonly key: string };

/** An API server that takes tokens and client certificates, and what is needed to reach it in many ways. */
export type AccessWorld = {
  readonly folder: string;
  readonly kube: OwnKube;
  readonly api: ApiClient;
  /** A way to the API server that can be cut. */
  readonly proxy: CuttableProxy;
  readonly port: number;
  /** Of the administrator. */
  readonly token: string;
  /** What signed the API server's certificate, as PEM. */
  readonly authority: string;
  /** A kubeconfig with one user and the context `here`; `cluster` lies over what leads straight to the API server. */
  kubeconfig(name: string, user: object, cluster?: object): Promise<string>;
  /** A client certificate of an administrator that ends at a time, in ms since 1970. */
  certificate(endsAt: number): Promise<ClientCertificate>;
  /** A token of the service account `azimuth` that holds until its Secret is deleted. */
  boundToken(secret: string): Promise<string>;
  /** The status with which the API server meets a client. */
  statusFor(client: { readonly token?: string } & Partial<ClientCertificate>): Promise<number>;
  close(): Promise<void>;
};

/** Starts it as the context `lone`. */
export async function startAccessWorld(
  start: (contexts: readonly string[], environment: Readonly<Record<string, string>>) => Promise<OwnKube>,
): Promise<AccessWorld> {
  const folder = await mkdtemp(join(tmpdir(), 'azimuth-access-'));
  await makeAuthority(folder);
  const kube = await start(['lone'], { KUBE_EXTRA_ARGS: `--client-ca-file=${join(folder, 'ca.crt')}` });
  await kube.install('lone', STANDARD_CRDS, USED_CRDS);
  const port = await kube.port('lone');
  const authority = await readFile(join(kube.state, 'lone', 'certs', 'apiserver.crt'), 'utf8');
  const token = (await readFile(join(kube.state, 'lone', 'token'), 'utf8')).trim();
  const api = await createApiClient(kube, 'lone');
  const proxy = await startCuttableProxy(port);
  let issued = 0;
  return {
    folder,
    kube,
    api,
    proxy,
    port,
    token,
    authority,
    async kubeconfig(name, user, cluster = {}) {
      const data = { 'certificate-authority-data': Buffer.from(authority).toString('base64') };
      const straight = { server: `https://127.0.0.1:${port}`, ...data };
      const config = {
        clusters: [{ name: 'here', cluster: { ...straight, ...cluster } }],
        users: [{ name: 'me', user }],
        contexts: [{ name: 'here', context: { cluster: 'here', user: 'me' } }],
      };
      const file = join(folder, name);
      await writeFile(file, JSON.stringify(config));
      return file;
    },
    certificate: (endsAt) => issue(folder, `me-${issued++}`, endsAt),
    boundToken: (secret) => boundToken(api, secret),
    async statusFor({ token: bearer, ...certificate }) {
      const dispatcher = new Agent({ connect: { ca: authority, ...certificate } });
      const headers = bearer === undefined ? {} : { authorization: `Bearer ${bearer}` };
      const answer = await request(`https://127.0.0.1:${port}/api/v1/namespaces`, { dispatcher, headers });
      await answer.body.dump();
      await dispatcher.close();
      return answer.statusCode;
    },
    async close() {
      await api.close();
      await proxy.close();
      await kube.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function boundToken(api: ApiClient, name: string): Promise<string> {
  const own = '/api/v1/namespaces/azimuth';
  const secret: { metadata: { uid: string } } = JSON.parse(
    await api.ask('POST', `${own}/secrets`, JSON.stringify({ metadata: { name } })),
  );
  const boundObjectRef = { apiVersion: 'v1', kind: 'Secret', name, uid: secret.metadata.uid };
  const wanted = {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenRequest',
    spec: { audiences: [], boundObjectRef },
  };
  const path = `${own}/serviceaccounts/azimuth/token`;
  const { status }: { status: { token: string } } = JSON.parse(await api.ask('POST', path, JSON.stringify(wanted)));
  return status.token;
}

/** `openssl ca` is the only one that sets an end to the second, and it wants a book. */
const BOOK = `[ca]
default_ca = here
[here]
database = index.txt
new_certs_dir = issued
default_md = sha256
rand_serial = yes
unique_subject = no
policy = any
[any]
commonName = supplied
organizationName = supplied
`;
const NEW_KEY = ['req', '-newkey', 'rsa:2048', '-nodes'];

async function makeAuthority(folder: string): Promise<void> {
  await mkdir(join(folder, 'issued'));
  await writeFile(join(folder, 'index.txt'), '');
  await writeFile(join(folder, 'ca.cnf'), BOOK);
  const files = ['-keyout', 'ca.key', '-out', 'ca.crt'];
  await run('openssl', [...NEW_KEY, '-x509', '-days', '2', '-subj', '/CN=test-ca', ...files], { cwd: folder });
}

async function issue(cwd: string, name: string, endsAt: number): Promise<ClientCertificate> {
  const [csr, crt, key] = [`${name}.csr`, `${name}.crt`, `${name}.key`];
  await run('openssl', [...NEW_KEY, '-subj', '/O=system:masters/CN=me', '-keyout', key, '-out', csr], { cwd });
  const end = new Date(endsAt).toISOString().replaceAll(/[-:T]|\.\d+/g, '');
  const signed = ['-cert', 'ca.crt', '-keyfile', 'ca.key', '-enddate', end, '-notext'];
  await run('openssl', ['ca', '-batch', '-config', 'ca.cnf', '-in', csr, '-out', crt, ...signed], { cwd });
  return { cert: await readFile(join(cwd, crt), 'utf8'), key: await readFile(join(cwd, key), 'utf8') };
}
