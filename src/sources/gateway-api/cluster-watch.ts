import { setMaxListeners } from 'node:events';
import { liveOrigin } from '../../core/desired/live-origin.ts';
import type { Picture } from '../../core/desired/picture.ts';
import type { Clock, ClusterView } from '../../core/ports.ts';
import { createBundle } from './bundle.ts';
import { type ClusterPen, createClusterPen } from './cluster-pen.ts';
import { createConnection } from './connection.ts';
import { type ClusterAccess, createCredentials } from './credentials.ts';
import { createDiscovery } from './discovery.ts';
import { createConnections } from './dispatcher.ts';
import { WATCHED_KINDS } from './kinds.ts';
import { FIRST_PICTURE_MS, MAX_CLUSTER_OBJECTS, MAX_SPARE_CONNECTIONS } from './limits.ts';
import { createNodeRegions } from './node-regions.ts';
import { createPictureDesk } from './picture-desk.ts';
import { createReflector, type Reflector } from './reflector.ts';
import { questionFor, type Scope } from './scopes.ts';
import { clusterView } from './views.ts';

/** A cluster to watch. */
export type LiveCluster = Scope & {
  readonly cluster: string;
  readonly access: ClusterAccess;
  /** Classes of the Gateways that count; undefined for all. */
  readonly gatewayClasses: readonly string[] | undefined;
  /** `read`: where the cluster is, is asked of its nodes. */
  readonly nodes?: 'read';
};

/** What one cluster's watch needs. */
export type ClusterWatchOptions = {
  readonly clock: Clock;
  /** From [0, 1). */
  readonly jitter: () => number;
  /** Default `MAX_CLUSTER_OBJECTS`. */
  readonly maxObjects?: number;
  /** Default `FIRST_PICTURE_MS`. */
  readonly firstPictureMs?: number;
  /** The annotation in which directors write what they make of an object. */
  readonly statusKey?: string;
};

/** One cluster, watched. */
export type ClusterWatch = {
  /** Resolves with the first picture handed over, which is one with findings only where the cluster gives none in time. */
  start(sink: (picture: Picture) => void): Promise<void>;
  view(): ClusterView;
  /** Writes only when it is asked to. */
  readonly pen: ClusterPen;
  close(): Promise<void>;
};

/** Watches all kinds of one cluster and hands over whole pictures once each kind is known. */
export function createClusterWatch(live: LiveCluster, options: ClusterWatchOptions): ClusterWatch {
  const { clock, jitter } = options;
  const { cluster, gatewayClasses } = live;
  const origin = liveOrigin(cluster);
  const closing = new AbortController();
  // Every request listens to it.
  setMaxListeners(0, closing.signal);
  const namespaces = live.namespaces.length === 0 ? [''] : live.namespaces;
  const connections = createConnections(WATCHED_KINDS.length * namespaces.length + MAX_SPARE_CONNECTIONS);
  const connection = createConnection(createCredentials(live.access), connections, clock);
  const discovery = createDiscovery(connection, clock, closing.signal);
  const room = { left: options.maxObjects ?? MAX_CLUSTER_OBJECTS };
  const first = Promise.withResolvers<void>();
  let sink: (picture: Picture) => void = () => {};
  let running: Promise<unknown> = Promise.resolve();

  const onPicture = (picture: Picture): void => {
    first.resolve();
    sink(picture);
  };
  const onChange = (what: 'objects' | 'view'): void => desk.changed(what);
  const nodes =
    live.nodes === undefined
      ? undefined
      : createNodeRegions({ connection, clock, jitter, origin, onChange: () => onChange('view') });
  const bundle = createBundle({ connection, clock, jitter, onChange: () => onChange('view') });
  const desk = createPictureDesk({ cluster, origin, clock, nodes, bundle, reflectors: () => reflectors, onPicture });
  const translation = { origin, gatewayClasses, statusKey: options.statusKey };
  const reflectors: readonly Reflector[] = WATCHED_KINDS.flatMap((kind) =>
    namespaces.map((namespace) => {
      const question = (version: string) => questionFor(live, kind, namespace, version);
      const place = { connection, discovery, clock, jitter, room, translation };
      return createReflector({ ...place, kind, namespace, question, onChange });
    }),
  );

  return {
    pen: createClusterPen({ connection, signal: closing.signal, statusKey: options.statusKey, reflectors }),
    async start(to) {
      if (closing.signal.aborted) return;
      sink = to;
      const runners = [...reflectors, bundle, ...(nodes === undefined ? [] : [nodes])];
      running = Promise.all(runners.map((one) => one.run(closing.signal)));
      const giveUp = clock.after(options.firstPictureMs ?? FIRST_PICTURE_MS, () => desk.apologize());
      await first.promise;
      giveUp();
    },
    view: () =>
      clusterView(
        cluster,
        reflectors.map((reflector) => reflector.view()),
      ),
    async close() {
      closing.abort();
      desk.close();
      first.resolve();
      await connection.close();
      await running;
    },
  };
}
