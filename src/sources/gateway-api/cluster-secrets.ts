import { isDeepStrictEqual } from 'node:util';
import { type Finding, finding } from '../../core/desired/finding.ts';
import type { Clock } from '../../core/ports.ts';
import { ApiError, apiErrorOf } from './api-error.ts';
import { createBackOff } from './back-off.ts';
import { createConnection } from './connection.ts';
import { type ClusterAccess, createCredentials } from './credentials.ts';
import { createConnections } from './dispatcher.ts';
import {
  COALESCE_MS,
  FIRST_SECRETS_MS,
  MAX_SPARE_CONNECTIONS,
  MIN_CLUSTERS_INTERVAL_MS,
  SHORT_WATCH_MS,
} from './limits.ts';
import { listAll } from './list.ts';
import { createSecretBook, type FoundLiveClusters, nameOf, type SecretBook } from './secret-book.ts';
import { followWatch, type WatchEvent } from './watch-stream.ts';

/** Where clusters are found. */
export type ClusterSecretsOptions = {
  readonly access: ClusterAccess;
  readonly namespace: string;
  /** A label selector in Kubernetes' notation. */
  readonly selector: string;
  /** Prefix of our annotations, with its slash. */
  readonly prefix: string;
  /** Names that are not to be had: those of the configured clusters. */
  readonly taken: readonly string[];
  readonly clock: Clock;
  /** From [0, 1). Default `Math.random`. */
  readonly jitter?: () => number;
  /** Default `FIRST_SECRETS_MS`. */
  readonly firstListMs?: number;
};

/** Clusters by labelled Secrets. */
export type ClusterSecrets = {
  /**
   * Tells of the clusters whenever they, or what is wrong with Secrets, are others. Resolves when it told of the first
   * list, or why there is none yet. An API server that is gone changes nothing.
   */
  start(tell: (found: FoundLiveClusters) => void): Promise<void>;
  close(): Promise<void>;
};

/** Lists and watches the labelled Secrets of one namespace. A list that fails is tried again; what was known stands. */
export function createClusterSecrets(options: ClusterSecretsOptions): ClusterSecrets {
  const { access, namespace, clock } = options;
  const jitter = options.jitter ?? Math.random;
  const closing = new AbortController();
  const { signal } = closing;
  const connection = createConnection(createCredentials(access), createConnections(1 + MAX_SPARE_CONNECTIONS), clock);
  const backOff = createBackOff({ clock, jitter, connection });
  const book = createSecretBook(namespace, options.prefix, new Set(options.taken));
  const teller = createTeller(book, clock);
  const path = `/api/v1/namespaces/${namespace}/secrets`;
  const question = { path, query: { labelSelector: options.selector } };
  const first = Promise.withResolvers<void>();
  let running: Promise<void> = Promise.resolve();

  function onEvent(event: WatchEvent): void {
    backOff.reset();
    if (event.kind === 'bookmark') return;
    const wasFull = book.state() === 'full';
    if (event.kind === 'put') book.put(event.value);
    else book.remove(event.value);
    teller.soon();
    // There is room for one that was left out: a new list has it.
    if (event.kind === 'delete' && wasFull) throw new ApiError('expired', 'Secrets were left out');
  }

  /** From a new list to the end of its watch. */
  async function turn(): Promise<void> {
    const gathered = createGathering(book);
    const version = await listAll(connection, question, signal, gathered.add);
    gathered.done();
    teller.listed();
    first.resolve();
    const begun = clock.now();
    await followWatch({ connection, clock, jitter, question, version, onOpen: () => {}, onEvent }, signal);
    if (clock.now() - begun < SHORT_WATCH_MS) throw new ApiError('unreachable', 'the watch was ended at once');
    backOff.reset();
  }

  async function run(): Promise<void> {
    while (!signal.aborted) {
      const failed = await turn().then(() => undefined, apiErrorOf);
      if (signal.aborted || failed === undefined) continue;
      teller.failed(failed);
      await backOff.rest(failed.failure, signal);
    }
  }

  return {
    async start(tell) {
      teller.open(tell);
      running = run();
      const giveUp = clock.after(options.firstListMs ?? FIRST_SECRETS_MS, () => {
        teller.now();
        first.resolve();
      });
      await first.promise;
      giveUp();
    },
    async close() {
      closing.abort();
      teller.close();
      first.resolve();
      await connection.close();
      await running;
    },
  };
}

/** Tells what the book has found, when it is something new. */
function createTeller(book: SecretBook, clock: Clock) {
  let tell: ((found: FoundLiveClusters) => void) | undefined;
  let told: FoundLiveClusters | undefined;
  let trouble: readonly Finding[] = [];
  let membership: FoundLiveClusters['membership'] = 'unknown';
  let cancel: (() => void) | undefined;
  let toldAt = Number.NEGATIVE_INFINITY;

  const now = (): void => {
    cancel?.();
    cancel = undefined;
    const { findings, ...rest } = book.found();
    const found = { ...rest, membership, findings: [...findings, ...trouble] };
    if (isDeepStrictEqual(found, told)) return;
    told = found;
    toldAt = clock.now();
    tell?.(found);
  };

  return {
    now,
    open(to: (found: FoundLiveClusters) => void): void {
      tell = to;
    },
    /** Changes that come together are told together. */
    soon(): void {
      const wait = Math.max(COALESCE_MS, toldAt + MIN_CLUSTERS_INTERVAL_MS - clock.now());
      // The wall clock may have been set back.
      cancel ??= clock.after(Math.min(wait, MIN_CLUSTERS_INTERVAL_MS), now);
    },
    listed(): void {
      membership = 'known';
      trouble = [];
      now();
    },
    /** Before the first list nobody knows that there are no clusters, and only who waits no longer is told so. */
    failed(error: ApiError): void {
      trouble = troubleOf(error, membership);
      if (told !== undefined) now();
    },
    close(): void {
      tell = undefined;
      cancel?.();
    },
  };
}

/** A whole list: only when it was read to its end is what it lacks gone. */
function createGathering(book: SecretBook): { readonly add: (value: unknown) => void; readonly done: () => void } {
  const values = new Map<string, unknown>();
  return {
    add(value) {
      const name = nameOf(value);
      if (name !== undefined) values.set(name, value);
    },
    done() {
      book.retain(new Set(values.keys()));
      for (const value of values.values()) book.put(value);
    },
  };
}

/** A server that was lost again is no finding: what was known stands. */
function troubleOf({ failure, message }: ApiError, membership: FoundLiveClusters['membership']): readonly Finding[] {
  const origin = { file: 'cluster-secrets' };
  if (failure === 'forbidden' || failure === 'unauthorized') {
    const advice = 'Grant what deploy/kubernetes/rbac-cluster-secrets.yaml does. It is tried again.';
    return [finding('cluster-kind-forbidden', origin, `Secrets with clusters cannot be read: ${message}.`, advice)];
  }
  if (membership === 'known') return [];
  const words = `Which clusters there are by Secrets is not known yet: ${message}.`;
  return [finding('cluster-unreachable', origin, words, 'It is tried again and again; those found last are in use.')];
}
