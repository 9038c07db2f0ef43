import type { Unready } from '../model.ts';
import type { BackingBook, Problem, Referrer } from './backing-book.ts';
import type { Unmet } from './conditions.ts';
import type { Listener } from './listeners.ts';
import { type Asker, groupOf, idOf } from './metadata.ts';
import type { Gateway, ListenerSet } from './objects.ts';
import type { ParentRef, Route } from './routes.ts';

/** Something that speaks against answering with an object. */
export type Objection = {
  /** The condition, and a whole sentence without its full stop. */
  readonly says: Unready;
  /** `noted`: worth knowing, but nothing to go by. `stale`: said of an older generation, and nothing to go by either. */
  readonly weight: 'counts' | 'noted' | 'stale';
  /** The object at which it is. */
  readonly at: Asker;
};

/** Nothing speaks against most objects. */
const NO_OBJECTIONS: readonly Objection[] = Object.freeze([]);

/** What speaks against a Gateway, a ListenerSet or both, as wholes. */
export function againstHolder(object: Gateway | ListenerSet, gateway: Gateway): readonly Objection[] {
  const own = fromConditions(object, '', object.unmet);
  return object === gateway ? own : joined(own, fromConditions(gateway, '', gateway.unmet));
}

/** What speaks against one listener. */
export function againstListener(
  object: Gateway | ListenerSet,
  listener: Listener,
  backing: BackingBook,
): readonly Objection[] {
  const said = fromConditions(object, ` listener ${listener.name}`, listener.unmet);
  if (listener.borrowed === undefined) return said;
  const referrer = referrerOf(object);
  const problems = listener.borrowed.flatMap((one) => backing.problemOf(one, referrer) ?? []);
  return joined(said, fromProblems(object, problems, 'counts'));
}

/** What speaks against one attachment of a Route. */
export function againstAttachment(route: Route, parent: ParentRef): readonly Objection[] {
  return fromConditions(route, ` at ${parent.kind} ${idOf(parent)}`, parent.unmet);
}

/** What speaks against a Route wherever it is attached: it counts only where none of its backends is of use. */
export function againstBackends(route: Route, backing: BackingBook): readonly Objection[] {
  if (route.backends === undefined) return NO_OBJECTIONS;
  const referrer = referrerOf(route);
  const problems = route.backends.flatMap((one) => backing.problemOf(one, referrer) ?? []);
  return fromProblems(route, problems, problems.length === route.backends.length ? 'counts' : 'noted');
}

function referrerOf({ kind, namespace }: Asker): Referrer {
  return { group: groupOf(kind) ?? '', kind, namespace };
}

function fromConditions(at: Asker, part: string, unmet: readonly Unmet[] | undefined): readonly Objection[] {
  if (unmet === undefined) return NO_OBJECTIONS;
  return unmet.map(({ type, state, reason }) => ({
    says: Object.freeze({ condition: type, reason: `${at.kind} ${idOf(at)}${part}: ${type} is ${reason}` }),
    weight: state === 'stale' ? 'stale' : 'counts',
    at,
  }));
}

function fromProblems(at: Asker, problems: readonly Problem[], weight: Objection['weight']): readonly Objection[] {
  return problems.map(({ condition, reason }) => ({
    says: Object.freeze({ condition, reason: `${at.kind} ${idOf(at)}: ${reason}` }),
    weight,
    at,
  }));
}

function joined(a: readonly Objection[], b: readonly Objection[]): readonly Objection[] {
  if (a.length === 0) return b;
  return b.length === 0 ? a : [...a, ...b];
}
