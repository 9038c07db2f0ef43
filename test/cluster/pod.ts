import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, rename, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { ROOT } from '../house/source-tree.ts';
import { run } from './kube-tools.ts';

/** What a Pod finds of its service account. */
type ServiceAccountFiles = { readonly token: string; readonly 'ca.crt': string; readonly namespace: string };

/** A folder as the kubelet writes it, which a process may have mounted. */
export type ServiceAccountFolder = {
  readonly path: string;
  /** Replaces all files at once, as the kubelet does. */
  write(files: ServiceAccountFiles): Promise<void>;
};

/** A director that runs where a container of a Pod would. */
export type PodProcess = {
  readonly lines: readonly string[];
  /** Resolves with the first line, past or future, that fits. Rejects if the process ends first. */
  line<T>(fits: (line: string) => T | undefined): Promise<T>;
  stop(): Promise<void>;
};

/** A director that watches the cluster which it runs in, and finds others there. */
export const IN_CLUSTER_CONFIGURATION = `zones: [{ name: gslb.example, nameservers: { ns1.gslb.example: [192.0.2.53] } }]
clusters: [{ name: here, location: { country: DE }, source: { in-cluster: true } }]
cluster-secrets: { in-cluster: true }
dns: { listen: ["127.0.0.1:0"] }
admin: { listen: "127.0.0.1:0" }
state: { directory: state }
`;

/** Mounts a folder where Kubernetes mounts it, seen by the process alone, which takes the place of this script. */
const SCRIPT = `
folder=$1 var=$(readlink -f /var/run); shift
mount -t tmpfs tmpfs "$var"
mkdir -p "$var/secrets/kubernetes.io/serviceaccount"
mount --bind "$folder" "$var/secrets/kubernetes.io/serviceaccount"
exec "$@"`;

/** A mount namespace, as root or as who plays root in it. */
/** Of util-linux. */
const COMMAND = 'unshare';
const UNSHARE = process.getuid?.() === 0 ? ['-m'] : ['-r', '-m'];

/** Whether this machine gives processes mounts of their own, or why not. */
export async function mountsOfTheirOwn(): Promise<'given' | 'refused'> {
  const tried = run(COMMAND, [...UNSHARE, 'mount', '-t', 'tmpfs', 'tmpfs', '/tmp']);
  return await tried.then(
    () => 'given',
    () => 'refused',
  );
}

/** An empty folder for a service account. */
export async function createServiceAccountFolder(path: string): Promise<ServiceAccountFolder> {
  let round = 0;
  await mkdir(path, { recursive: true });
  return {
    path,
    async write(files) {
      const fresh = `..round-${round++}`;
      await mkdir(join(path, fresh));
      for (const [name, text] of Object.entries(files)) {
        await writeFile(join(path, fresh, name), text);
        if (round === 1) await symlink(join('..data', name), join(path, name));
      }
      await symlink(fresh, join(path, '..data_tmp'));
      await rename(join(path, '..data_tmp'), join(path, '..data'));
    },
  };
}

/** Starts `azimuth run` with a service account, and the API server's address in the environment. */
export function startInPod(folder: ServiceAccountFolder, config: string, apiServer: number): PodProcess {
  const program = [process.execPath, join(ROOT, 'src/main.ts'), 'run', '--config', config];
  const child = spawn(COMMAND, [...UNSHARE, 'sh', '-ec', SCRIPT, 'pod', folder.path, ...program], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, KUBERNETES_SERVICE_HOST: '127.0.0.1', KUBERNETES_SERVICE_PORT: String(apiServer) },
  });
  const lines: string[] = [];
  const waiting = new Set<() => void>();
  const wake = (): void => {
    for (const look of waiting) look();
  };
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      lines.push(line);
      wake();
    });
  }
  child.on('exit', wake);
  const hasEnded = (): boolean => child.exitCode !== null || child.signalCode !== null;
  return {
    lines,
    line(fits) {
      const { promise, resolve, reject } = Promise.withResolvers<NonNullable<ReturnType<typeof fits>>>();
      const look = (): void => {
        for (const line of lines) {
          const found = fits(line);
          if (found !== undefined && found !== null) resolve(found);
        }
        if (hasEnded()) reject(new Error(`it ended:\n${lines.join('\n')}`));
      };
      waiting.add(look);
      look();
      return promise.finally(() => waiting.delete(look));
    },
    async stop() {
      if (hasEnded()) return;
      const exited = once(child, 'exit');
      child.kill('SIGTERM');
      await exited;
    },
  };
}
