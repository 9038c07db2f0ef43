import type { Finding } from '../../core/desired/finding.ts';
import { finding } from '../../core/desired/finding.ts';
import { asText, at } from '../../core/desired/gateway-api/untrusted.ts';
import { compareText } from '../../core/desired/order.ts';
import { quote } from '../../core/desired/quote.ts';
import type { FoundClusters } from '../../core/ports.ts';
import { type ClusterSecret, readClusterSecret, secretOrigin } from './cluster-secret.ts';
import type { LiveCluster } from './cluster-watch.ts';
import type { ClusterAccess } from './credentials.ts';
import { MAX_CLUSTER_SECRETS } from './limits.ts';

/** Clusters of Secrets, and how to watch each of them. */
export type FoundLiveClusters = FoundClusters & { readonly live: readonly LiveCluster[] };

/** What is known of the labelled Secrets. */
export type SecretBook = {
  put(value: unknown): void;
  remove(value: unknown): void;
  /** Forgets all Secrets but these: for a whole list. */
  retain(names: ReadonlySet<string>): void;
  found(): FoundLiveClusters;
  /** `full`: Secrets were left out since the last whole list. */
  state(): 'open' | 'full';
};

/** One Secret. What was last good of it stays when it no longer is. */
type Entry = {
  readonly name: string;
  readonly created: string;
  readonly good: ClusterSecret | undefined;
  readonly access: Extract<ClusterAccess, { kind: 'given' }> | undefined;
  readonly problem: string | undefined;
};

/** A book of the Secrets in one namespace. `taken` are the names of the clusters that are configured. */
export function createSecretBook(
  namespace: string,
  prefix: string,
  taken: ReadonlySet<string>,
  most = MAX_CLUSTER_SECRETS,
): SecretBook {
  const entries = new Map<string, Entry>();
  const texts = new Map<string, string>();
  let state: 'open' | 'full' = 'open';

  function noted(name: string, value: unknown): Entry {
    const before = entries.get(name);
    const created = asText(at(value, 'metadata', 'creationTimestamp')) ?? '';
    const read = readClusterSecret(value, prefix, secretOrigin(namespace, name));
    if ('problem' in read) {
      return { name, created, good: before?.good, access: before?.access, problem: read.problem };
    }
    texts.set(name, read.kubeconfig);
    const { server } = read;
    // The same object for the same server: its watches go on, with the new credentials from the next request.
    const known = before?.access?.server === server ? before.access : undefined;
    const access = known ?? { kind: 'given' as const, server, read: () => texts.get(name) ?? '' };
    return { name, created, good: read, access, problem: undefined };
  }

  function forget(name: string): void {
    entries.delete(name);
    texts.delete(name);
  }

  return {
    put(value) {
      const name = nameOf(value);
      if (name === undefined) return;
      if (entries.size >= most && !entries.has(name)) state = 'full';
      else entries.set(name, noted(name, value));
    },
    remove(value) {
      forget(nameOf(value) ?? '');
    },
    retain(names) {
      state = 'open';
      for (const name of entries.keys()) if (!names.has(name)) forget(name);
    },
    found() {
      const findings: Finding[] = [];
      const owners = new Map<string, Entry>();
      for (const entry of [...entries.values()].toSorted(eldestFirst)) {
        const problem = entry.problem ?? objection(entry, taken, owners);
        if (problem !== undefined) findings.push(refused(namespace, entry.name, problem));
        const name = entry.good?.spec.name;
        if (name !== undefined && !owners.has(name) && !taken.has(name)) owners.set(name, entry);
      }
      if (state === 'full') findings.push(refused(namespace, '', `there are over ${most}; the rest is left out`));
      const clusters = [...owners.values()].flatMap(({ good }) => good?.spec ?? []);
      const live = [...owners.values()].flatMap(({ good, access }) => {
        return good === undefined || access === undefined ? [] : [{ ...good.watch, access }];
      });
      return { membership: 'known', clusters, findings, live };
    },
    state: () => state,
  };
}

function objection(
  { good }: Entry,
  taken: ReadonlySet<string>,
  owners: ReadonlyMap<string, Entry>,
): string | undefined {
  const name = good?.spec.name;
  if (name === undefined) return undefined;
  if (taken.has(name)) return `the configuration has a cluster ${name}`;
  const owner = owners.get(name);
  return owner && `Secret ${quote(owner.name)}, which is older, is the cluster ${name}`;
}

function refused(namespace: string, name: string, problem: string): Finding {
  const advice = 'See docs/kubernetes.md, "Clusters from Secrets".';
  return finding('cluster-secret-invalid', secretOrigin(namespace, name || '*'), `Not used: ${problem}.`, advice);
}

/** All directors agree on it, whenever they came. */
function eldestFirst(a: Entry, b: Entry): number {
  return compareText(a.created, b.created) || compareText(a.name, b.name);
}

/** The name of a Secret; undefined for what Kubernetes would not let be called so. */
export function nameOf(value: unknown): string | undefined {
  const name = asText(at(value, 'metadata', 'name')) ?? '';
  return /^[a-z0-9][a-z0-9.-]{0,252}$/.test(name) ? name : undefined;
}
