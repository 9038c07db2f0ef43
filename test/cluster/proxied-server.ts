import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type CuttableProxy, startCuttableProxy } from './cuttable-proxy.ts';
import { type OwnKube, STANDARD_CRDS } from './kube.ts';
import { USED_CRDS } from './objects.ts';

/** An API server with the Gateway API, and a way to it that can be cut. */
export type ProxiedServer = {
  readonly kube: OwnKube;
  readonly proxy: CuttableProxy;
  /** Leads through the proxy. */
  readonly kubeconfig: string;
  close(): Promise<void>;
};

/** Starts it as the context `lone`. */
export async function startProxiedServer(
  start: (contexts: readonly string[]) => Promise<OwnKube>,
): Promise<ProxiedServer> {
  const kube = await start(['lone']);
  try {
    return await behindProxy(kube);
  } catch (error) {
    await kube.stop();
    throw error;
  }
}

async function behindProxy(kube: OwnKube): Promise<ProxiedServer> {
  await kube.install('lone', STANDARD_CRDS, USED_CRDS);
  const port = await kube.port('lone');
  const proxy = await startCuttableProxy(port);
  const kubeconfig = join(kube.state, 'through-the-proxy');
  const text = await readFile(kube.kubeconfig, 'utf8');
  await writeFile(kubeconfig, text.replace(`:${port}`, `:${proxy.port}`));
  return {
    kube,
    proxy,
    kubeconfig,
    async close() {
      await proxy.close();
      await kube.stop();
    },
  };
}
