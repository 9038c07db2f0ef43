import type { Claim, Front } from '../claim.ts';
import type { Listener } from './listeners.ts';
import type { Objection } from './objections.ts';
import type { Gateway, ListenerSet } from './objects.ts';
import type { Route } from './routes.ts';

/** A listener, and how many attachments it has now: all of them, and those with a hostname. */
export type Opening = {
  readonly listener: Listener;
  readonly holder: Holder;
  /** What is claimed on it, by the kind of the Route. */
  readonly claims: Map<Route['kind'] | 'none', Claim>;
  /** What speaks against it and against its holder. */
  readonly objections: readonly Objection[];
  /** Hostnames of all listeners that share its port on its Gateway; undefined where it has no rival there. */
  rivals: ReadonlySet<string> | undefined;
  attached: number;
  named: number;
  /** A listener with a hostname and no Route serves its hostname by itself. */
  serves: 'routes' | 'itself';
};

/** The object that holds listeners, and the Gateway that serves them. */
export type Holder = {
  readonly object: Gateway | ListenerSet;
  readonly gateway: Gateway;
  readonly front: Front;
  readonly openings: readonly Opening[];
  /** Whether a listener selects namespaces by their labels. */
  readonly isSelective: boolean;
  /** The openings for a kind of Route from a namespace, once they were asked for. */
  readonly admitted: Map<string, Map<string, readonly Opening[]>>;
};
