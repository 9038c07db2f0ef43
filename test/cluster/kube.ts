import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { crdFiles, findKubeTools, type KubeTools, run } from './kube-tools.ts';

/** The standard channel of the Gateway API. */
export const STANDARD_CRDS = 'gateway-api-v1.6.1/standard';

/** Real API servers of a test. */
export type Kube = {
  /** A kubeconfig with a context for each cluster. */
  readonly kubeconfig: string;
  readonly contexts: readonly string[];
  /** Runs kubectl in a context; resolves with what it writes. */
  kubectl(context: string, args: readonly string[], stdin?: string): Promise<string>;
  stop(): Promise<void>;
};

/** API servers that the test started itself, and may therefore harm. */
export type OwnKube = Kube & {
  /** The folder with certificates, ports, tokens and logs. */
  readonly state: string;
  /** Installs a set of CRDs, or single files of it. */
  install(context: string, set: string, only?: RegExp): Promise<void>;
  /** Ends an API server on the spot, without a word to its clients. */
  kill(context: string): Promise<void>;
  /** Starts what does not run, on the same ports with the same data. */
  revive(): Promise<void>;
  port(context: string): Promise<number>;
};

/** Variables for the scripts, such as `KUBE_EXTRA_ARGS`. */
type Environment = Readonly<Record<string, string>>;

type Tools = Extract<KubeTools, { kind: 'found' }>;

const START_TIMEOUT_MS = 120_000;

/** Starts in a row: between the look for a free port and its use another test may take it. */
const STARTS = 3;

/** Starts etcd and one API server for each name in a state folder of their own. */
async function startKube(tools: Tools, contexts: readonly string[], environment: Environment = {}): Promise<OwnKube> {
  for (let start = 1; ; start++) {
    try {
      return await startOnce(tools, contexts, environment);
    } catch (error) {
      if (start === STARTS) throw error;
    }
  }
}

async function startOnce(tools: Tools, contexts: readonly string[], environment: Environment): Promise<OwnKube> {
  const state = await mkdtemp(join(tmpdir(), 'azimuth-kube-'));
  const kubeconfig = join(state, 'kubeconfig');
  // Below the ports that the system gives to clients.
  const base = String(randomInt(11_000, 31_000));
  const script = (name: string, args: readonly string[]) => {
    const own = { KUBEBUILDER_ASSETS: tools.assets, KUBE_STATE: state, KUBE_BASE_PORT: base };
    const env = { ...process.env, ...own, KUBECTL: join(tools.assets, 'kubectl'), ...environment };
    return run(join(tools.scripts, name), [...args], { env, timeout: START_TIMEOUT_MS });
  };
  const stop = async (): Promise<void> => {
    await script('stop-clusters.sh', [state]);
    await rm(state, { recursive: true, force: true });
  };
  try {
    await script('start-clusters.sh', contexts);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    kubeconfig,
    contexts,
    state,
    kubectl: (context, args, stdin) => kubectl(join(tools.assets, 'kubectl'), kubeconfig, context, args, stdin),
    async install(context, set, only = /./) {
      const files = await crdFiles(tools.crds, set);
      await script('install-crds.sh', [kubeconfig, context, ...files.filter((file) => only.test(file))]);
    },
    async kill(context) {
      await script('stop-clusters.sh', [state, context]);
    },
    async revive() {
      await script('start-clusters.sh', contexts);
    },
    port: async (context) => Number(await readFile(join(state, context, 'port'), 'utf8')),
    stop,
  };
}

/** What a test of real API servers runs on; `none`: it skips for a reason. */
export type KubeChoice =
  | {
      readonly kind: 'own';
      readonly start: (contexts: readonly string[], environment?: Environment) => Promise<OwnKube>;
    }
  | { readonly kind: 'given'; readonly kube: Kube }
  | { readonly kind: 'none'; readonly reason: string };

/**
 * The developer's clusters where `AZIMUTH_TEST_CONTEXTS` (names of contexts, comma separated) and `KUBECONFIG` name some,
 * else API servers that are started for the test, else none.
 */
export async function chooseKube(): Promise<KubeChoice> {
  const contexts = process.env['AZIMUTH_TEST_CONTEXTS']?.split(',').filter((name) => name !== '') ?? [];
  if (contexts.length > 0) {
    const kubeconfig = process.env['KUBECONFIG'] ?? join(homedir(), '.kube', 'config');
    return { kind: 'given', kube: givenKube(kubeconfig, contexts) };
  }
  const tools = await findKubeTools();
  if (tools.kind === 'none') return tools;
  return { kind: 'own', start: (names, environment) => startKube(tools, names, environment) };
}

/** For the name of tests that harm API servers: why they are skipped, or nothing where they run. */
export function whyNotOwn(choice: KubeChoice): string {
  if (choice.kind === 'own') return '';
  const given = 'it needs API servers of its own, not those of AZIMUTH_TEST_CONTEXTS';
  return ` (skipped: ${choice.kind === 'none' ? choice.reason : given})`;
}

/** Clusters of the developer, such as kind or k3d, that have the Gateway API CRDs. They are only used, never harmed. */
function givenKube(kubeconfig: string, contexts: readonly string[]): Kube {
  return {
    kubeconfig,
    contexts,
    kubectl: (context, args, stdin) => kubectl('kubectl', kubeconfig, context, args, stdin),
    stop: async () => {},
  };
}

function kubectl(
  program: string,
  kubeconfig: string,
  context: string,
  args: readonly string[],
  stdin = '',
): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, ['--kubeconfig', kubeconfig, '--context', context, ...args]);
    let [out, err] = ['', ''];
    child.stdout.on('data', (chunk: Buffer) => {
      out += chunk.toString();
    });
    child.stderr.on('data', (chunk: Buffer) => {
      err += chunk.toString();
    });
    child.on('error', reject);
    // One that reads nothing may be gone before nothing is written to it; its exit code tells how it went.
    child.stdin.on('error', () => {});
    child.on('close', (code) => {
      if (code === 0) resolve(out);
      else reject(new Error(`kubectl ${args.join(' ')}: ${err}`));
    });
    child.stdin.end(stdin);
  });
}
