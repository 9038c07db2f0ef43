import type { Finding } from '../core/desired/finding.ts';
import type { Picture } from '../core/desired/picture.ts';
import type { Clock, FoundClusters, PictureStore, Source, ViewAge } from '../core/ports.ts';
import { createSights, isSeen, type Sight } from './sights.ts';

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

/**
 * Puts the saved picture of a cluster in the place of one that its source cannot give at the start, until it does. `start`
 * resolves when every cluster has a picture, from wherever, or when it is settled that it has none. Once the source has
 * given a view of a cluster, all that it says of it counts.
 */
export function createPictureKeeper(options: PictureKeeperOptions): PictureKeeper {
  const { source, store, clock, onFindings } = options;
  const allSeen = Promise.withResolvers<void>();
  const sights = createSights({
    clusters: options.clusters,
    membership: source.found === undefined ? 'known' : 'awaited',
    onFindings,
    onAllSeen: () => allSeen.resolve(),
  });
  let sink = (_picture: Picture): void => {};
  let state: 'open' | 'closed' = 'open';
  let reading: Promise<void> = Promise.resolve();

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
    sights.see(sight, 'source', clock.now());
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
    sights.see(sight, 'store', found.savedAt, found.picture);
  }

  const isSettled = (sight: Sight): boolean => isSeen(sight) || state === 'closed';

  function readAllStored(which: 'remote' | 'all'): Promise<void> {
    for (const sight of sights.all()) {
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
        sights.meet(found);
      });
    },
    ages: () => agesOf(sights.all(), source),
    async close() {
      state = 'closed';
      allSeen.resolve();
      await source.close();
      await store.close();
    },
  };
}

function agesOf(sights: readonly Sight[], source: Source): readonly ViewAge[] {
  const heard = new Map(source.views?.().map(({ cluster, lastHeardAt }) => [cluster, lastHeardAt]));
  return sights.map(({ cluster, origin, asOf }) => {
    return { cluster, origin, asOf: origin === 'source' ? (heard.get(cluster) ?? asOf) : asOf };
  });
}

/** No object at all, and an error that says why: that is no view of an empty cluster. */
function isExcuse({ objects, findings }: Picture): boolean {
  return objects.length === 0 && findings.some(({ severity }) => severity === 'error');
}
