import { execFile } from 'node:child_process';
import { access, mkdir, readdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';

/** Runs a program to its end; rejects with what it wrote where it fails. */
export const run = promisify(execFile);

/** The programs of a Kubernetes API server and the scripts that start it, or why there are none. */
export type KubeTools =
  | { readonly kind: 'found'; readonly scripts: string; readonly assets: string; readonly crds: string }
  | { readonly kind: 'none'; readonly reason: string };

/** Building the programs takes two minutes; found built, it does nothing. */
const BUILD_TIMEOUT_MS = 600_000;

/**
 * The one place that knows where the tools are. Scripts: the folder `AZIMUTH_KUBE_TOOLS`, else `../shared/kube` beside the
 * checkout. Programs: `KUBEBUILDER_ASSETS`, else a cache of the user, built once by the scripts. CRDs: `crds` beside the
 * scripts.
 */
export async function findKubeTools(): Promise<KubeTools> {
  const scripts = resolve(process.env['AZIMUTH_KUBE_TOOLS'] ?? join('..', 'shared', 'kube'));
  if (!(await exists(join(scripts, 'start-clusters.sh')))) {
    return { kind: 'none', reason: 'set AZIMUTH_KUBE_TOOLS, or AZIMUTH_TEST_CONTEXTS for clusters of your own' };
  }
  const given = process.env['KUBEBUILDER_ASSETS'];
  const cache = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
  const assets = given ?? join(cache, 'azimuth', 'kube-assets');
  try {
    if (given === undefined) {
      await mkdir(dirname(assets), { recursive: true });
      // Test files run at the same time: one of them builds, the others wait.
      const build = [`${assets}.lock`, join(scripts, 'build-kube-assets.sh'), assets];
      await run('flock', build, { timeout: BUILD_TIMEOUT_MS, maxBuffer: 2 ** 26 });
    }
    await Promise.all(['etcd', 'kube-apiserver', 'kubectl'].map((name) => access(join(assets, name))));
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { kind: 'none', reason: `no etcd, kube-apiserver and kubectl in ${assets}: ${message.slice(-300)}` };
  }
  return { kind: 'found', scripts, assets, crds: join(dirname(scripts), 'crds') };
}

/** The files of a set of Gateway API CRDs. */
export async function crdFiles(crds: string, set: string): Promise<readonly string[]> {
  const names = await readdir(join(crds, set));
  return names.filter((name) => name.endsWith('.yaml')).map((name) => join(crds, set, name));
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
