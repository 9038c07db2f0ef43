import { type Finding, finding } from '../core/desired/finding.ts';
import type { Picture } from '../core/desired/picture.ts';
import type { Clock, FoundClusters, PictureStore, Source, ViewAge, ViewOrigin } from '../core/ports.ts';

/** How long a source may take for its first view of a cluster before the saved one is used, in ms. */
const STORED_AFTER_MS = 3000;

/** What a keeper keeps pictures of, and where. */
export type PictureKeeperOptions = {
  readonly source: Source;
  readonly store: PictureStore;
  readonly clock: Clock;
  /** The declared ones; those that the source finds come on top. */
  readonly clusters: readonly string[];
  /** Those whose source reads from disk, too: what was saved of them comes no sooner, only in the place of nothing. */
  readonly local: ReadonlySet<string>;
  /** Told all findings that stand, whenever one comes or goes. */
  readonly onFindings: (findings: readonly Finding[]) => void;
};

/** A source whose pictures survive a restart, and which tells how old its views are. */
export type PictureKeeper = Source & {
  /** Names who is told of the clusters that the source finds, before the start. */
  found(tell: (found: FoundClusters) => void): void;
  ages(): readonly ViewAge[];
};

/** How we see one cluster. */
type Sight = {
  readonly cluster: string;
  origin: ViewOrigin;
  asOf: number | undefined;
  /** The saved picture, while it is in use. */
  stored: Picture | undefined;
  store: 'unread' | 'read';
  /** What the source says of why it gives no view. */
  excuses: readonly Finding[];
};

/**
 * Puts the saved picture of a cluster in the place of one that its source cannot give at the start, until it does. `start`
 * resolves when every cluster has a picture, from wherever, or when it is settled that it has none. Once the source has
 * given a view of a cluster, all that it says of it counts.
 */
export function createPictureKeeper(options: PictureKeeperOptions): PictureKeeper {
  const { source, store, clock, onFindings } = options;
  const sights = new Map(options.clusters.map((cluster) => [cluster, unseen(cluster)]));
  const allSeen = Promise.withResolvers<void>();
  let sink = (_picture: Picture): void => {};
  let state: 'open' | 'closed' = 'open';
  /** `awaited`: the source has yet to say which clusters there are beside the declared ones. */
  let membership: 'known' | 'awaited' = source.found === undefined ? 'known' : 'awaited';
  let reading: Promise<void> = Promise.resolve();

  function see(sight: Sight, origin: ViewOrigin, asOf: number, stored?: Picture): void {
    const before = sight.origin;
    Object.assign(sight, { origin, asOf, stored });
    if (origin === 'store' || before === 'store') onFindings([...sights.values()].flatMap(fromStore));
    resolveSeen();
  }

  function resolveSeen(): void {
    if (membership === 'known' && [...sights.values()].every(isSeen)) allSeen.resolve();
  }

  /** A cluster that is gone takes its sight along, not what was saved of it: it may come back. */
  function meet({ clusters }: FoundClusters): void {
    membership = 'known';
    const names = new Set([...options.clusters, ...clusters.map(({ name }) => name)]);
    const gone = [...sights.values()].filter(({ cluster }) => !names.has(cluster));
    for (const { cluster } of gone) sights.delete(cluster);
    for (const name of names) if (!sights.has(name)) sights.set(name, unseen(name));
    if (gone.some(({ origin }) => origin === 'store')) onFindings([...sights.values()].flatMap(fromStore));
    resolveSeen();
  }

  function take(picture: Picture): void {
    if (state === 'closed') return;
    const sight = sights.get(picture.cluster);
    if (sight === undefined) return;
    if (sight.origin !== 'source' && isExcuse(picture)) {
      sight.excuses = picture.findings;
      sink(sight.stored === undefined ? picture : Object.freeze({ ...sight.stored, findings: picture.findings }));
      readStored(sight);
      return;
    }
    store.save(picture);
    sink(picture);
    see(sight, 'source', clock.now());
  }

  /** One file after the other: reading a large one takes memory. */
  function readStored(sight: Sight): void {
    if (sight.store === 'read') return;
    sight.store = 'read';
    reading = readAfter(reading, sight);
  }

  async function readAfter(before: Promise<void>, sight: Sight): Promise<void> {
    await before;
    if (isSettled(sight)) return;
    const found = await store.load(sight.cluster);
    // The source may have been faster.
    if (found === undefined || isSettled(sight) || sights.get(sight.cluster) !== sight) return;
    sink(Object.freeze({ ...found.picture, findings: sight.excuses }));
    see(sight, 'store', found.savedAt, found.picture);
  }

  const isSettled = (sight: Sight): boolean => isSeen(sight) || state === 'closed';

  function readAllStored(which: 'remote' | 'all'): Promise<void> {
    for (const sight of sights.values()) {
      if (!isSeen(sight) && (which === 'all' || !options.local.has(sight.cluster))) readStored(sight);
    }
    return reading;
  }

  async function startSource(): Promise<void> {
    try {
      await source.start(take);
    } finally {
      await readAllStored('all');
    }
  }

  return {
    async start(to) {
      sink = to;
      const cancel = clock.after(STORED_AFTER_MS, () => void readAllStored('remote'));
      try {
        await Promise.race([startSource(), allSeen.promise]);
      } finally {
        cancel();
      }
    },
    found(tell) {
      source.found?.((found) => {
        if (state === 'closed') return;
        // Whoever is told knows the clusters before a picture of them comes.
        tell(found);
        meet(found);
      });
    },
    ages() {
      const heard = new Map(source.views?.().map(({ cluster, lastHeardAt }) => [cluster, lastHeardAt]));
      return [...sights.values()].map(({ cluster, origin, asOf }) => {
        return { cluster, origin, asOf: origin === 'source' ? (heard.get(cluster) ?? asOf) : asOf };
      });
    },
    async close() {
      state = 'closed';
      allSeen.resolve();
      await source.close();
      await store.close();
    },
  };
}

function unseen(cluster: string): Sight {
  return { cluster, origin: 'none', asOf: undefined, stored: undefined, store: 'unread', excuses: [] };
}

function isSeen({ origin }: Sight): boolean {
  return origin !== 'none';
}

/** No object at all, and an error that says why: that is no view of an empty cluster. */
function isExcuse({ objects, findings }: Picture): boolean {
  return objects.length === 0 && findings.some(({ severity }) => severity === 'error');
}

function fromStore({ cluster, origin, asOf }: Sight): readonly Finding[] {
  if (origin !== 'store' || asOf === undefined) return [];
  const message = `The view of cluster ${cluster} is the one saved at ${new Date(asOf).toISOString()}: its source gives none.`;
  const suggestion =
    'Its hostnames are answered by it, and health decides. It is replaced when the source gives a view.';
  return [finding('picture-from-store', { file: `cluster ${cluster}` }, message, suggestion)];
}
